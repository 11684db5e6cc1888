"""Versions that somebody mistyped: a lone tag far ahead of all others, while releases went on behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headrace.upstream.choose_candidates import Candidate, Field
from headrace.words import Message, Text

_GAPS = (2, 10)
"""How far ahead the first and the second number must be to look mistyped."""
_LATER = 2
_FACTOR = 10
_MANY = 8
_ROUNDS = 3


def find_mistakes(field: Field) -> Mapping[str, Text]:
    """The tags that look mistyped, each with the reason. Only days prove it: releases that came later with lower numbers."""
    good = [candidate for candidate in field.candidates if candidate.against is None]
    found: dict[str, Text] = {}
    for _ in range(_ROUNDS):
        if len(good) < _LATER + 1:
            break
        reason = _mistake(good)
        if reason is None:
            break
        found[good[0].tag] = reason
        good = good[1:]
    return found


def _mistake(good: Sequence[Candidate]) -> Text | None:
    top = good[0]
    numbers = top.reading.integers
    for level, gap in enumerate(_GAPS):
        if len(numbers) <= level or top.day is None:
            return None
        rest = [
            c for c in good[1:] if len(c.reading.integers) > level and c.reading.integers[:level] == numbers[:level]
        ]
        if not rest:
            return None
        best = rest[0]
        alone = all(c.reading.integers[level] != numbers[level] for c in rest)
        later = [c for c in rest if c.day and c.day > top.day]
        ahead = numbers[level] - max(c.reading.integers[level] for c in rest)
        if alone and ahead >= gap and len(later) >= _LATER and best.day and best.day > top.day:
            return Message(
                "looks mistyped: it stands alone, and {version} and {count} others came later",
                version=best.version,
                count=len(later) - 1,
            )
    return None


def is_lone_leap(good: Sequence[Candidate]) -> bool:
    """Whether the newest version is ten times ahead of all others and alone, with no days to tell whether it is mistyped."""
    if len(good) < _MANY or any(candidate.day for candidate in good):
        return False
    first = [candidate.reading.integers[0] for candidate in good]
    rest = [number for number in first[1:] if number != first[0]]
    return len(rest) == len(first) - 1 and max(rest) >= 1 and first[0] >= _FACTOR * max(rest)
