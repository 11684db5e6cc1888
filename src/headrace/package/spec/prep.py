"""How each patch is applied in `%prep`: read from the lines that hold for the target."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from headrace.package.spec.value import is_known, without_holes
from headrace.package.spec.walk import Met

AUTOMATIC = ("autosetup", "autopatch")
_PATCH = re.compile(r"[ \t]*%patch(\d*)(?=\s|$)(.*)")
_AUTO = re.compile(r"[ \t]*%(autosetup|autopatch)(?=\s|$)(.*)")
_SHELL = re.compile(r"(?:^|[\s;|&])(?:patch|git\s+(?:am|apply)|quilt)\s")
_STRIP = re.compile(r"(?<!\S)-p\s*(\d+)")
_NUMBER = re.compile(r"(?<!\S)-P\s*(\d+)")
_BOUNDS = {"m": re.compile(r"(?<!\S)-m\s*(\d+)"), "M": re.compile(r"(?<!\S)-M\s*(\d+)")}


@dataclass(frozen=True, slots=True)
class Applied:
    """One application of a patch: `how` is the macro or command (`autosetup`, `autopatch`, `%patch`, `patch`, `git am`)."""

    number: int
    how: str
    strip: int
    line: int
    """The line of the spec, from 1."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A line of `%prep` that applies patches: which numbers it takes out of those declared."""

    how: str
    strip: int
    line: int
    numbers: frozenset[int] | None
    low: int = 0
    high: int = 1 << 31


MOST = 20_000
"""Applications that are told of one spec; no real one has a tenth of it."""


def applications(lines: Iterable[Met], declared: Sequence[tuple[int, str]]) -> dict[int, tuple[Applied, ...]]:
    """Who applies which patch: number -> applications in order; `declared` are (number, file name) of the patches."""
    found: dict[int, list[Applied]] = {number: [] for number, _ in declared}
    by_name = {name: number for number, name in declared if name}
    count = 0
    for met in lines:
        text = without_holes(met.text)
        wanted = _wanted(text, met.index + 1, by_name)
        if wanted is None:
            continue
        for number in found if wanted.numbers is None else sorted(wanted.numbers & found.keys()):
            if wanted.low <= number <= wanted.high and count < MOST:
                found[number].append(Applied(number, wanted.how, wanted.strip, wanted.line))
                count += 1
    return {number: tuple(ones) for number, ones in found.items()}


def _wanted(text: str, line: int, by_name: Mapping[str, int]) -> _Wanted | None:
    automatic = _AUTO.match(text)
    if automatic:
        name, rest = automatic.groups()
        if name == "autosetup" and re.search(r"(?<!\S)-[a-zA-Z]*N", rest):
            return None
        return _automatic(name, rest, line)
    single = _PATCH.match(text)
    if single:
        digits, rest = single.groups()
        return _Wanted("%patch", _strip(rest), line, frozenset(_numbers(digits, rest)))
    return _by_hand(text, line, by_name) if "patch" in text.lower() and is_known(text) else None


def _automatic(name: str, rest: str, line: int) -> _Wanted:
    bounds = {key: int(found.group(1)) for key, pattern in _BOUNDS.items() if (found := pattern.search(rest))}
    numbers = None
    if name == "autopatch":
        plain = _BOUNDS["m"].sub("", _BOUNDS["M"].sub("", _STRIP.sub("", rest)))
        listed = [int(word) for word in re.findall(r"(?<!\S)(\d{1,9})(?!\S)", plain)]
        numbers = frozenset(listed) if listed else None
    return _Wanted(name, _strip(rest), line, numbers, bounds.get("m", 0), bounds.get("M", 1 << 31))


def _numbers(digits: str, rest: str) -> list[int]:
    if digits and len(digits) < 10:
        return [int(digits)]
    numbers = [int(word) for word in _NUMBER.findall(rest)]
    plain = re.sub(r"(?<!\S)-[bdzFPp]\s*\S+|(?<!\S)-\S+", " ", rest)
    numbers += [int(word) for word in plain.split() if word.isdigit() and len(word) < 10]
    return numbers or [0]


def _strip(rest: str) -> int:
    found = _STRIP.search(rest)
    return int(found.group(1)) if found and len(found.group(1)) < 4 else 0


_FILE = re.compile(r"[\w.+~-]+")


def _by_hand(text: str, line: int, by_name: Mapping[str, int]) -> _Wanted | None:
    """`patch -p1 < %{PATCH3}`, `git am %{patches}` and their kind."""
    command = _SHELL.search(text)
    if not command:
        return None
    how = " ".join(command.group().strip(" ;|&\t").split())
    named = frozenset(by_name[word] for word in _FILE.findall(text) if word in by_name)
    if named:
        return _Wanted(how, _strip(text), line, named)
    return _Wanted(how, _strip(text), line, None) if "%{patches}" in text or "%patches" in text else None
