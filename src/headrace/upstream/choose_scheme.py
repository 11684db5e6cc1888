"""Which scheme a project's tags are evidence for, and how its versions are written and ordered by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from headrace.upstream.schemes import (
    Calendar,
    DateTag,
    Decimal,
    Dotted,
    General,
    Letters,
    Maven,
    PatchLevels,
    Pep440,
    SemVer,
    order_text,
    version_of,
)
from headrace.upstream.versions import Key, Scheme, general_key
from headrace.upstream.versions_reading import Reading
from headrace.upstream.versions_words import VENDOR_PREFIXES, Sense

_MOST = 0.8
_PACKAGING = (
    "pld-linux/",
    "clearlinux-pkgs/",
    "src-openeuler/",
    "/rpms/",
    "salsa.debian.org",
    "src.fedoraproject.org",
    "gentoo/",
)
_PYTHON = frozenset({"a", "b", "c", "post", "dev"})
_JAVA = frozenset({"final", "ga", "release", "snapshot", "cr", "sp"})
_NEAR_DAYS = 45
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a project numbers: the scheme's name, the version that a reading stands for, and the order of the versions."""

    scheme: Scheme
    version: Callable[[Reading], str]
    key: Callable[[Reading], Key]

    @property
    def name(self) -> str:
        """The scheme's name."""
        return self.scheme.name


def choose_numbering(readings: Sequence[Reading], dates: dict[str, date], identity: str = "") -> Numbering:
    """The first scheme, most particular first, that the readings are evidence for."""
    keep = not _is_packaging(readings, identity) and _revision_counts(readings)
    unknown = common_words(readings)
    fractions = _fractions(readings)

    def version(reading: Reading) -> str:
        return version_of(reading, keep_revision=keep)

    def text_of(reading: Reading) -> str:
        text = order_text(reading, keep_revision=keep)
        if (
            fractions
            and len(reading.numbers) == 2
            and reading.numbers[1].startswith("0")
            and reading.numbers in fractions
        ):
            text = text.replace(".", ".0.", 1)
        return text

    dated = _dated(readings, dates)
    if dated is not None:
        return Numbering(dated, lambda r: _date_version(dated, r, version), lambda r: _date_key(dated, r, version))
    if _is_decimal(readings, dates, identity):
        decimal = Decimal()
        return Numbering(decimal, version, lambda r: decimal.parse(version(r)) or (-1,))
    name = _name(readings, keep_revision=keep, unknown=bool(unknown))
    return Numbering(name, version, lambda r: general_key(text_of(r)))


def _name(readings: Sequence[Reading], *, keep_revision: bool, unknown: bool) -> Scheme:
    """The scheme that every reading follows and that says the most. All of these share the general order."""
    senses = Counter(mark.sense for reading in readings for mark in reading.marks)
    texts = [version_of(reading, keep_revision=keep_revision) for reading in readings]
    if senses[Sense.LETTER] and letters_are_practised(readings):
        return Letters()
    levels = senses[Sense.REVISION] * keep_revision + sum(m.word in ("p", "pl") for r in readings for m in r.marks)
    if levels * 4 >= len(readings):
        return PatchLevels()
    marks = [mark for reading in readings for mark in reading.marks]
    glued = any(m.word in _PYTHON and m.numbers and (m.text[0].isalpha() or m.word in ("post", "dev")) for m in marks)
    if glued and not unknown and all(Pep440().parse(text) is not None for text in texts):
        return Pep440()
    if sum(m.word in _JAVA for m in marks) * 2 > len(readings) and all(
        Maven().parse(text) is not None for text in texts
    ):
        return Maven()
    for scheme in (Calendar(), SemVer(), Dotted()):
        if all(scheme.parse(text) is not None for text in texts):
            return scheme
    return General()


def letters_are_practised(readings: Sequence[Reading]) -> bool:
    """Whether letters behind the numbers count the patch releases here: a quarter of the releases have one."""
    stable = [reading for reading in readings if not reading.is_early]
    lettered = sum(reading.has(Sense.LETTER) for reading in stable)
    return lettered * 4 >= len(stable) and lettered > 0


def common_words(readings: Sequence[Reading]) -> frozenset[str]:
    """Unknown words that stand behind so many versions that they say nothing about any one of them."""
    counts = Counter(mark.word for reading in readings for mark in reading.marks if mark.sense is Sense.UNKNOWN)
    short = {mark.word for r in readings for mark in r.marks if mark.sense is Sense.UNKNOWN and len(r.numbers) == 1}
    return frozenset(
        word for word, count in counts.items() if count * 2 > len(readings) and (count > 2 or word not in short)
    )


def _is_packaging(readings: Sequence[Reading], identity: str) -> bool:
    """Whether the tags are those of a distribution's package, in which a number behind a dash is the package's release."""
    text = identity.lower()
    return any(mark in text for mark in _PACKAGING) or any(
        word in VENDOR_PREFIXES for r in readings for word in r.product
    )


def _revision_counts(readings: Sequence[Reading]) -> bool:
    """Whether a number set off by a dash is part of the version (6.9.11-24) rather than packaging (33.23-1)."""
    bases: dict[tuple[str, ...], list[int]] = {}
    for reading in readings:
        marks = [mark for mark in reading.marks if mark.sense is Sense.REVISION]
        if marks and not reading.has(Sense.VENDOR):
            bases.setdefault(reading.numbers, []).append(
                int(marks[0].numbers[0][:9]) if len(marks[0].numbers) == 1 else 2
            )
    if not bases:
        return False
    if len(bases) == 1 and len(readings) > 3 and len(next(iter(bases.values()))) == len(readings):
        return False
    ones = sum(set(levels) == {1} for levels in bases.values())
    return ones * 5 < len(bases) * 4


