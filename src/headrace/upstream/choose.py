"""Which of the announced versions a branch should carry, and why. Pure: the same announcements give the same choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from headrace.upstream.choose_candidates import Candidate, Field, survey
from headrace.upstream.choose_limits import Limit, limit_for
from headrace.upstream.choose_outliers import find_mistakes, is_lone_leap
from headrace.upstream.model import Announcement, Choice, Rejected, Takes
from headrace.upstream.versions_words import Sense
from headrace.words import Message, Text

MOST_REJECTED = 60
"""So many passed-over candidates are listed one by one; a last entry says how many more there are."""


def choose(
    announcements: Sequence[Announcement],
    *,
    current: str,
    takes: Takes,
    tag_prefix: str = "",
    separator: str = ".",
    today: date | None = None,
    cool_down_days: int = 0,
    project: str = "",
    stream: str = "",
) -> Choice:
    """Choose the version that a branch carrying `current` ("" when unknown) should take.

    `project` names the project as well as one can: the package's name and, separated by blanks, the repository's address.
    `tag_prefix` and `separator` are what the metadata says; they are evidence and may be wrong. A release younger than
    `cool_down_days` is passed over when `today` is given. `stream` keeps to versions that begin so (1.1, 15).

    `version` of the result is None when the evidence is missing or contradicts itself; then `settles` says what would settle
    it. The order of the announcements makes no difference.
    """
    field = survey(announcements, tag_prefix=tag_prefix, separator=separator, identity=project, current=current)
    if field.conflict is not None or not field.candidates:
        return _undecided(field)
    limit = limit_for(current, takes, field, stream)
    if limit.undecided is not None:
        return Choice(
            None, limit.undecided, field.scheme, rejected=_listed(field.passed, field.unread), settles=limit.settles
        )
    return _decide(field, limit, current, _youngest(today, cool_down_days))


def _youngest(today: date | None, cool_down_days: int) -> date | None:
    return today - timedelta(days=cool_down_days) if today and cool_down_days > 0 else None


def _undecided(field: Field) -> Choice:
    if field.conflict is not None:
        return Choice(None, field.conflict, rejected=_listed(field.passed, field.unread), settles=field.settles)
    reason = Message("no tag holds a version") if field.unread else Message("upstream announces nothing")
    settles = Message("name the source, the tag prefix or the version by hand")
    return Choice(None, reason, rejected=_listed(field.passed, field.unread), settles=settles)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The candidates that may be taken (best first), the pre-releases, and the others with their reasons."""

    good: list[Candidate]
    early: list[Candidate]
    refused: list[tuple[Candidate, Text]]


def _sort(field: Field, limit: Limit, youngest: date | None) -> _Sorted:
    good: list[Candidate] = []
    early: list[Candidate] = []
    refused: list[tuple[Candidate, Text]] = []
    mistakes = find_mistakes(field)
    for candidate in field.candidates:
        reason = candidate.against or mistakes.get(candidate.tag) or limit.against(candidate)
        if reason is None and youngest and candidate.day and candidate.day > youngest:
            reason = Message("released on {day}, too young for the cool-down", day=candidate.day.isoformat())
        if reason is None:
            good.append(candidate)
            continue
        refused.append((candidate, reason))
        if candidate.verdict.is_early and candidate.tag not in mistakes:
            early.append(candidate)
    if not good:
        good = [c for c, reason in refused if c.verdict.is_soft and reason is c.against and limit.against(c) is None]
        refused = [(candidate, reason) for candidate, reason in refused if candidate not in good]
    return _Sorted(good, early, refused)


