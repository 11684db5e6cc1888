"""Projects change their numbering: from days to numbers, from numbers to years. Only the days of release tell the direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from headrace.upstream.versions_reading import Reading, read
from headrace.words import Message, Text

_CLEAR_SHARE = 0.6


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
    era = _by_days(groups, dates) or _by_current(groups, current) or _by_majority(groups)
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


def _by_days(groups: dict[Era, list[Reading]], dates: dict[str, date]) -> Era | None:
    newest: dict[Era, date] = {}
    for era, group in groups.items():
        stable = [dates[reading.tag] for reading in group if reading.tag in dates and not reading.is_early]
        known = stable or [dates[reading.tag] for reading in group if reading.tag in dates]
        if known:
            newest[era] = max(known)
    if len(newest) < len(groups):
        return None
    ranked = sorted(newest, key=lambda era: newest[era], reverse=True)
    return ranked[0] if newest[ranked[0]] > newest[ranked[1]] else None


def _by_current(groups: dict[Era, list[Reading]], current: str) -> Era | None:
    reading = read(current) if current else None
    era = era_of(reading) if reading else None
    return era if era in groups else None


def _by_majority(groups: dict[Era, list[Reading]]) -> Era | None:
    total = sum(map(len, groups.values()))
    return next((era for era, group in groups.items() if len(group) >= total * _CLEAR_SHARE), None)
