"""What speaks against a version: its own words, its source, the project's practice, and how unlike the others it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headrace.upstream.choose_eras import Era, era_of
from headrace.upstream.choose_practice import Practice, learn_practice
from headrace.upstream.choose_scheme import common_words, letters_are_practised
from headrace.upstream.choose_shapes import days_are_snapshots, lone_numbers, pinned_major
from headrace.upstream.model import Announcement
from headrace.upstream.versions_marks import DAY
from headrace.upstream.versions_reading import Reading, read
from headrace.upstream.versions_words import Sense
from headrace.words import Message, Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a version is passed over, None when nothing speaks against it."""

    reason: Text | None = None
    is_early: bool = False
    """A pre-release or a development version, by its words or by the project's practice."""
    is_developing: bool = False
    """What speaks against it is the project's practice alone."""
    is_worded: bool = False
    """What speaks against it stands in the tag or comes from the source; nothing had to be weighed."""
    is_soft: bool = False
    """It may be taken when there is nothing better: only a distribution's mark or an unknown word speaks against it."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What all the tags of a project together say, ready to judge each of them."""

    announcements: Mapping[str, Announcement]
    practice: Practice
    common: frozenset[str]
    numbers: frozenset[tuple[str, ...]]
    lone: frozenset[str]
    major: int | None
    retracted: frozenset[tuple[int, ...]]
    letters: bool
    days_are_snapshots: bool

    @staticmethod
    def of(
        readings: Sequence[Reading],
        announcements: Mapping[str, Announcement],
        dates: dict[str, date],
        identity: str,
        current: str,
    ) -> Judge:
        """Learn from `readings`; `announcements` holds each by its tag, `current` is the version carried ("" if unknown)."""
        plain = [reading for reading in readings if _worded(reading, announcements[reading.tag]) is None]
        carried = read(current) if current else None
        practice = learn_practice(plain, [reading for reading in readings if reading.is_early], dates, identity)
        lettered = letters_are_practised(readings) or (carried is not None and carried.has(Sense.LETTER))
        return Judge(
            announcements,
            practice,
            common_words(readings),
            frozenset(reading.numbers for reading in plain if not reading.marks),
            lone_numbers(plain, dates),
            pinned_major(identity, plain, carried),
            frozenset(reading.integers for reading in readings if reading.has(Sense.WITHDRAWN)),
            lettered and not practice.convention.letter_tests,
            days_are_snapshots(plain),
        )

    def judge(self, reading: Reading) -> Verdict:
        """What speaks against one of the readings."""
        announcement = self.announcements[reading.tag]
        reason = _worded(reading, announcement) or self._by_others(reading)
        if reason is not None:
            early = not _is_snapshot(reading) and (
                reading.is_early or announcement.prerelease is True or _is_trial(reading)
            )
            return Verdict(reason, early, is_worded=True)
        development = self.practice.why_development(reading.integers)
        if development is not None:
            return Verdict(development, is_early=True, is_developing=True)
        reason = self._unlike(reading)
        if reason is not None:
            return Verdict(reason)
        reason = self._soft(reading)
        return Verdict(reason, is_soft=reason is not None and _is_substantial(reading))

    def _by_others(self, reading: Reading) -> Text | None:
        if reading.integers in self.retracted:
            return Message("withdrawn by a later tag")
        if self.days_are_snapshots and any(mark.word == DAY for mark in reading.marks):
            return Message("a snapshot of that day, not a release")
        return None

    def _unlike(self, reading: Reading) -> Text | None:
        if reading.tag in self.lone:
            return Message("one number only, unlike the other releases")
        if self.major is not None and reading.integers[0] != self.major:
            return Message("another major than the {major} for which the package is named", major=self.major)
        if not reading.has(Sense.LETTER) or self.letters:
            return None
        if self.practice.convention.letter_tests:
            return Message("a test release: this project marks them with letters")
        if reading.numbers in self.numbers:
            return Message("a lettered re-issue; this project seldom uses letters")
        return None

    def _soft(self, reading: Reading) -> Text | None:
        if reading.has(Sense.VENDOR):
            return Message("a distribution's rebuild")
        strange = [m.word for m in reading.marks if m.sense is Sense.UNKNOWN and m.word not in self.common]
        if strange:
            return Message("carries the word {word}, which releases here do not", word=strange[0])
        return None


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
    return None


def _is_trial(reading: Reading) -> bool:
    """CPAN's developer releases: an underscore and a padded number behind a pointed version (1.28_001)."""
    joint, underscore, last = reading.mixed.rpartition("_")
    return bool(underscore) and "." in joint and "_" not in joint and len(last) >= 2 and last.startswith("0")


def _is_snapshot(reading: Reading) -> bool:
    return reading.has(Sense.SNAPSHOT) or Sense.SNAPSHOT in reading.before


def _is_substantial(reading: Reading) -> bool:
    """Whether the numbers alone look like a version: several of them, or a day or a year."""
    return len(reading.numbers) > 1 or era_of(reading) is not Era.PLAIN
