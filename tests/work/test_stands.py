from __future__ import annotations

from datetime import UTC, datetime

from headrace.store.choices import KnownChoice
from headrace.upstream.model import Announcement, Answer, Choice, Rejected
from headrace.words import Message
from headrace.work.stands import Lag, behind

NOW = datetime(2026, 1, 31, tzinfo=UTC)
ANSWER = Answer(
    (
        Announcement("1.0", released=datetime(2025, 1, 1, tzinfo=UTC)),
        Announcement("1.1", released=datetime(2026, 1, 1, tzinfo=UTC)),
        Announcement("1.2", released=datetime(2026, 1, 30, tzinfo=UTC)),
        Announcement("2.0-rc1", released=datetime(2026, 1, 30, tzinfo=UTC)),
    )
)


def known(carried: str, version: str | None) -> KnownChoice:
    rejected = tuple(Rejected(one, Message("older")) for one in ("1.0", "1.1", "2.0~rc1"))
    return KnownChoice(
        "demo", "master", "k", "c", carried, Choice(version, Message("why"), rejected=rejected), None, NOW
    )


def test_a_branch_at_the_newest_is_level() -> None:
    assert behind(known("1:1.2-3.oe", "1.2"), ANSWER, NOW) == Lag(0, 0)


def test_releases_not_taken_are_counted_and_their_oldest_dates_the_lag() -> None:
    assert behind(known("1.0-1", "1.2"), ANSWER, NOW) == Lag(2, 30)


def test_what_cannot_be_decided_has_no_lag() -> None:
    assert behind(known("1.0-1", None), ANSWER, NOW) == Lag(None, None)


def test_without_dates_the_days_are_unknown() -> None:
    assert behind(known("1.1-1", "1.2"), Answer((Announcement("1.2"),)), NOW) == Lag(1, None)
