"""Streams: the lines of one upstream that are maintained side by side, and which one a branch follows.

A stream is a beginning of the version number (1.1 of 1.1.1w, 15 of 15.2.4). Where the project's end-of-life days are known they
come from the metadata; nothing here knows them by heart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headrace.upstream.choose import choose
from headrace.upstream.choose_candidates import Candidate, survey
from headrace.upstream.model import Announcement, Choice, Takes
from headrace.words import Message, Text


@dataclass(frozen=True, slots=True)
class Stream:
    """One line of releases: `name` is the beginning that its versions share (1.1, 15)."""

    name: str
    newest: str
    first_day: date | None = None
    last_day: date | None = None
    releases: int = 0
    ends: date | None = None
    """The day on which upstream stops to maintain it, None when nobody said."""

    def is_over(self, today: date) -> bool:
        """Whether its end has come."""
        return self.ends is not None and self.ends <= today


def streams(
    announcements: Iterable[Announcement],
    *,
    tag_prefix: str = "",
    separator: str = ".",
    project: str = "",
    ends: Mapping[str, date] | None = None,
) -> tuple[Stream, ...]:
    """The streams of stable releases, newest first. `ends` maps a stream's name to the day of its end of life.

    Streams are majors where majors were maintained side by side, else X.Y series; a project with one number, or with days,
    has none.
    """
    field = survey(announcements, tag_prefix=tag_prefix, separator=separator, identity=project, current="")
    stable = [candidate for candidate in field.candidates if candidate.against is None]
    if not stable or all(len(candidate.reading.numbers) < 2 for candidate in stable):
        return ()
    depth = _depth(stable, ends or {})
    groups: dict[tuple[int, ...], list[Candidate]] = {}
    for candidate in stable:
        groups.setdefault(candidate.reading.integers[:depth], []).append(candidate)
    return tuple(_stream(numbers, group, ends or {}) for numbers, group in sorted(groups.items(), reverse=True))


def _depth(stable: Sequence[Candidate], ends: Mapping[str, date]) -> int:
    """How many numbers name a stream: as many as the names with a known end have; else one where majors overlap in time."""
    if ends:
        return max(name.count(".") + 1 for name in ends)
    if all(len(candidate.reading.numbers) < 3 for candidate in stable):
        return 1
    spans: dict[int, tuple[date, date]] = {}
    minors: dict[int, set[int]] = {}
    for candidate in stable:
        major = candidate.reading.integers[0]
        minors.setdefault(major, set()).update(candidate.reading.integers[1:2])
        if candidate.day:
            first, last = spans.get(major, (candidate.day, candidate.day))
            spans[major] = (min(first, candidate.day), max(last, candidate.day))
    overlap = any(
        spans[major][1] > spans[major + 1][0] and len(minors[major]) == 1 for major in spans if major + 1 in spans
    )
    return 1 if overlap else 2


def _stream(numbers: tuple[int, ...], group: Sequence[Candidate], ends: Mapping[str, date]) -> Stream:
    name = ".".join(map(str, numbers))
    days = [candidate.day for candidate in group if candidate.day]
    return Stream(
        name, group[0].version, min(days, default=None), max(days, default=None), len(group), _end_of(name, ends)
    )


def _end_of(name: str, ends: Mapping[str, date]) -> date | None:
    """The end of the stream, or of the longest beginning of its name that has one (15 for 15.2)."""
    parts = name.split(".")
    return next((ends[key] for n in range(len(parts), 0, -1) if (key := ".".join(parts[:n])) in ends), None)


@dataclass(frozen=True, slots=True)
class Followed:
    """What a branch that follows one stream should carry, and what is to be said about the stream."""

    choice: Choice
    stream: Stream | None
    remark: Text | None = None


def follow(
    announcements: Sequence[Announcement],
    *,
    stream: str,
    current: str,
    today: date,
    tag_prefix: str = "",
    project: str = "",
    ends: Mapping[str, date] | None = None,
) -> Followed:
    """The newest stable release of the stream `stream` for a branch that carries `current`; the end of its life is remarked.

    A stream of which nothing is announced keeps the current version; nothing outside the stream is ever chosen.
    """
    known = streams(announcements, tag_prefix=tag_prefix, project=project, ends=ends)
    choice = choose(
        announcements,
        current=current,
        takes=Takes.ANY,
        tag_prefix=tag_prefix,
        project=project,
        today=today,
        stream=stream,
    )
    found = next((s for s in known if s.name == stream), None)
    end = _end_of(stream, ends or {})
    if end is None:
        return Followed(choice, found)
    if end <= today:
        newer = next((s.name for s in known if not s.is_over(today)), "")
        return Followed(choice, found, _over(stream, end, newer))
    return Followed(
        choice, found, Message("the stream {stream} is maintained until {day}", stream=stream, day=end.isoformat())
    )


def _over(stream: str, end: date, newer: str) -> Text:
    if newer:
        return Message(
            "the stream {stream} is not maintained since {day}; {newer} is",
            stream=stream,
            day=end.isoformat(),
            newer=newer,
        )
    return Message("the stream {stream} is not maintained since {day}", stream=stream, day=end.isoformat())
