"""From announcements to candidates: read the tags, keep the project's own, learn its numbering, note what speaks against each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from headrace.upstream.choose_eras import Era, choose_era
from headrace.upstream.choose_families import choose_family, names_of
from headrace.upstream.choose_practice import Practice, learn_practice
from headrace.upstream.choose_scheme import Numbering, choose_numbering, common_words, letters_are_practised
from headrace.upstream.choose_shapes import lone_numbers, pinned_major
from headrace.upstream.model import Announcement, Rejected
from headrace.upstream.versions import Key
from headrace.upstream.versions_prefix import parse_prefix
from headrace.upstream.versions_reading import Mark, Reading, read
from headrace.upstream.versions_words import Sense
from headrace.words import Message, Text

_MOST_LISTED = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """One version of the project itself; `against` says why a stable choice passes it over, None when nothing does."""

    tag: str
    version: str
    key: Key
    reading: Reading
    day: date | None = None
    against: Text | None = None
    is_early: bool = False
    """A pre-release or a development version, by its words or by the project's practice."""
    is_developing: bool = False
    """What speaks against it is the project's practice alone."""
    is_worded: bool = False
    """What speaks against it stands in the tag or comes from the source; nothing had to be weighed."""


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
    candidates = _candidates(span.readings, numbering, dates, by_tag, identity, current)
    candidates.sort(key=lambda c: _preference(c, separator), reverse=True)
    return Field(tuple(candidates), passed, unread, family.remarks, numbering.name, numbering, span.era)


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
    return tuple(int(n[:9]) for mark in reading.marks if mark.sense is Sense.REVISION for n in mark.numbers)


def _candidates(
    readings: Sequence[Reading],
    numbering: Numbering,
    dates: dict[str, date],
    by_tag: dict[str, Announcement],
    identity: str,
    current: str,
) -> list[Candidate]:
    worded = {reading.tag: _worded(reading, by_tag[reading.tag]) for reading in readings}
    plain = [reading for reading in readings if worded[reading.tag] is None]
    practice = learn_practice(plain, [reading for reading in readings if reading.is_early], dates, identity)
    common = common_words(readings)
    letters = letters_are_practised(readings) or any(mark.sense is Sense.LETTER for mark in _marks_of(current))
    numbers = {reading.numbers for reading in plain if not reading.marks}
    lone = lone_numbers(plain, dates)
    major = pinned_major(identity, plain, read(current) if current else None)
    retracted = {reading.integers for reading in readings if reading.has(Sense.WITHDRAWN)}
    found: list[Candidate] = []
    for reading in readings:
        by_word = worded[reading.tag]
        if by_word is None and reading.integers in retracted:
            by_word = Message("withdrawn by a later tag")
        weighed = (
            by_word or _unlike(reading, lone, major) or _weighed(reading, practice, common, numbers, letters=letters)
        )
        early = not _is_snapshot(reading) and (
            reading.is_early or by_tag[reading.tag].prerelease is True or _is_trial(reading)
        )
        developing = by_word is None and practice.why_development(reading.integers) is not None
        found.append(
            Candidate(
                reading.tag,
                numbering.version(reading),
                numbering.key(reading),
                reading,
                dates.get(reading.tag),
                weighed,
                early or developing,
                developing,
                by_word is not None,
            )
        )
    return found


def _marks_of(current: str) -> tuple[Mark, ...]:
    reading = read(current) if current else None
    return reading.marks if reading else ()


def _worded(reading: Reading, announcement: Announcement) -> Text | None:
    """What the tag itself or the source says against a version."""
    if announcement.withdrawn is not None:
        return Message("withdrawn by upstream: {why}", why=announcement.withdrawn or "no reason given")
    if reading.has(Sense.WITHDRAWN) or Sense.WITHDRAWN in reading.before:
        return Message("its tag says that it is withdrawn")
    if _is_snapshot(reading):
        return Message("a snapshot, not a release")
    if reading.is_early or _is_trial(reading):
        return Message("a pre-release by its tag")
    if announcement.prerelease:
        return Message("a pre-release, says its source")
    if reading.has(Sense.VENDOR):
        return Message("a distribution's rebuild")
    return None


def _is_trial(reading: Reading) -> bool:
    """CPAN's developer releases: an underscore and a padded number behind a pointed version (1.28_001)."""
    joint, underscore, last = reading.mixed.rpartition("_")
    return bool(underscore) and "." in joint and "_" not in joint and len(last) >= 2 and last.startswith("0")


def _is_snapshot(reading: Reading) -> bool:
    """A word says so, or a day stands behind a dash: 3.6-20200710."""
    if reading.has(Sense.SNAPSHOT) or Sense.SNAPSHOT in reading.before:
        return True
    return any(
        m.sense is Sense.REVISION and len(m.numbers[0]) == 8 and m.numbers[0][:2] in ("19", "20") for m in reading.marks
    )


def _unlike(reading: Reading, lone: frozenset[str], major: int | None) -> Text | None:
    if reading.tag in lone:
        return Message("one number only, unlike the other releases")
    if major is not None and reading.integers[0] != major:
        return Message("another major than the {major} for which the package is named", major=major)
    return None


def _weighed(
    reading: Reading,
    practice: Practice,
    common: frozenset[str],
    numbers: set[tuple[str, ...]],
    *,
    letters: bool,
) -> Text | None:
    """What the other tags say against a version that itself looks like a release."""
    development = practice.why_development(reading.integers)
    if development is not None:
        return development
    strange = [mark.word for mark in reading.marks if mark.sense is Sense.UNKNOWN and mark.word not in common]
    if strange:
        return Message("carries the word {word}, which releases here do not", word=strange[0])
    if reading.has(Sense.LETTER) and not letters and reading.numbers in numbers:
        return Message("a lettered re-issue; this project seldom uses letters")
    return None
