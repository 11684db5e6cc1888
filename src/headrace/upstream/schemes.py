"""Ways of numbering releases, and which of them a project's own tags are evidence for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from headrace.upstream.versions import Key, Scheme, general_key
from headrace.upstream.versions_marks import Mark
from headrace.upstream.versions_reading import Reading, read
from headrace.upstream.versions_words import Sense, pre_rank

_FIRST_YEAR, _LAST_YEAR = 1985, 2100
_PLAIN = (Sense.PLAIN, Sense.BUILD, Sense.VENDOR)


def version_of(reading: Reading, *, keep_revision: bool = True) -> str:
    """The version as a spec's Version would carry it: no dash, numbers joined with points, a pre-release behind `~`.

    `keep_revision` keeps a number set off by a dash (6.9.11-24 reads 6.9.11.24); without it the number is packaging.
    """
    version = reading.mixed if reading.joint in ("", ".") else ".".join(reading.numbers)
    for mark in reading.marks:
        if mark.sense in _PLAIN or mark.sense is Sense.WITHDRAWN or (mark.sense is Sense.UNKNOWN and not _counts(mark)):
            continue
        if mark.sense is Sense.REVISION:
            version += "." + ".".join(mark.numbers) if keep_revision else ""
        elif mark.sense in (Sense.PRE, Sense.SNAPSHOT):
            version += "~" + mark.word + ".".join(mark.numbers)
        elif mark.sense is Sense.POST and mark.word == "p":
            version += "p" + ".".join(mark.numbers)
        elif mark.sense is Sense.POST and mark.text[:1] in "-_":
            version += "." + mark.text[1:].replace("-", ".").replace("_", ".")
        else:
            version += mark.text.replace("-", ".")
    return version


_EARLY = "abcdef"
"""Letters that sort as `pre_rank` counts, for the general order looks at first letters only."""


def order_text(reading: Reading, *, keep_revision: bool = True) -> str:
    """A version's text for the general order, every word replaced by one that the order knows."""
    text = ".".join(reading.numbers)
    for mark in reading.marks:
        numbers = ".".join(mark.numbers)
        if mark.sense in (Sense.PRE, Sense.SNAPSHOT):
            text += f".{_EARLY[pre_rank(mark.word)]}.{numbers}"
        elif mark.sense is Sense.POST:
            text += f".patch.{numbers}"
        elif mark.sense is Sense.LETTER:
            text += f"{mark.word[0]}.{'.'.join(str(ord(letter) - 96) for letter in mark.word[1:])}."
        elif mark.sense is Sense.LOCAL or (mark.sense is Sense.REVISION and keep_revision):
            text += f".{numbers}"
        elif mark.sense is Sense.UNKNOWN and _counts(mark):
            text += f".{mark.word}.{numbers}"
    return text


def _counts(mark: Mark) -> bool:
    """Whether an unknown word is part of the version: its number counts something, and no dash sets it off (1.1.fb24)."""
    return bool(mark.numbers) and len(mark.numbers[0]) < 6 and mark.text[:1] not in "-_+"


@dataclass(frozen=True, slots=True)
class General:
    """Any text at all, in the general order."""

    name: str = "general"

    def parse(self, tag: str) -> Key | None:
        """Never None for a text with a letter or a digit."""
        return general_key(tag) if any(c.isascii() and c.isalnum() for c in tag) else None

    def is_prerelease(self, tag: str) -> bool:
        """Whether a word in the tag says so."""
        reading = read(tag)
        return reading is not None and reading.is_early


@dataclass(frozen=True, slots=True)
class Dotted(General):
    """Numbers joined by one separator, nothing else but pre-releases: 1.2, 1.2.3, 1_2_3_4."""

    name: str = "dotted"

    def parse(self, tag: str) -> Key | None:
        """None when something other than a pre-release stands behind the numbers."""
        reading = read(tag)
        if reading is None or any(mark.sense not in (Sense.PRE, *_PLAIN) for mark in reading.marks):
            return None
        return general_key(version_of(reading))


