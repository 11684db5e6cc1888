"""Streams of one upstream: what they are, and what a branch that follows one carries."""

from __future__ import annotations

from datetime import UTC, date, datetime

from headrace.upstream.model import Announcement
from headrace.upstream.streams import follow, streams


def dated(days: dict[str, str]) -> list[Announcement]:
    return [Announcement(tag, tag, datetime.fromisoformat(day).replace(tzinfo=UTC)) for tag, day in days.items()]


SSL = dated(
    {
        "OpenSSL_1_0_2t": "2019-09-10", "OpenSSL_1_0_2u": "2019-12-20", "OpenSSL_1_1_0l": "2019-09-10",
        "OpenSSL_1_1_1f": "2020-03-31", "OpenSSL_1_1_1g": "2020-04-21", "openssl-3.0.0-alpha4": "2020-06-25",
    }
)  # fmt: skip
NODE = dated({"v10.0.0": "2018-04-24", "v12.0.0": "2019-04-23", "v10.22.0": "2020-07-21", "v12.18.3": "2020-07-22"})


def test_series_are_streams_and_prereleases_make_none() -> None:
    assert [(s.name, s.newest, s.releases) for s in streams(SSL, project="openssl")] == [
        ("1.1", "1.1.1g", 3),
        ("1.0", "1.0.2u", 2),
    ]


def test_the_days_of_a_stream() -> None:
    first = streams(SSL, project="openssl")[0]
    assert (first.first_day, first.last_day, first.ends) == (date(2019, 9, 10), date(2020, 4, 21), None)


def test_named_ends_say_how_deep_streams_are() -> None:
    ends = {"10": date(2021, 4, 30), "12": date(2022, 4, 30)}
    found = streams(NODE, ends=ends)
    assert [(s.name, s.newest, s.ends) for s in found] == [
        ("12", "12.18.3", date(2022, 4, 30)),
        ("10", "10.22.0", date(2021, 4, 30)),
    ]
    assert found[1].is_over(date(2021, 4, 30))
    assert not found[1].is_over(date(2021, 4, 29))


def test_days_and_single_numbers_have_no_streams() -> None:
    assert streams([Announcement("20200101"), Announcement("20200201")]) == ()
    assert streams([Announcement("v246"), Announcement("v245")]) == ()
    assert streams([]) == ()


def test_a_branch_stays_in_its_stream() -> None:
    followed = follow(SSL, stream="1.0", current="1.0.2t", today=date(2020, 5, 1), project="openssl")
    assert followed.choice.version == "1.0.2u"
    assert followed.stream is not None
    assert followed.remark is None
    reasons = [str(r.reason) for r in followed.choice.rejected]
    assert "outside the stream 1.0" in reasons


def test_an_ended_stream_is_remarked_with_one_that_goes_on() -> None:
    ends = {"1.0": date(2019, 12, 31), "1.1": date(2023, 9, 11)}
    followed = follow(SSL, stream="1.0", current="1.0.2u", today=date(2020, 5, 1), project="openssl", ends=ends)
    assert followed.choice.version == "1.0.2u"
    assert str(followed.remark) == "the stream 1.0 is not maintained since 2019-12-31; 1.1 is"
    living = follow(SSL, stream="1.1", current="1.1.1f", today=date(2020, 5, 1), project="openssl", ends=ends)
    assert str(living.remark) == "the stream 1.1 is maintained until 2023-09-11"


def test_a_stream_of_which_nothing_is_announced_keeps_the_version() -> None:
    kept = follow(SSL, stream="0.9", current="0.9.8zh", today=date(2020, 5, 1), project="openssl")
    assert (kept.choice.version, kept.stream) == ("0.9.8zh", None)
    assert follow(SSL, stream="0.9", current="", today=date(2020, 5, 1), project="openssl").choice.version is None
