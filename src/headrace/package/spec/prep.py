"""How each patch is applied in `%prep`: read from the lines that hold for the target."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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


def applications(lines: Iterable[Met], declared: Sequence[tuple[int, str]]) -> tuple[Applied, ...]:
    """Who applies which patch, in order; `declared` are (number, file name) of the patches."""
    found: list[Applied] = []
    for met in lines:
        text = without_holes(met.text)
        for wanted in _wanted(text, met.index + 1, declared):
            for number, _ in declared:
                listed = wanted.numbers is None or number in wanted.numbers
                if listed and wanted.low <= number <= wanted.high:
                    found.append(Applied(number, wanted.how, wanted.strip, wanted.line))
    return tuple(found)


def _wanted(text: str, line: int, declared: Sequence[tuple[int, str]]) -> Iterable[_Wanted]:
    automatic = _AUTO.match(text)
    if automatic:
        name, rest = automatic.groups()
        if name == "autosetup" and re.search(r"(?<!\S)-[a-zA-Z]*N", rest):
            return
        yield _automatic(name, rest, line)
        return
    single = _PATCH.match(text)
    if single:
        digits, rest = single.groups()
        yield _Wanted("%patch", _strip(rest), line, frozenset(_numbers(digits, rest)))
        return
    if "patch" in text.lower() and is_known(text):
        yield from _by_hand(text, line, declared)


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


def _by_hand(text: str, line: int, declared: Sequence[tuple[int, str]]) -> Iterable[_Wanted]:
    """`patch -p1 < %{PATCH3}`, `git am %{patches}` and their kind."""
    command = _SHELL.search(text)
    if not command:
        return
    how = " ".join(command.group().strip(" ;|&\t").split())
    named = frozenset(
        number for number, name in declared if name and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text)
    )
    if named:
        yield _Wanted(how, _strip(text), line, named)
    elif "%{patches}" in text or "%patches" in text:
        yield _Wanted(how, _strip(text), line, None)