_SEMVER = re.compile(
    r"[vV]?(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


@dataclass(frozen=True, slots=True)
class SemVer:
    """Semantic Versioning 2.0.0: MAJOR.MINOR.PATCH, `-` before a pre-release, `+` before what no order looks at."""

    name: str = "semver"

    def parse(self, tag: str) -> Key | None:
        """Numbers, then: a pre-release comes before the release; its identifiers compare one by one, numbers first."""
        match = _SEMVER.fullmatch(tag.replace("~", "-"))
        if match is None:
            return None
        numbers = tuple(int(match[group]) for group in (1, 2, 3))
        if match[4] is None:
            return (*numbers, 1)
        identifiers: list[object] = []
        for part in match[4].split("."):
            identifiers += (1, len(part.lstrip("0")), part.lstrip("0")) if part.isdigit() else (2, 0, part)
        return (*numbers, 0, *identifiers)

    def is_prerelease(self, tag: str) -> bool:
        """Whether a dash follows the numbers."""
        match = _SEMVER.fullmatch(tag.replace("~", "-"))
        return match is not None and match[4] is not None


_PEP440 = re.compile(
    r"[vV]?(?:([0-9]{1,9})!)?([0-9]{1,18}(?:\.[0-9]{1,18}){0,20})"
    r"(?:[-_.~]?(a|alpha|b|beta|c|rc|pre|preview)[-_.]?([0-9]{0,18}))?"
    r"(?:-([0-9]{1,18})|[-_.]?(post|rev|r)[-_.]?([0-9]{0,18}))?"
    r"(?:[-_.~]?(dev)[-_.]?([0-9]{0,18}))?(?:\+([0-9A-Za-z]+(?:[-_.][0-9A-Za-z]+){0,20}))?",
    re.IGNORECASE,
)
_PEP_PRE = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}


@dataclass(frozen=True, slots=True)
class Pep440:
    """Python's versions: epoch!numbers, a/b/rc, .post, .dev, +local."""

    name: str = "pep440"

    def parse(self, tag: str) -> Key | None:
        """dev < a < b < rc < release < post, each with its own dev before it; a local part comes after."""
        match = _PEP440.fullmatch(tag)
        if match is None:
            return None
        epoch, numbers, pre, pre_number, dash_post, post, post_number, dev, dev_number, local = match.groups()
        release = tuple(int(part) for part in numbers.split("."))
        while len(release) > 1 and release[-1] == 0:
            release = release[:-1]
        has_post = dash_post is not None or post is not None
        bare = (-1, 0) if dev and not has_post else (3, 0)
        stage = (_PEP_PRE[pre.lower()], int(pre_number or 0)) if pre else bare
        after = int(dash_post or post_number or 0) if has_post else -1
        development = int(dev_number or 0) if dev else 10**18
        return (int(epoch or 0), release, stage, after, development, _local_key(local))

    def is_prerelease(self, tag: str) -> bool:
        """Whether it has an a, b, rc or dev part."""
        match = _PEP440.fullmatch(tag)
        return match is not None and (match[3] is not None or match[8] is not None)


def _local_key(local: str | None) -> Key:
    parts = re.split(r"[-_.]", local.lower()) if local else []
    return tuple((1, len(part.lstrip("0")), part.lstrip("0")) if part.isdigit() else (0, 0, part) for part in parts)


_MAVEN_ORDER = {"alpha": 0, "a": 0, "beta": 1, "b": 1, "milestone": 2, "m": 2, "rc": 3, "cr": 3, "snapshot": 4}
_MAVEN_RELEASE = frozenset({"ga", "final", "release"})
_MAVEN_PIECE = re.compile(r"[0-9]+|[A-Za-z]+|[.\-_+~]")
_MAVEN_EARLY, _MAVEN_END, _MAVEN_LATE, _MAVEN_DASHED, _MAVEN_POINTED = range(5)


@dataclass(frozen=True, slots=True)
class Maven:
    """Maven's order: alpha < beta < milestone < rc < snapshot < the release (ga, final) < sp < other words < -1 < .1."""

    name: str = "maven"

    def parse(self, tag: str) -> Key | None:
        """None when a sign stands there that Maven does not know. Zeros before a word, a dash or the end say nothing."""
        text = tag.lower().removeprefix("v")
        pieces = _MAVEN_PIECE.findall(text)
        if not text or sum(map(len, pieces)) != len(text) or len(text) > 200:
            return None
        key: list[object] = []
        zeros = 0
        before = "-"
        for piece in pieces:
            if piece.isdigit():
                digits = piece.lstrip("0")
                if before == "." or not key:
                    key += (_MAVEN_POINTED, -zeros, len(digits), digits) if digits else ()
                    zeros = 0 if digits else zeros + 1
                elif digits:
                    key += (_MAVEN_DASHED, len(digits), digits)
                    zeros = 0
            elif piece.isalpha() and piece not in _MAVEN_RELEASE:
                key += _maven_word(piece)
                zeros = 0
            before = piece if not piece.isalnum() else "-"
        key.append(_MAVEN_END)
        return tuple(key)

    def is_prerelease(self, tag: str) -> bool:
        """Whether one of the words that come before a release stands in it."""
        return any(piece in _MAVEN_ORDER for piece in _MAVEN_PIECE.findall(tag.lower()))


