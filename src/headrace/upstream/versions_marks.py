"""What stands behind the numbers of a version: pre-releases, patch levels, letters, builds, other people's marks."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.upstream.versions_words import COMMIT, Sense, sense_of

DAY = "day"
"""The word of a mark that is the day behind a dash (0.14-20200419)."""

_WORD_LIMIT = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing behind the numbers: its sense, its word in lower case, and the numbers that belong to it."""

    sense: Sense
    word: str = ""
    numbers: tuple[str, ...] = ()
    text: str = ""
    """As it is written, with the separator before it."""


def is_number(token: str) -> bool:
    """Whether a token is a run of digits."""
    return "0" <= token[0] <= "9"


def is_word(token: str) -> bool:
    """Whether a token is a run of letters."""
    return token[0].isascii() and token[0].isalpha()


def read_marks(tokens: list[str]) -> tuple[Mark, ...]:
    """What stands behind the numbers, one mark after the other."""
    marks: list[Mark] = []
    index = 0
    separator = ""
    while index < len(tokens):
        token = tokens[index]
        if not (is_number(token) or is_word(token)):
            separator = token
            index += 1
            continue
        if is_number(token):
            mark, index = _number_mark(tokens, index, separator)
        else:
            mark, index = _word_mark(tokens, index, separator, marks)
        marks.append(mark)
        separator = ""
    return tuple(marks)


def _number_mark(tokens: list[str], index: int, separator: str) -> tuple[Mark, int]:
    numbers, end = _numbers_at(tokens, index)
    text = separator + "".join(tokens[index:end])
    if end < len(tokens) and is_word(tokens[end]) and COMMIT.fullmatch((tokens[index] + tokens[end]).lower()):
        return Mark(Sense.BUILD, "commit", (), text + tokens[end]), end + 1
    if "+" in separator:
        sense = Sense.LOCAL
    elif "~" in separator:
        sense = Sense.PRE
    elif separator[:1] in {"@", "#"}:
        sense = Sense.BUILD
    elif len(numbers) == 1 and len(numbers[0]) in (8, 12, 14) and numbers[0][:2] in ("19", "20"):
        return Mark(Sense.BUILD, DAY, numbers, text), end
    else:
        sense = Sense.REVISION
    return Mark(sense, "", numbers, text), end


def _word_mark(tokens: list[str], index: int, separator: str, marks: list[Mark]) -> tuple[Mark, int]:
    word = tokens[index].lower()[:_WORD_LIMIT]
    ahead = tokens[index + 1] if index + 1 < len(tokens) else ""
    if word[0] == "g" and COMMIT.fullmatch(word[1:] + hex_run(tokens, index + 1)):
        return _commit_mark(tokens, index, separator)
    glued = is_number(ahead) if ahead else False
    apart = len(tokens) > index + 2 and ahead in {".", "-", "_", ":"} and is_number(tokens[index + 2])
    if len(word) == 1 and separator == "" and ahead == "-":
        apart = False
    sense = sense_of(word)
    if sense is Sense.UNKNOWN and "+" in separator:
        return Mark(Sense.BUILD, word, (), separator + "".join(tokens[index:])), len(tokens)
    if len(word) == 1 and not glued:
        lone = separator == "" and not apart
        lone_sense = Sense.PLAIN if tokens[index] == "R" else Sense.LETTER
        sense = lone_sense if lone else sense if apart and word in "abprum" else Sense.UNKNOWN
    elif word == "r" and glued:
        sense = Sense.POST
    elif word == "b" and glued and any(mark.word == "u" for mark in marks):
        sense = Sense.BUILD
    elif len(word) == 2 and (word[0] in {"z", word[1]}) and separator == "" and not glued:
        sense = Sense.LETTER
    if not (glued or apart):
        return Mark(sense, word, (), separator + tokens[index]), index + 1
    at = index + 1 if glued else index + 2
    numbers, end = _numbers_at(tokens, at)
    return Mark(sense, word, numbers, separator + "".join(tokens[index:end])), end


def hex_run(tokens: list[str], index: int) -> str:
    """The letters and digits from `index` on up to the next separator, as far as a commit id is long."""
    run = ""
    while index < len(tokens) and (is_number(tokens[index]) or is_word(tokens[index])) and len(run) <= 40:
        run += tokens[index].lower()
        index += 1
    return run


def _commit_mark(tokens: list[str], index: int, separator: str) -> tuple[Mark, int]:
    end = index + 1
    while end < len(tokens) and (is_number(tokens[end]) or is_word(tokens[end])):
        end += 1
    return Mark(Sense.BUILD, "commit", (), separator + "".join(tokens[index:end])), end


def _numbers_at(tokens: list[str], index: int) -> tuple[tuple[str, ...], int]:
    """The numbers from `index` on that are joined with points or underscores, and the index behind them."""
    numbers = [tokens[index]]
    index += 1
    while index + 1 < len(tokens) and tokens[index] in {".", "_"} and is_number(tokens[index + 1]):
        numbers.append(tokens[index + 1])
        index += 2
    return tuple(numbers), index
