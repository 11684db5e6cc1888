"""Development series that no word marks: .9x before the next release, odd minor numbers, a project's documented numbers.

A practice is only assumed where the project's own tags show it, or where the project documents it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from headrace.upstream.choose_conventions import Convention, convention_of, is_gnome
from headrace.upstream.choose_families import names_of
from headrace.upstream.versions_reading import Reading
from headrace.words import Message, Text

Numbers = tuple[int, ...]

_LOW, _GAP = 60, 20
_LONG_DAYS = 540
_MANY = 12
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
        odd = self.convention.odd_minor or numbers[0] in self.odd_majors
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
    convention = convention_of(names_of(identity)) or Convention()
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


def _nineties(days: dict[Numbers, date | None], *, gnome: bool) -> frozenset[Numbers]:
    """The beginnings that end in 9x and count towards the next release, as their neighbours show."""
    children: dict[Numbers, set[int]] = {}
    for numbers in days:
        for length in range(1, len(numbers)):
            children.setdefault(numbers[:length], set()).add(numbers[length])
        children.setdefault(numbers, set()).add(0)
    clusters = {parent: {c for c in group if _is_ninety(c)} for parent, group in children.items()}
    candidates = {
        parent for parent, high in clusters.items() if high and not _is_natural(parent, children[parent], high, days)
    }
    shown = {
        parent for parent in candidates if _has_jump(children[parent]) or _has_successor(parent, clusters[parent], days)
    }
    levels = {len(parent) for parent in shown}
    chosen = {
        parent
        for parent in candidates
        if parent in shown or len(parent) in levels or (gnome and parent[0] < _RENUMBERED)
    }
    return frozenset((*parent, number) for parent in chosen for number in clusters[parent])


def _is_natural(parent: Numbers, group: set[int], high: set[int], days: dict[Numbers, date | None]) -> bool:
    """Whether the numbers simply went up to the nineties, or stayed there for so long that people use them."""
    if any(_LOW < number < 90 or 100 <= number < 900 for number in group):
        return True
    if len(high) > _MANY:
        return True
    known = [
        day
        for numbers, day in days.items()
        if day and numbers[: len(parent)] == parent and len(numbers) > len(parent) and numbers[len(parent)] in high
    ]
    return bool(known) and (max(known) - min(known)).days > _LONG_DAYS and not _has_successor(parent, high, days)


def _has_jump(group: set[int]) -> bool:
    low = [number for number in group if not _is_ninety(number)]
    high = [number for number in group if _is_ninety(number)]
    return bool(low) and max(low) <= _LOW and min(high) - max(low) >= _GAP


def _has_successor(parent: Numbers, high: set[int], days: dict[Numbers, date | None]) -> bool:
    """Whether the release that the nineties counted towards is there, and came after them."""
    following = (*parent[:-1], parent[-1] + 1)
    heirs = [day for numbers, day in days.items() if numbers[: len(following)] == following]
    if not heirs:
        return False
    own = [
        day
        for numbers, day in days.items()
        if day
        and numbers[: len(parent)] == parent
        and numbers[len(parent) : len(parent) + 1]
        and numbers[len(parent)] in high
    ]
    born = [day for day in heirs if day]
    return not own or not born or min(own) <= max(born)


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
    if any(len(numbers) == 2 for minor, group in series.items() if minor % 2 for numbers, _ in group):
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
