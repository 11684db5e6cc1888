"""Taking a tag apart: the words before the version, its numbers, and what stands behind them. Linear in the tag's length."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from headrace.upstream.versions_marks import Mark, hex_run, is_number, is_word, read_marks
from headrace.upstream.versions_prefix import Prefix
from headrace.upstream.versions_words import COMMIT, DRESSING, SENSES, VENDOR_PREFIXES, Sense, sense_of

LONGEST = 200
"""A longer tag is no version; it is reported as unreadable instead of being taken apart."""

_TOKEN = re.compile(r"[0-9]+|[A-Za-z]+|[^A-Za-z0-9]+")
_SAFE_DIGITS = 18
_EPOCH = re.compile(r"^[vV]?[0-9]{1,3}[!:](?=[0-9])")
"""An epoch before the version (1!2.0, 2:1.4): it belongs to an order that is not ours."""
_RESTART = frozenset({"v", "ver", "version"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A tag taken apart.

    `product` holds the words before the version that name something (lower case, the project's own name and mere dressing
    removed): an empty tuple is the project itself. `numbers` are the release's numbers as they are written.
    """

    tag: str
    product: tuple[str, ...]
    before: tuple[Sense, ...]
    numbers: tuple[str, ...]
    integers: tuple[int, ...]
    """The same as `numbers`; one of more than 18 digits counts as the largest that has 18."""
    joint: str
    """The separator between the first two numbers, "" when there is one number only."""
    mixed: str
    """The release's numbers with their separators as written."""
    marks: tuple[Mark, ...] = ()
    configured: bool = False
    """The tag starts with the prefix that the package's metadata names."""
    named: str = ""
    """Which of the project's names (squeezed) stands before the version, "" when none does."""
    is_part: bool = False
    """More words follow the project's name: it is a part of the project, or something built on it."""

    def has(self, *senses: Sense) -> bool:
        """Whether any mark behind the version has one of the senses."""
        return any(mark.sense in senses for mark in self.marks)

    @property
    def is_early(self) -> bool:
        """Whether the tag itself says that it is a pre-release or a snapshot."""
        early = (Sense.PRE, Sense.SNAPSHOT)
        return self.has(*early) or any(sense in early for sense in self.before)


def squeeze(text: str) -> str:
    """`text` in lower case with nothing but letters and digits, as names are compared."""
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())


def read(tag: str, names: Collection[str] = (), prefix: Prefix | None = None) -> Reading | None:
    """Take `tag` apart; None when it holds no version.

    `names` are the squeezed names under which the project is known, `prefix` is what its metadata says about its tags.
    """
    text = _EPOCH.sub("", tag.strip().removeprefix("refs/tags/").removesuffix("^{}"))
    if not text or len(text) > LONGEST or _is_commit(text):
        return None
    length = prefix.match(text) if prefix else 0
    configured = length > 0
    if configured and not re.match(r"[-_./@]?[vV]?[0-9]", text[length:]):
        length, configured = 0, False
    tokens = _TOKEN.findall(text)
    _mend_zeros(tokens)
    own = _own_length(tokens, names)
    if configured:
        start = _token_at(tokens, length)
        while start < len(tokens) and not tokens[start][0].isdigit():
            start += 1
    else:
        start = _start(tokens, own)
    if start >= len(tokens) or not is_number(tokens[start]) or _is_commit(hex_run(tokens, start)):
        return None
    skipped = _token_at(tokens, prefix.skipped(text)) if prefix and configured else 0
    front = _front(tokens[skipped:start], names)
    return _body(tag, tokens[start:], front, _letter(tokens, start), configured=configured)


def _letter(tokens: list[str], start: int) -> str:
    """The capital letter and the point before the numbers that some projects count with (B.02.19), "" without."""
    if start < 2 or tokens[start - 1] != "." or not tokens[start - 2].isupper() or tokens[start - 2] in ("V", "R"):
        return ""
    alone = len(tokens[start - 2]) == 1 and (start == 2 or tokens[start - 3] in {"-", "_", "/"})
    return tokens[start - 2] + "." if alone else ""


def _mend_zeros(tokens: list[str]) -> None:
    """A lone letter O between separators is a mistyped zero (`PROJECT_O_4_91`)."""
    for index in range(1, len(tokens) - 2):
        if (
            tokens[index] in ("O", "o")
            and tokens[index - 1] in "-_."
            and tokens[index + 1] in "-_."
            and is_number(tokens[index + 2])
        ):
            tokens[index] = "0"


def _is_commit(run: str) -> bool:
    """Whether a run of letters and digits is a commit id rather than a date with a letter."""
    return COMMIT.fullmatch(run) is not None and not run[:-1].isdigit()


def _token_at(tokens: list[str], length: int) -> int:
    """The index of the first token that starts at or behind `length` characters."""
    seen = 0
    for index, token in enumerate(tokens):
        if seen >= length:
            return index
        seen += len(token)
    return len(tokens)


def _own_length(tokens: list[str], names: Collection[str], start: int = 0) -> int:
    """How many tokens from `start` on spell one of the project's names (the longest one); the end of it is an edge."""
    best, spelled = start, ""
    for index in range(start, len(tokens)):
        token = tokens[index]
        if not (is_number(token) or is_word(token)):
            continue
        if is_number(token) and spelled and not is_word(tokens[index - 1]):
            break
        spelled += token.lower()
        if len(spelled) > 64:
            break
        if _is_edge(tokens, index) and spelled in names and any(is_number(rest) for rest in tokens[index + 1 :]):
            best = index + 1
    return best


