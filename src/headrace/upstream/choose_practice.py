"""Development series that no word marks: .9x before the next release, odd minor numbers, a project's documented numbers.

A practice is only assumed where the project's own tags show it, or where the project documents it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from headrace.upstream.choose_conventions import Convention, convention_of, is_gnome
from headrace.upstream.versions_reading import Reading
from headrace.words import Message, Text

Numbers = tuple[int, ...]

_LOW, _GAP = 60, 20
_LONG_DAYS = 540
_MANY = 12
_DEEPEST = 6
_PATCHED = 10
"""No development series has so many releases; a series that has them is a stable one."""
_RENUMBERED = 40
"""From 40 on, GNOME's modules count 40.0, 40.1 ...: odd numbers are stable releases there."""


@dataclass(frozen=True, slots=True)
class Practice:
    """What the tags show: which numbers are development, each with the reason."""

    nineties: frozenset[Numbers] = frozenset()
    """Beginnings of version numbers that count towards the next release (X.Y.9x)."""
    odd_majors: frozenset[int] = frozenset()
    """Majors in which odd minor numbers are development."""
    convention: Convention = field(default_factory=Convention)

    def why_development(self, numbers: Numbers) -> Text | None:
        """Why a version with these numbers is no release for everybody; None when it is one."""
        shown = ".".join(map(str, numbers[:3]))
        for length in range(2, len(numbers) + 1):
            if numbers[:length] in self.nineties:
                return Message("{numbers} counts towards the next release (.9x)", numbers=shown)
        minor = numbers[1] if len(numbers) > 1 else 0
        odd = (self.convention.odd_minor and numbers >= self.convention.odd_from) or numbers[0] in self.odd_majors
        if odd and len(numbers) > 1 and minor % 2 and numbers[0] < _RENUMBERED:
            return Message("{series} is a development series (odd number)", series=f"{numbers[0]}.{minor}")
        if minor < self.convention.least_minor:
            return Message(
                "{series} comes before the stable series of {major}", series=f"{numbers[0]}.{minor}", major=numbers[0]
            )
        if self.convention.zero_minor and minor:
            return Message("{series} is a development series", series=f"{numbers[0]}.{minor}")
        return None


def learn_practice(
    readings: Sequence[Reading], early: Sequence[Reading], dates: dict[str, date], identity: str
) -> Practice:
    """What the project's tags and its documentation say about development series.

    `readings` are the tags that no word marks, `early` those that a word marks as a pre-release.
    """
    days = _days(readings, dates)
    gnome = is_gnome(identity)
    nineties = _nineties(days, gnome=gnome)
    convention = convention_of(identity) or Convention()
    if convention.published and all(len(numbers) < 2 or numbers[1] % 2 for numbers in days):
        convention = Convention()
    odd = frozenset() if convention.odd_minor else _odd_majors(days, nineties, _announced(readings, early), gnome=gnome)
    return Practice(nineties, odd, convention)


def _days(readings: Sequence[Reading], dates: dict[str, date]) -> dict[Numbers, date | None]:
    days: dict[Numbers, date | None] = {}
    for reading in readings:
        known = dates.get(reading.tag)
        held = days.get(reading.integers)
        days[reading.integers] = min(known, held) if known and held else known or held
    return days


# --- .9x ------------------------------------------------------------------------------------------------------------


def _is_ninety(number: int) -> bool:
    return 90 <= number <= 99 or 900 <= number <= 999 or 9000 <= number <= 9999


@dataclass(frozen=True, slots=True)
class _Tree:
    """The numbers as a tree: what follows each beginning, and the first and last day of all that begins so."""

    children: dict[Numbers, set[int]]
    spans: dict[Numbers, tuple[date, date]]

    @staticmethod
    def grow(days: dict[Numbers, date | None]) -> _Tree:
        children: dict[Numbers, set[int]] = {}
        spans: dict[Numbers, tuple[date, date]] = {}
        for numbers, day in days.items():
            for length in range(1, min(len(numbers), _DEEPEST) + 1):
                beginning = numbers[:length]
                children.setdefault(beginning, set()).add(numbers[length] if length < len(numbers) else 0)
                if day:
                    first, last = spans.get(beginning, (day, day))
                    spans[beginning] = (min(first, day), max(last, day))
        return _Tree(children, spans)

    def high(self, parent: Numbers) -> set[int]:
        """The nineties that follow `parent`."""
        return {number for number in self.children[parent] if _is_ninety(number)}

    def span_of_high(self, parent: Numbers) -> tuple[date, date] | None:
        """The first and the last day of the nineties that follow `parent`."""
        spans = [self.spans[(*parent, number)] for number in self.high(parent) if (*parent, number) in self.spans]
        return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None

    def is_natural(self, parent: Numbers) -> bool:
        """Whether the numbers simply went up to the nineties, or stayed there for so long that people use them."""
        if any(_LOW < number < 90 or 100 <= number < 900 for number in self.children[parent]):
            return True
        if len(self.high(parent)) > _MANY:
            return True
        span = self.span_of_high(parent)
        return span is not None and (span[1] - span[0]).days > _LONG_DAYS and not self.has_successor(parent)

    def has_jump(self, parent: Numbers) -> bool:
        """Whether small numbers are followed by nineties with nothing in between."""
        low = [number for number in self.children[parent] if not _is_ninety(number)]
        return bool(low) and max(low) <= _LOW and min(self.high(parent)) - max(low) >= _GAP

    def opens(self, parent: Numbers) -> bool:
        """Whether a new major begins with nineties (10.0.90 after 9.2): nobody's first release is the ninetieth."""
        alone = self.children[parent] == self.high(parent) and self.children.get(parent[:-1]) == {parent[-1]}
        return alone and (parent[0] - 1,) in self.children

    def has_successor(self, parent: Numbers) -> bool:
        """Whether the release that the nineties counted towards is there, and came after them."""
        following = (*parent[:-1], parent[-1] + 1)
        if following not in self.children:
            return False
        own, born = self.span_of_high(parent), self.spans.get(following)
        return own is None or born is None or own[0] <= born[1]


