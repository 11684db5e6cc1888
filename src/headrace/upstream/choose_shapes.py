"""Versions unlike the project's others: a lone number among pointed ones, another major than the package is named for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from headrace.upstream.choose_families import squeeze_name
from headrace.upstream.versions_reading import Reading

_ENOUGH = 10
_FEW_SHARE = 5
_FEW = 3
_LANGUAGES = (
    "python",
    "perl",
    "ruby",
    "rubygem",
    "nodejs",
    "node",
    "golang",
    "php",
    "ghc",
    "rust",
    "lua",
    "erlang",
    "R-",
)


def lone_numbers(readings: Sequence[Reading], dates: dict[str, date]) -> frozenset[str]:
    """The tags with one number only where nearly all others have several, unless they are the newest by the day."""
    single = [reading for reading in readings if len(reading.numbers) == 1 and not reading.marks]
    several = [reading for reading in readings if len(reading.numbers) > 1]
    if not single or len(several) < _ENOUGH or len(single) >= _FEW or len(single) * _FEW_SHARE > len(several):
        return frozenset()
    newest = max((dates[reading.tag] for reading in several if reading.tag in dates), default=None)
    return frozenset(r.tag for r in single if newest is None or r.tag not in dates or dates[r.tag] < newest)


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
    if major not in majors or max(majors) <= major or (current is not None and current.integers[0] != major):
        return None
    return major