def _fractions(readings: Sequence[Reading]) -> frozenset[tuple[str, ...]]:
    """Two-number versions whose second number is a decimal fraction (0.099 beside 0.2): it has a zero in front and is longer."""
    pairs = [reading.numbers for reading in readings if len(reading.numbers) >= 2]
    found: set[tuple[str, ...]] = set()
    for numbers in pairs:
        if len(numbers) != 2 or not numbers[1].startswith("0") or len(numbers[1]) < 2:
            continue
        siblings = [other[1] for other in pairs if other[0] == numbers[0] and not other[1].startswith("0")]
        if siblings and max(map(len, siblings)) < len(numbers[1]):
            found.add(numbers)
    return frozenset(found)


def _dated(readings: Sequence[Reading], dates: dict[str, date]) -> DateTag | None:
    """Dates written in one order. Days above twelve, and the days on which the tags were made, tell the order."""
    stable = [reading for reading in readings if not reading.is_early] or readings
    compact = DateTag("compact")
    if all(compact.day(reading) is not None for reading in stable):
        return compact
    three = [reading for reading in stable if len(reading.numbers) == 3 and not reading.has(Sense.LETTER)]
    if len(three) * 10 < len(stable) * 9 or len(three) < _FEWEST:
        return None
    best: tuple[int, DateTag] | None = None
    for order in ("mdy", "dmy", "ymd"):
        scheme = DateTag(order)
        days = [(scheme.day(reading), dates.get(reading.tag)) for reading in three]
        if any(day is None for day, _ in days):
            continue
        near = sum(day is not None and made is not None and abs((day - made).days) <= _NEAR_DAYS for day, made in days)
        known = sum(made is not None for _, made in days)
        if near < known * _MOST or (not known and not _looks_like_days(three, order)):
            continue
        if best is None or near > best[0]:
            best = (near, scheme)
    return best[1] if best else None


def _looks_like_days(readings: Sequence[Reading], order: str) -> bool:
    """Without dates: two digits everywhere (a year may have four), a day above twelve somewhere, and several tags."""
    padded = all(len(number) in (2, 4) for reading in readings for number in reading.numbers)
    years = [reading.numbers[order.index("y")] for reading in readings]
    above = any(int(reading.numbers[order.index("d")]) > 12 for reading in readings)
    close = max(map(int, years)) - min(map(int, years)) <= 40
    return padded and above and close and (len(readings) > 2 or all(len(year) == 4 for year in years))


def _date_version(scheme: DateTag, reading: Reading, plain: Callable[[Reading], str]) -> str:
    """The day as eight digits, which sort as they should; a date that is written year first stays as it is."""
    day = scheme.day(reading)
    if day is None or scheme.order in ("ymd", "compact"):
        return plain(reading)
    early = "".join(f"~{mark.word}{'.'.join(mark.numbers)}" for mark in reading.marks if mark.sense is Sense.PRE)
    return f"{day:%Y%m%d}{early}"


def _date_key(scheme: DateTag, reading: Reading, plain: Callable[[Reading], str]) -> Key:
    day = scheme.day(reading) or DateTag("compact").day(reading)
    if day is None:
        return (0, 0, 0, general_key(plain(reading)))
    return (day.year, day.month, day.day, scheme.rest(reading))


def _is_decimal(readings: Sequence[Reading], dates: dict[str, date], identity: str) -> bool:
    """Whether two-number versions are decimal fractions: CPAN's are; elsewhere the days of release must say so."""
    pairs = [reading for reading in readings if not reading.is_early and "_" not in reading.mixed]
    if len(pairs) < 2 or any(len(r.numbers) > 2 or r.joint not in ("", ".") or r.marks for r in pairs):
        return False
    if not _look_like_fractions(pairs):
        return False
    decimal = Decimal()
    by_number = sorted(pairs, key=lambda r: general_key(r.mixed))
    by_fraction = sorted(pairs, key=lambda r: (decimal.parse(r.mixed) or (-1,), r.mixed))
    if by_number[-1].numbers == by_fraction[-1].numbers:
        return False
    if all(reading.tag in dates for reading in pairs):
        return _inversions(by_fraction, dates) < _inversions(by_number, dates)
    words = identity.lower()
    return "metacpan" in words or "cpan" in words or words.startswith("perl-")


def _look_like_fractions(pairs: Sequence[Reading]) -> bool:
    """Whether the second numbers may be fractions: of several widths, and not simply counted from 1 to 9, 10, 11."""
    fractions = {reading.numbers[1] for reading in pairs if len(reading.numbers) == 2}
    wide = any(len(fraction) > 2 or (len(fraction) > 1 and fraction[0] == "0") for fraction in fractions)
    counted = not wide and bool({"8", "9"} & fractions)
    years = all(len(reading.numbers[0]) == 4 for reading in pairs)
    return len(set(map(len, fractions))) > 1 and not counted and not years


def _inversions(ordered: Sequence[Reading], dates: dict[str, date]) -> int:
    return sum(dates[a.tag] > dates[b.tag] for a, b in pairwise(ordered))
