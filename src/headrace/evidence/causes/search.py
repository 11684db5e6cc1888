"""Finds in a build log why the build failed. Pure; the log is foreign text and is only read, line by line, bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headrace.evidence.causes import languages, machine, packaging, tools
from headrace.evidence.causes.model import Cause, Explanation, Kind
from headrace.words import Text

KINDS: tuple[Kind, ...] = tuple(
    sorted((*machine.KINDS, *packaging.KINDS, *languages.KINDS, *tools.KINDS), key=lambda each: each.rank)
)
"""Every kind that is known, those that name a culprit first: the first that fits a line is taken."""

_LINES = 50_000
_LINE = 400
_ALSO = 20
_STAGE = re.compile(r"^Executing\((%\w+)\)")
_TRACED_MACRO = re.compile(r"^\++ %(\w+)")
_TRACE = re.compile(r"^\++ ")
_HINT = re.compile(
    r"(?i)error|fail|not found|no such|cannot|can't|could|undefined"
    r"|missing|unpack|needed by|denied|read-only|fatal|hunk|patch"
    r"|killed|fault|unavailable|unreachable|space left|no module|no"
    r" rule|not ok|%\w+: command|job control|tar:|too large|timed? ?out"
    r"|must begin|listed twice|ambiguous|found '|required|requires|version"
    r"|out of memory|exhausted|locale|display|dependenc|option|no tests"
    r"|items|multiple definition|lookup|undeclared|declared|exceeded"
    r"|bad_alloc|pthread|ERR!|bus |illegal|exception|stopped|locate|make|hunk"
)


def explain(log: str) -> Explanation:
    """The cause of a failure and what else the log tells of: the kinds once each, in the order of the log.

    Only the stage in which the build ended is looked at, unless it holds nothing; what rpmbuild tells after the stages counts.
    """
    whole = log.splitlines()
    lines = whole[-_LINES:]
    before = len(whole) - len(lines)
    starts = [at for at, line in enumerate(lines) if _STAGE.match(line)]
    causes = _ranked(lines, starts[-1] if starts else 0, before)
    if starts and all(rank >= 2 for rank, _ in causes):
        causes = _ranked(lines, 0, before) or causes
    if not causes:
        return Explanation(None)
    rank = min(rank for rank, _ in causes)
    cause = next(each for at, each in causes if at == rank)
    seen = {(cause.kind, cause.subject)}
    also: list[Cause] = []
    for _, each in causes:
        if (each.kind, each.subject) not in seen and len(also) < _ALSO:
            seen.add((each.kind, each.subject))
            also.append(each)
    return Explanation(cause, tuple(also))


def _ranked(lines: list[str], start: int, before: int) -> list[tuple[int, Cause]]:
    """The causes from line `start` on; `before` lines of the log were cut off above."""
    return [found for number in range(start, len(lines)) for found in _causes(lines, number, before)]


def _causes(lines: list[str], number: int, before: int) -> Iterator[tuple[int, Cause]]:
    line = lines[number][:_LINE]
    if _TRACE.match(line) or not _HINT.search(line):
        return
    if line.rstrip().endswith(":") and number + 1 < len(lines):
        line = f"{line.rstrip()} {lines[number + 1].strip()}"[:_LINE]
    for kind in KINDS:
        if found := kind.pattern.search(line):
            subject = next((each for each in found.groups() if each), "").strip() or _subject_before(
                lines, number, kind
            )
            yield kind.rank, Cause(kind.name, subject, line.strip(), before + number + 1, _told(kind, subject))
            return


def _subject_before(lines: list[str], number: int, kind: Kind) -> str:
    """A shell that takes an undefined macro for a job tells its name only in the trace before."""
    if kind.name == "undefined macro" and number and (traced := _TRACED_MACRO.match(lines[number - 1])):
        return traced[1]
    return ""


def _told(kind: Kind, subject: str) -> Text:
    return Text(kind.meaning.text, {"subject": subject}) if "{subject}" in kind.meaning.text else kind.meaning
