"""Versions unlike the project's others: a lone number among pointed ones, another major than the package is named for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from headrace.upstream.choose_families import squeeze_name
from headrace.upstream.versions_marks import DAY
from headrace.upstream.versions_reading import Reading

_ENOUGH = 10
_FEW_SHARE = 5
_FEW = 3
_REVISION = re.compile(r"(?:r|rev|svn)[-_]?[0-9]+")
_LANGUAGES = (
    *("python", "perl", "ruby", "rubygem", "nodejs", "node", "golang"),
    *("php", "ghc", "rust", "lua", "erlang", "R-"),
)


def lone_numbers(readings: Sequence[Reading], dates: dict[str, date]) -> frozenset[str]:
    """The tags with one number only that are no versions beside pointed ones: revisions, slips, an older numbering."""
    single = [reading for reading in readings if len(reading.numbers) == 1 and not reading.marks]
    several = [reading for reading in readings if len(reading.numbers) > 1]
    revisions = {r.tag for r in single if _REVISION.fullmatch(r.tag) and len(several) >= _FEW}
    single = [reading for reading in single if reading.tag not in revisions]
    newest = max((dates[reading.tag] for reading in several if reading.tag in dates), default=None)
    if single and (_are_few(single, several) or _are_over(single, several, dates)):
        old = {r.tag for r in single if newest is None or r.tag not in dates or dates[r.tag] < newest}
        return frozenset(revisions | old)
    return frozenset(revisions)


def _are_few(single: Sequence[Reading], several: Sequence[Reading]) -> bool:
    return len(several) >= _ENOUGH and len(single) < _FEW and len(single) * _FEW_SHARE <= len(several)


def _are_over(single: Sequence[Reading], several: Sequence[Reading], dates: dict[str, date]) -> bool:
    """Whether the last single number came before several pointed releases, and none of those before it."""
    ones = [dates[reading.tag] for reading in single if reading.tag in dates]
    others = [dates[reading.tag] for reading in several if reading.tag in dates]
    return len(ones) == len(single) and len(others) >= _FEW and max(ones) < min(others)


def days_are_snapshots(readings: Sequence[Reading]) -> bool:
    """Whether a day behind the numbers (3.6-20200710) marks snapshots: the releases of the same numbers have none.

    Where earlier numbers never got a release without a day, the day belongs to the release (json-c-0.14-20200419).
    """
    dated = {reading.integers for reading in readings if any(mark.word == DAY for mark in reading.marks)}
    plain = {reading.integers for reading in readings if not any(mark.word == DAY for mark in reading.marks)}
    if not plain or not dated:
        return False
    earlier = dated - {max(dated)}
    released = {numbers for numbers in earlier if numbers in plain or (*numbers, 0) in plain}
    return len(earlier) == 0 or len(released) * 2 >= len(earlier)


def pinned_major(identity: str, readings: Sequence[Reading], current: Reading | None) -> int | None:
    """The major for which the package exists, when its name says so and the project's does not (openjpeg2 of openjpeg).

    The name only counts when the project has that major and a later one, and when the current version does not contradict it.
    """
    parts = identity.split()
    package = squeeze_name(parts[0]) if parts else ""
    match = re.fullmatch(r"(.*[a-z])([0-9]{1,3})", package)
    if len(parts) < 2 or parts[0].startswith(_LANGUAGES):
        return None
    family = re.match(r"([a-z]+)([0-9]{1,2})-", parts[0].lower())
    if match is None and family is not None and all(squeeze_name(part).startswith(family[1]) for part in parts[1:]):
        match = family
        parts = [*parts, family[1]]
    if match is None:
        return None
    stem, major = match[1], int(match[2])
    if all(squeeze_name(part) not in (stem, "lib" + stem, stem.removeprefix("lib")) for part in parts[1:]):
        return None
    majors = {reading.integers[0] for reading in readings if len(reading.numbers) > 1}
    if major not in majors and major > 9:
        major //= 10 ** (len(match[2]) - 1)
    if major not in majors or max(majors) <= major or (current is not None and current.integers[0] != major):
        return None
    return major