def _maven_word(word: str) -> tuple[object, ...]:
    if word in _MAVEN_ORDER:
        return (_MAVEN_EARLY, _MAVEN_ORDER[word])
    return (_MAVEN_LATE, word != "sp", word)


@dataclass(frozen=True, slots=True)
class Calendar(Dotted):
    """Numbers that begin with a year: 2020.1, 2020.07.17, 2020-07-17."""

    name: str = "calendar"

    def parse(self, tag: str) -> Key | None:
        """None when the first number is no year."""
        reading = read(tag)
        if reading is None or not _FIRST_YEAR <= reading.integers[0] <= _LAST_YEAR:
            return None
        return general_key(version_of(reading))


@dataclass(frozen=True, slots=True)
class Letters(General):
    """A letter behind the numbers counts the patch releases: 1.1.1w, 2020a; z is followed by za."""

    name: str = "letters"

    def parse(self, tag: str) -> Key | None:
        """None when something other than a letter stands behind the numbers; no letter comes before `a`."""
        reading = read(tag)
        if reading is None or any(mark.sense not in (Sense.LETTER, Sense.PRE, *_PLAIN) for mark in reading.marks):
            return None
        letters = "".join(mark.word for mark in reading.marks if mark.sense is Sense.LETTER)
        early = [mark for mark in reading.marks if mark.sense is Sense.PRE]
        stage: Key = tuple((pre_rank(mark.word), general_key(".".join(mark.numbers))) for mark in early)
        return (general_key(".".join(reading.numbers)), (len(letters), letters), not early, stage)


@dataclass(frozen=True, slots=True)
class PatchLevels(General):
    """A number behind a dash, p or pl counts the patch releases: 6.9.11-24, 4.2.8p15."""

    name: str = "patch levels"


@dataclass(frozen=True, slots=True)
class Decimal:
    """CPAN's decimal numbers: 0.5 is newer than 0.4231, 1.302 newer than 1.30; an underscore marks a trial."""

    name: str = "decimal"

    def parse(self, tag: str) -> Key | None:
        """None when it is not one number with at most one point."""
        match = re.fullmatch(r"[vV]?([0-9]{1,18})(?:\.([0-9]{1,40}))?(?:[~_-](?:trial|rc)?([0-9]{0,18}))?", tag.lower())
        if match is None:
            return None
        return (int(match[1]), (match[2] or "").rstrip("0"), match[3] is not None, match[3] or "")

    def is_prerelease(self, tag: str) -> bool:
        """Whether an underscore stands in it."""
        return "_" in tag or "trial" in tag.lower()


@dataclass(frozen=True, slots=True)
class DateTag:
    """A date written in one fixed order, with any separators: `order` is mdy, dmy, ymd or compact (20200717)."""

    order: str
    name: str = "date"

    def parse(self, tag: str) -> Key | None:
        """(year, month, day, rest), or None when the numbers are no date in this order."""
        reading = read(tag)
        if reading is None:
            return None
        day = self.day(reading)
        if day is None:
            return None
        return (day.year, day.month, day.day, self.rest(reading))

    def rest(self, reading: Reading) -> Key:
        """The key of what stands behind the day: further numbers, letters, words."""
        numbers = reading.numbers[1:] if self.order == "compact" else reading.numbers[3:]
        return general_key(order_text(replace(reading, numbers=("0", *numbers))))

    def day(self, reading: Reading) -> date | None:
        """The day that the numbers of `reading` tell."""
        if self.order == "compact":
            number = reading.numbers[0]
            return _day(number[:4], number[4:6], number[6:]) if len(number) == 8 else None
        if len(reading.numbers) < 3:
            return None
        parts = dict(zip(self.order, reading.numbers[:3], strict=True))
        return _day(parts["y"], parts["m"], parts["d"])

    def is_prerelease(self, tag: str) -> bool:
        """Whether a word in the tag says so."""
        reading = read(tag)
        return reading is not None and reading.is_early


def _day(year: str, month: str, day: str) -> date | None:
    if len(year) not in (2, 4) or not 1 <= len(month) <= 2 or not 1 <= len(day) <= 2:
        return None
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    if not _FIRST_YEAR <= full <= _LAST_YEAR:
        return None
    try:
        return date(full, int(month), int(day))
    except ValueError:
        return None


SCHEMES: tuple[Scheme, ...] = (
    SemVer(), Pep440(), Maven(), Calendar(), Letters(), PatchLevels(), Decimal(),
    DateTag("mdy"), DateTag("dmy"), DateTag("ymd"), DateTag("compact"), Dotted(), General(),
)  # fmt: skip
"""Every scheme there is."""
