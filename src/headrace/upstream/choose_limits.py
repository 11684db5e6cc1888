"""What a branch may take at all, given the version that it carries."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.upstream.choose_candidates import Candidate, Field
from headrace.upstream.choose_eras import era_of
from headrace.upstream.model import Takes
from headrace.upstream.schemes import DateTag, Decimal
from headrace.upstream.versions import Key, general_key
from headrace.upstream.versions_reading import Reading, read
from headrace.words import Message, Text


@dataclass(frozen=True, slots=True)
class Limit:
    """The branch's rule as it applies to one package."""

    takes: Takes
    series: tuple[int, ...] | None = None
    """The numbers with which a patch release must begin; None when the rule names none."""
    current: Reading | None = None
    key: Key | None = None
    restarted: bool = False
    """The numbering in use is another one than that of the current version."""
    undecided: Text | None = None
    settles: Text | None = None
    is_fraction: bool = False
    """Versions are decimal fractions, which rpm orders otherwise."""
    stream: tuple[int, ...] = ()
    """The numbers with which every version of the followed stream begins; empty when the branch follows none."""

    def against(self, candidate: Candidate) -> Text | None:
        """Why the rule passes the candidate over, None when it may be taken."""
        if candidate.reading.integers[: len(self.stream)] != self.stream:
            return Message("outside the stream {stream}", stream=".".join(map(str, self.stream)))
        if self.takes is Takes.PATCHES and candidate.key != self.key:
            return Message("the branch takes patches only, its version stays")
        if self.series is None or self.takes is not Takes.PATCH_RELEASES:
            return None
        if candidate.reading.integers[: len(self.series)] != self.series:
            return Message(
                "outside {series}.*, the series that the branch carries", series=".".join(map(str, self.series))
            )
        return None

    def is_current(self, candidate: Candidate) -> bool:
        """Whether the candidate is the version that the branch carries."""
        return self.key is not None and not self.restarted and candidate.key == self.key

    def is_current_newer(self, candidate: Candidate) -> bool:
        """Whether the branch carries something newer than the candidate."""
        return self.key is not None and not self.restarted and candidate.key < self.key

    def doubt(self, candidate: Candidate) -> Text | None:
        """Why the candidate must not be proposed without a person: its numbers would go backwards."""
        if self.current is None:
            return None
        if self.restarted:
            backwards = candidate.reading.integers <= self.current.integers
        else:
            newer = self.key is not None and candidate.key > self.key
            backwards = self.is_fraction and newer and general_key(candidate.version) < general_key(self.current.tag)
        if not backwards:
            return None
        return Message(
            "upstream's numbering starts anew with {version}, which sorts before the current one",
            version=candidate.version,
        )

    @property
    def is_narrow(self) -> bool:
        """Whether the rule leaves out newer versions on purpose."""
        return self.takes is not Takes.ANY or bool(self.stream)


def limit_for(current: str, takes: Takes, field: Field, stream: str = "") -> Limit:
    """The rule `takes` for a package that carries `current` and follows `stream` ("" for none)."""
    reading = read(current) if current else None
    followed = read(stream) if stream else None
    inside = followed.integers if followed else ()
    if reading is None or field.numbering is None:
        if takes is Takes.ANY:
            return Limit(takes, stream=inside)
        reason = Message("the branch's rule needs the current version, and it is not known")
        return Limit(takes, undecided=reason, settles=Message("give the version that the package carries"))
    fraction = isinstance(field.numbering.scheme, Decimal)
    restarted = era_of(reading) is not field.era
    settles = Message("raise the epoch by hand, or name the version")
    key = None if restarted else field.numbering.key(reading)
    series = _series(reading, field) if takes is Takes.PATCH_RELEASES else None
    return Limit(takes, series, reading, key, restarted, settles=settles, is_fraction=fraction, stream=inside)


def _series(reading: Reading, field: Field) -> tuple[int, ...]:
    """X.Y of X.Y.Z and of X.Y; the only number of X. Days have no series: nothing but the same day is a patch release."""
    if field.numbering is not None and isinstance(field.numbering.scheme, DateTag):
        return reading.integers
    return reading.integers[:2]