def _is_edge(tokens: list[str], index: int) -> bool:
    """Whether a name can end with the token at `index`: not in the middle of numbers, of letters, or of both (jdk8u|265)."""
    token = tokens[index]
    ahead = tokens[index + 1] if index + 1 < len(tokens) else "-"
    if is_number(token):
        return not ahead.startswith(".")
    glued = is_number(ahead) and index > 0 and is_number(tokens[index - 1])
    return not is_word(ahead) and not glued


def _start(tokens: list[str], own: int) -> int:
    """The index of the number with which the version begins: behind the last word that names something."""
    start = own
    first = next((index for index in range(own, len(tokens)) if is_number(tokens[index])), len(tokens))
    if _is_day(tokens[first : first + 5]):
        return first
    if own and is_word(tokens[own - 1]) and own + 1 < len(tokens) and is_word(tokens[own + 1]):
        start = max(start, _named_with_digit(tokens, own - 1))
    index = own
    while index < len(tokens):
        if is_word(tokens[index]):
            start = max(start, _begins_anew(tokens, index, own))
        index += 1
    while start < len(tokens) and not is_number(tokens[start]):
        start += 1
    return start


def _is_day(tokens: list[str]) -> bool:
    """Whether five tokens write a day, year first: whatever follows it is talk."""
    if len(tokens) < 5 or len(tokens[0]) != 4 or tokens[0][:2] not in ("19", "20") or tokens[1] != tokens[3]:
        return False
    return tokens[1] in {"-", ".", "_"} and all(is_number(t) and len(t) == 2 for t in (tokens[2], tokens[4]))


def _begins_anew(tokens: list[str], index: int, own: int) -> int:
    """Where the version can begin at the earliest when the word at `index` names something; 0 when it does not."""
    word = tokens[index].lower()
    behind = tokens[index - 1] if index > own else ""
    if not behind or not any(is_number(token) for token in tokens[own:index]):
        return _named_with_digit(tokens, index)
    if is_number(behind) or behind.endswith((".", "+", "~")):
        return 0
    if not any(is_number(token) for token in tokens[index + 1 :]):
        return 0
    ahead = tokens[index + 1]
    if word in _RESTART:
        return index + 1 if is_number(ahead) or ahead in {".", "-", "_"} else 0
    if len(word) == 1 or sense_of(word) is not Sense.UNKNOWN:
        return 0
    return 0 if COMMIT.fullmatch(hex_run(tokens, index)) else index + 1


def _named_with_digit(tokens: list[str], index: int) -> int:
    """The index behind a name with digits glued to it (`raptor2_2_0_15`, `log4j-2.13.3`, `SPI2_ATK`), 0 when it is none."""
    word = tokens[index].lower()
    digits = tokens[index + 1] if index + 1 < len(tokens) and is_number(tokens[index + 1]) else ""
    if digits and word in VENDOR_PREFIXES and tokens[index + 2 : index + 3] in (["-"], ["_"], ["/"]):
        return index + 2
    if not 0 < len(digits) <= 3 or len(word) + len(digits) < 3 or word in DRESSING or word in SENSES:
        return 0
    end = index + 2
    if end < len(tokens) and is_word(tokens[end]) and len(tokens[end]) <= 2:
        end += 1
    rest = tokens[end:]
    numbers = sum(1 for token in rest if is_number(token))
    if rest and rest[0][0] in "-_/" and numbers >= 2 and (len(rest) > 1 and is_number(rest[1])):
        return end
    return 0


@dataclass(frozen=True, slots=True)
class _Front:
    """What stands before the version."""

    product: tuple[str, ...]
    before: tuple[Sense, ...]
    named: str
    is_part: bool


def _front(tokens: list[str], names: Collection[str]) -> _Front:
    words: list[str] = []
    before: list[Sense] = []
    named, is_part = "", False
    index = 0
    while index < len(tokens):
        own = _named(tokens, index, names)
        if own:
            named = squeeze("".join(tokens[index : index + own]))
            index += own
            continue
        token = tokens[index].lower()
        index += 1
        if not is_word(token) or len(token) == 1 or token in DRESSING:
            continue
        if token not in VENDOR_PREFIXES and SENSES.get(token) in (Sense.PRE, Sense.SNAPSHOT, Sense.WITHDRAWN):
            before.append(SENSES[token])
        else:
            words.append(token)
            is_part = is_part or bool(named)
    return _Front(tuple(words), tuple(before), named, is_part)


def _named(tokens: list[str], index: int, names: Collection[str]) -> int:
    """How many tokens from `index` on spell one of the project's names, 0 when none do."""
    best, spelled = 0, ""
    for offset, token in enumerate(tokens[index:]):
        if not (is_number(token) or is_word(token)):
            continue
        spelled += token.lower()
        if len(spelled) > 64:
            break
        if spelled in names:
            best = offset + 1
    return best


def _body(tag: str, tokens: list[str], front: _Front, letter: str, *, configured: bool) -> Reading:
    numbers, index = [tokens[0]], 1
    joint, mixed = "", letter + tokens[0]
    while index + 1 < len(tokens) and is_number(tokens[index + 1]) and _joins(tokens[index], joint):
        joint = joint or tokens[index][0]
        numbers.append(tokens[index + 1])
        mixed += tokens[index] + tokens[index + 1]
        index += 2
    marks = read_marks(tokens[index:])
    integers = tuple(int(number) if len(number) <= _SAFE_DIGITS else 10**_SAFE_DIGITS - 1 for number in numbers)
    return Reading(
        tag,
        front.product,
        front.before,
        tuple(numbers),
        integers,
        joint,
        mixed,
        marks,
        configured,
        front.named,
        front.is_part,
    )


def _joins(separator: str, joint: str) -> bool:
    """Whether a number behind `separator` still belongs to the release: a dash only does when the first one was a dash."""
    if separator in {".", "_"}:
        return True
    return separator in {"-", ","} and joint in {"", separator}
