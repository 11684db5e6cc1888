"""Versions that somebody mistyped: a lone tag far ahead of all others, while releases went on behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headrace.upstream.choose_candidates import Candidate, Field
from headrace.words import Message, Text

_GAPS = (2, 10)
"""How far ahead the first and the second number must be to look mistyped."""
_LATER = 2
_MANY_LATER, _LONG_DAYS = 5, 540
_FACTOR = 10
_MANY = 8
_ROUNDS = 3


def find_mistakes(field: Field) -> Mapping[str, Text]:
    """The tags that look mistyped or abandoned, each with the reason: others went on behind them.

    Development versions are looked at as well as releases, so that a mistyped one is not shown as the newest either.
    """
    found = _unnamed(field)
    for stable in (False, True):
        rest = [
            c
            for c in field.candidates
            if c.tag not in found and (c.against is None or (not stable and c.verdict.is_developing))
        ]
        for _ in range(_ROUNDS):
            reason = _mistake(rest) if len(rest) > _LATER else None
            if reason is None:
                break
            found[rest[0].tag] = reason
            rest = rest[1:]
    return found


def _unnamed(field: Field) -> dict[str, Text]:
    """Far higher numbers behind mere words like `release`, where the project's tags carry its name."""
    stable = [candidate for candidate in field.candidates if candidate.against is None]
    named = [candidate for candidate in stable if candidate.reading.named]
    if not named or len(named) * 5 < len(stable) * 3:
        return {}
    least = _FACTOR * max(1, named[0].reading.integers[0])
    return {
        c.tag: Message("far ahead of the tags that carry the project's name, and carries none")
        for c in stable
        if not c.reading.named
        and c.day is None
        and not c.tag.lstrip("vV")[:1].isdigit()
        and c.reading.integers[0] >= least
    }


def _mistake(rest: Sequence[Candidate]) -> Text | None:
    """What speaks against the first (newest) of `rest`."""
    top = rest[0]
    numbers = top.reading.integers
    for level, gap in enumerate(_GAPS[: len(numbers)]):
        others = [
            c for c in rest[1:] if len(c.reading.integers) > level and c.reading.integers[:level] == numbers[:level]
        ]
        if not others:
            return None
        if any(c.reading.integers[level] == numbers[level] for c in others):
            continue
        ahead = numbers[level] - others[0].reading.integers[level]
        reason = _by_days(top, others, far=ahead >= gap) if top.day else _by_spelling(top, others, far=ahead >= gap)
        if reason is not None:
            return reason
    return None


def _by_days(top: Candidate, others: Sequence[Candidate], *, far: bool) -> Text | None:
    """A lone tag after which the releases went on with lower numbers: soon when it is far ahead, for long when it is near."""
    best = others[0]
    if top.day is None or best.day is None or best.day <= top.day:
        return None
    later = sum(c.day is not None and c.day > top.day for c in others)
    long = later >= _MANY_LATER and (best.day - top.day).days >= _LONG_DAYS
    if not (far and later >= _LATER) and not long:
        return None
    return Message(
        "stands alone and looks mistyped or abandoned: {count} releases came later, the newest is {version}",
        version=best.version,
        count=later,
    )


def _by_spelling(top: Candidate, others: Sequence[Candidate], *, far: bool) -> Text | None:
    """Without days: far ahead, alone, and spelled as the project spelled its tags long before its present numbers."""
    if not far:
        return None
    style = _style(top)
    same = [c for c in others if _style(c) == style]
    if not same and len(others) > _LATER and top.reading.integers[0] >= _FACTOR * max(1, others[0].reading.integers[0]):
        return Message("looks mistyped: far ahead of all others, and spelled like none of them")
    if len(same) < _LATER or same[0].reading.integers[0] >= others[0].reading.integers[0]:
        return None
    return Message("looks mistyped: tags spelled like it ended with {version}", version=same[0].version)


def _style(candidate: Candidate) -> str:
    return candidate.tag[: candidate.tag.find(candidate.reading.mixed)] + candidate.reading.joint


def is_lone_leap(good: Sequence[Candidate]) -> bool:
    """Whether the newest version is ten times ahead of all others and alone, with no days to tell whether it is mistyped."""
    if len(good) < _MANY or any(candidate.day for candidate in good):
        return False
    first = [candidate.reading.integers[0] for candidate in good]
    rest = [number for number in first[1:] if number != first[0]]
    return len(rest) == len(first) - 1 and max(rest) >= 1 and first[0] >= _FACTOR * max(rest)