def _decide(field: Field, limit: Limit, current: str, youngest: date | None) -> Choice:
    parts = _sort(field, limit, youngest)
    best = parts.good[0] if parts.good else None
    if best is None:
        return _nothing_good(field, limit, current, parts)
    early = parts.early[0] if parts.early else None
    prerelease = early.version if early and early.key > best.key else None
    older = [Rejected(c.version, _behind(c, best)) for c in parts.good[1:]]
    refused = [Rejected(candidate.version, reason) for candidate, reason in parts.refused]
    rejected = _listed((*refused, *field.passed, *older), field.unread)
    unsure, settles = limit.doubt(best), limit.settles
    if unsure is None and is_lone_leap(parts.good):
        settles = Message("the days of the releases, or a person, would tell whether it is mistyped")
        unsure = Message("{version} is far ahead of all other releases and stands alone", version=best.version)
    if unsure is not None:
        return Choice(None, unsure, field.scheme, best.tag, prerelease, rejected, settles=settles)
    if limit.is_current_newer(best):
        text = Message(
            "the current version is newer than everything announced; the newest is {version}", version=best.version
        )
        return Choice(current, text, field.scheme, "", prerelease, rejected, 0.5)
    version = current if limit.is_current(best) else best.version
    sure = _confidence(field, parts, best)
    return Choice(version, _reason(field, best, limit, parts), field.scheme, best.tag, prerelease, rejected, sure)


def _behind(candidate: Candidate, best: Candidate) -> Text:
    if candidate.key == best.key:
        return Message("the same version as {tag}, tagged {other}", tag=best.tag, other=candidate.tag)
    return Message("older than {version}", version=best.version)


def _nothing_good(field: Field, limit: Limit, current: str, parts: _Sorted) -> Choice:
    refused = [Rejected(candidate.version, reason) for candidate, reason in parts.refused]
    rejected = _listed((*refused, *field.passed), field.unread)
    early = parts.early[0].version if parts.early else None
    if current and limit.is_narrow:
        return Choice(current, _kept(limit), field.scheme, "", early, rejected, 0.7)
    if early and len(parts.early) == len(field.candidates):
        reason = Message("only pre-releases are announced, the newest is {version}", version=early)
    else:
        newest = field.candidates[0].version
        reason = Message(
            "no release among {count} versions, of which {version} is the newest",
            count=len(field.candidates),
            version=newest,
        )
    if current and not limit.restarted:
        return Choice(current, reason, field.scheme, "", early, rejected, 0.5)
    settles = Message("wait for a release, or name the version by hand")
    return Choice(None, reason, field.scheme, "", early, rejected, settles=settles)


def _kept(limit: Limit) -> Text:
    if limit.takes is Takes.PATCHES:
        return Message("the branch takes patches only, its version stays")
    series = ".".join(map(str, limit.series or limit.stream))
    return Message("nothing is announced in {series}.*, the series that the branch carries", series=series)


def _reason(field: Field, best: Candidate, limit: Limit, parts: _Sorted) -> Text:
    """The fact that matters most: what is wrong with the metadata, what was passed over, or that all is plain."""
    if limit.is_current(best):
        return Message("the current version is the newest release that the branch may take")
    if field.remarks:
        return field.remarks[0]
    if limit.takes is Takes.PATCH_RELEASES:
        series = ".".join(map(str, limit.series or ()))
        return Message("the newest patch release of {series}", series=series)
    above = sum(candidate.key > best.key for candidate, _ in parts.refused)
    if above:
        return Message("the newest stable release; newer ones passed over: {count}", count=above)
    if field.passed:
        return Message(
            "the newest of {count} releases; {others} tags belong to others",
            count=len(field.candidates),
            others=len(field.passed),
        )
    return Message("the newest of {count} releases", count=len(field.candidates))


def _confidence(field: Field, parts: _Sorted, best: Candidate) -> float:
    """Between 0 and 1: less when evidence was missing, was weighed, or contradicts the metadata."""
    sure = 0.98
    if field.remarks:
        sure -= 0.1
    if field.passed:
        sure -= 0.05
    if any(candidate.key > best.key and not candidate.verdict.is_worded for candidate, _ in parts.refused):
        sure -= 0.15
    if len(field.candidates) == 1:
        sure -= 0.1
    if best.reading.has(Sense.UNKNOWN) or best.verdict.is_soft:
        sure -= 0.2
    return round(sure, 2)


def _listed(rejected: Sequence[Rejected], unread: int) -> tuple[Rejected, ...]:
    shown = list(rejected[:MOST_REJECTED])
    if len(rejected) > MOST_REJECTED:
        shown.append(Rejected("", Message("{count} more were passed over", count=len(rejected) - MOST_REJECTED)))
    if unread:
        shown.append(Rejected("", Message("{count} tags hold no version", count=unread)))
    return tuple(shown)