def _nineties(days: dict[Numbers, date | None], *, gnome: bool) -> frozenset[Numbers]:
    """The beginnings that end in 9x and count towards the next release, as their neighbours show."""
    tree = _Tree.grow(days)
    candidates = [parent for parent in tree.children if tree.high(parent) and not tree.is_natural(parent)]
    newest = max((numbers[:2] for numbers in days if len(numbers) > 2), default=())
    shown = {
        parent
        for parent in candidates
        if tree.has_jump(parent) or tree.has_successor(parent) or (parent == newest and tree.opens(parent))
    }
    levels = {len(parent) for parent in shown}
    chosen = [p for p in candidates if p in shown or len(p) in levels or (gnome and p[0] < _RENUMBERED)]
    return frozenset((*parent, number) for parent in chosen for number in tree.high(parent))


# --- odd minor numbers ----------------------------------------------------------------------------------------------


def _announced(readings: Sequence[Reading], early: Sequence[Reading]) -> frozenset[Numbers]:
    """The odd series that had a pre-release by name and then the release itself: nobody does that for development."""
    released = {reading.integers for reading in readings}
    return frozenset(
        r.integers[:2] for r in early if r.integers in released and len(r.numbers) > 1 and r.integers[1] % 2
    )


def _odd_majors(
    days: dict[Numbers, date | None], nineties: frozenset[Numbers], announced: frozenset[Numbers], *, gnome: bool
) -> frozenset[int]:
    """The majors in which odd minor numbers are development."""
    shown: set[int] = set()
    gnome = gnome and not _single_odd_releases(days)
    for major in {numbers[0] for numbers in days if len(numbers) > 1}:
        series: dict[int, list[tuple[Numbers, date | None]]] = {}
        for numbers, day in days.items():
            if numbers[0] == major and len(numbers) > 1 and numbers[:2] not in nineties:
                series.setdefault(numbers[1], []).append((numbers, day))
        if (
            _ninety_in_odd_only(series, least=1 if gnome else 2)
            or _even_goes_on(series)
            or (gnome and _is_gnome_like(major, series))
        ):
            shown.add(major)
    return frozenset(shown - {numbers[0] for numbers in announced})


def _ninety_in_odd_only(series: dict[int, list[tuple[Numbers, date | None]]], least: int) -> bool:
    """Pre-releases .9x stand in odd series only, and the even series after one of them begins afresh."""
    with_nineties = {minor for minor, group in series.items() if any(len(n) > 2 and _is_ninety(n[2]) for n, _ in group)}
    heirs = [minor for minor in with_nineties if minor % 2 and minor + 1 in series]
    return len(heirs) >= least and all(minor % 2 for minor in with_nineties)


def _even_goes_on(series: dict[int, list[tuple[Numbers, date | None]]]) -> bool:
    """By the days: even series still get releases when the next odd one has begun; an odd one ends when the next even begins."""
    spans = {minor: (min(d), max(d)) for minor, group in series.items() if (d := [day for _, day in group if day])}
    closed = [minor for minor in spans if minor % 2 and minor + 1 in spans]
    if len(closed) < 2 or any(spans[minor][1] > spans[minor + 1][0] for minor in closed):
        return False
    overlapping = [
        minor for minor in spans if minor % 2 == 0 and minor + 1 in spans and spans[minor][1] > spans[minor + 1][0]
    ]
    return len(overlapping) >= 2


def _is_gnome_like(major: int, series: dict[int, list[tuple[Numbers, date | None]]]) -> bool:
    """GNOME's rule holds unless the module's own tags contradict it: an odd series that lived long without an even heir."""
    if not 1 <= major < _RENUMBERED:
        return False
    odd = [numbers for minor, group in series.items() if minor % 2 for numbers, _ in group]
    if any(len(numbers) == 2 or (_PATCHED <= numbers[2] < 90) for numbers in odd):
        return False
    nineties = {minor for minor, group in series.items() if any(len(n) > 2 and _is_ninety(n[2]) for n, _ in group)}
    if any(minor % 2 == 0 and minor + 1 in series for minor in nineties):
        return False
    for minor, group in series.items():
        known = [day for _, day in group if day]
        heir = any(other > minor and other % 2 == 0 for other in series)
        if minor % 2 and not heir and known and (max(known) - min(known)).days > _LONG_DAYS:
            return False
    return True


def _single_odd_releases(days: dict[Numbers, date | None]) -> bool:
    """Whether several odd series consist of their X.Y.0 alone, as releases do and development series do not."""
    series: dict[Numbers, set[Numbers]] = {}
    for numbers in days:
        if len(numbers) > 2 and numbers[1] % 2:
            series.setdefault(numbers[:2], set()).add(numbers[2:])
    return sum(patches == {(0,)} for patches in series.values()) >= 3
