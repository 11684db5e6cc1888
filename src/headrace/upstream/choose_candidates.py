"""From announcements to candidates: read the tags, keep the project's own, learn its numbering, note what speaks against each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from headrace.upstream.choose_against import Judge, Verdict
from headrace.upstream.choose_eras import Era, choose_era
from headrace.upstream.choose_families import choose_family, names_of
from headrace.upstream.choose_scheme import Numbering, choose_numbering
from headrace.upstream.model import Announcement, Rejected
from headrace.upstream.schemes import DateTag
from headrace.upstream.versions import Key
from headrace.upstream.versions_prefix import parse_prefix
from headrace.upstream.versions_reading import Reading, read
from headrace.upstream.versions_words import Sense
from headrace.words import Message, Text


@dataclass(frozen=True, slots=True)
class Candidate:
    """One version of the project itself, and what speaks against it."""

    tag: str
    version: str
    key: Key
    reading: Reading
    day: date | None = None
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def against(self) -> Text | None:
        """Why a stable choice passes it over, None when nothing speaks against it."""
        return self.verdict.reason


@dataclass(frozen=True, slots=True)
class Field:
    """Everything that takes part in the choice. `candidates` are sorted, newest first."""

    candidates: tuple[Candidate, ...] = ()
    passed: tuple[Rejected, ...] = ()
    """Tags of others and of an earlier numbering, with reasons."""
    unread: int = 0
    remarks: tuple[Text, ...] = ()
    scheme: str = ""
    numbering: Numbering | None = None
    era: Era = Era.PLAIN
    conflict: Text | None = None
    settles: Text | None = None


def survey(
    announcements: Iterable[Announcement], *, tag_prefix: str, separator: str, identity: str, current: str
) -> Field:
    """Read all announcements. Nothing is dropped silently: every tag is a candidate, passed with a reason, or counted unread."""
    names, prefix = names_of(identity), parse_prefix(tag_prefix)
    by_tag: dict[str, Announcement] = {}
    for announcement in sorted(
        announcements, key=lambda a: (a.tag or a.version, a.version, str(a.released), str(a.withdrawn))
    ):
        by_tag.setdefault(announcement.tag or announcement.version, announcement)
    read_all = {tag: read(tag, names, prefix) for tag in by_tag}
    readings = [reading for reading in read_all.values() if reading is not None]
    dates = {tag: a.released.date() for tag, a in by_tag.items() if a.released is not None}
    unread = len(by_tag) - len(readings)
    if not readings:
        return Field(unread=unread)
    family = choose_family(readings, prefix, dates, identity)
    passed = tuple(Rejected(reading.tag, reason) for reading, reason in family.others)
    if family.conflict is not None:
        settles = Message("name the product's tag prefix in the package's metadata")
        return Field((), passed, unread, family.remarks, conflict=family.conflict, settles=settles)
    span = choose_era(family.readings, dates, current)
    passed = tuple(Rejected(reading.tag, reason) for reading, reason in span.others) + passed
    if span.conflict is not None:
        settles = Message("the days of the releases, or the version that the package carries, would tell")
        return Field((), passed, unread, family.remarks, conflict=span.conflict, settles=settles)
    numbering = choose_numbering(span.readings, dates, identity)
    era = Era.DAY if isinstance(numbering.scheme, DateTag) else span.era
    judge = Judge.of(span.readings, by_tag, dates, identity, current)
    candidates = [
        Candidate(r.tag, numbering.version(r), numbering.key(r), r, dates.get(r.tag), judge.judge(r))
        for r in span.readings
    ]
    candidates.sort(key=lambda c: _preference(c, separator), reverse=True)
    return Field(tuple(candidates), passed, unread, family.remarks, numbering.name, numbering, era)


def _preference(candidate: Candidate, separator: str) -> tuple[object, ...]:
    """Newest first; among spellings of one version the plainest, then the one written as the metadata says."""
    reading = candidate.reading
    return (
        candidate.key,
        candidate.against is None,
        _revision(reading),
        -len(reading.marks),
        reading.configured,
        reading.joint in ("", separator),
        -len(candidate.tag),
        candidate.tag,
    )


def _revision(reading: Reading) -> tuple[int, ...]:
    """The number behind a dash: among packagings of one version the last one counts."""
    counted = (Sense.REVISION, Sense.BUILD)
    levels = tuple(int(n[:9]) for mark in reading.marks if mark.sense in counted for n in mark.numbers)
    return levels if any(levels) else ()
