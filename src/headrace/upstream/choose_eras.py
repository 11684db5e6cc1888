"""Projects change their numbering: from days to numbers, from numbers to years. Only the days of release tell the direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from headrace.upstream.versions_reading import Reading, read
from headrace.words import Message, Text

_CLEAR_SHARE = 0.6
_CLEAR_DAYS = 90


class Era(StrEnum):
    """How the first number of a version counts."""

    PLAIN = "numbers"
    YEAR = "years"
    DAY = "days"


@dataclass(frozen=True, slots=True)
class Span:
    """The readings of the numbering that is in use, and those of others with the reason."""

    readings: tuple[Reading, ...]
    era: Era = Era.PLAIN
    others: tuple[tuple[Reading, Text], ...] = ()
    conflict: Text | None = None


def era_of(reading: Reading) -> Era:
    """Which numbering a version belongs to, by its first number."""
    first = reading.numbers[0]
    if len(first) in (8, 10, 12, 14) and "1985" <= first[:4] <= "2100" and "01" <= first[4:6] <= "12":
        return Era.DAY
    if len(first) == 6 and first[:2] not in ("19", "20") and "01" <= first[2:4] <= "12" and "01" <= first[4:] <= "31":
        return Era.DAY
    if len(first) == 4 and "1985" <= first <= "2100":
        return Era.YEAR
    return Era.PLAIN


def choose_era(readings: Sequence[Reading], dates: dict[str, date], current: str) -> Span:
    """The numbering of the newest dated release; without days that of the current version, or of the clear majority."""
    groups: dict[Era, list[Reading]] = {}
    for reading in readings:
        groups.setdefault(era_of(reading), []).append(reading)
    if len(groups) == 1:
        return Span(tuple(readings), next(iter(groups)))
    era = (
        _by_days(groups, dates, _CLEAR_DAYS)
        or _by_name(groups)
        or _by_current(groups, current)
        or _by_days(groups, dates, 1)
        or _by_numbers(groups)
        or _by_majority(groups)
    )
    if era is None:
        counts = ", ".join(f"{len(group)} count in {kind}" for kind, group in sorted(groups.items()))
        return Span((), conflict=Message("two numberings and nothing to tell which is in use: {counts}", counts=counts))
    others = tuple(
        (reading, Message("another numbering ({era}), which is not the one in use", era=str(kind)))
        for kind, group in sorted(groups.items())
        if kind is not era
        for reading in group
    )
    return Span(tuple(groups[era]), era, others)


def _by_days(groups: dict[Era, list[Reading]], dates: dict[str, date], least: int) -> Era | None:
    newest: dict[Era, date] = {}
    for era, group in groups.items():
        stable = [dates[reading.tag] for reading in group if reading.tag in dates and not reading.is_early]
        known = stable or [dates[reading.tag] for reading in group if reading.tag in dates]
        if known:
            newest[era] = max(known)
    if len(newest) < len(groups):
        return None
    ranked = sorted(newest, key=lambda era: newest[era], reverse=True)
    return ranked[0] if (newest[ranked[0]] - newest[ranked[1]]).days >= least else None


def _by_name(groups: dict[Era, list[Reading]]) -> Era | None:
    """The only numbering whose tags carry the project's name; the others are those of a whole of which it is a part."""
    largest = max(map(len, groups.values()))
    named = [
        era
        for era, group in groups.items()
        if sum(bool(reading.named) for reading in group) * 2 > len(group) and len(group) * 2 >= largest
    ]
    bare = [era for era, group in groups.items() if not any(reading.named for reading in group)]
    return named[0] if len(named) == 1 and len(bare) == len(groups) - 1 else None


def _by_numbers(groups: dict[Era, list[Reading]]) -> Era | None:
    """Numbers that go on above the years (3000 after 2019)."""
    if groups.keys() != {Era.PLAIN, Era.YEAR}:
        return None
    above = min(r.integers[0] for r in groups[Era.PLAIN]) > max(r.integers[0] for r in groups[Era.YEAR])
    return Era.PLAIN if above else None


def _by_current(groups: dict[Era, list[Reading]], current: str) -> Era | None:
    reading = read(current) if current else None
    era = era_of(reading) if reading else None
    return era if era in groups else None


def _by_majority(groups: dict[Era, list[Reading]]) -> Era | None:
    total = sum(map(len, groups.values()))
    return next((era for era, group in groups.items() if len(group) >= total * _CLEAR_SHARE), None)
