"""What a branch takes: its rule, the current version, what upstream says of a release; and what must hold for any tags."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.upstream.choose import MOST_REJECTED, choose
from headrace.upstream.model import Announcement, Choice, Takes
from headrace.upstream.versions import general_key


def announced(tags: str | Sequence[str], **days: str) -> list[Announcement]:
    names = tags.split() if isinstance(tags, str) else tags
    return [Announcement(tag, tag, _moment(days.get("d" + str(index)))) for index, tag in enumerate(names)]


def dated(**days: str) -> list[Announcement]:
    return [Announcement(tag, tag, _moment(day)) for tag, day in days.items()]


def _moment(day: str | None) -> datetime | None:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None


def chosen(tags: str | Sequence[Announcement], current: str = "", takes: Takes = Takes.ANY, **more: Any) -> Choice:
    announcements = announced(tags) if isinstance(tags, str) else tags
    return choose(announcements, current=current, takes=takes, **more)


class TestTheBranchsRule:
    def test_any_takes_the_newest_stable(self) -> None:
        choice = chosen("v1.2.3 v1.3.0 v2.0.0-rc1", "1.2.3")
        assert (choice.version, choice.tag, choice.prerelease) == ("1.3.0", "v1.3.0", "2.0.0~rc1")
        assert str(choice.reason) == "the newest stable release; newer ones passed over: 1"

    def test_patch_releases_stay_in_the_series(self) -> None:
        choice = chosen("1.2.3 1.2.9 1.3.0 2.0.0", "1.2.3", Takes.PATCH_RELEASES)
        assert choice.version == "1.2.9"
        assert [(r.version, str(r.reason)) for r in choice.rejected[:2]] == [
            ("2.0.0", "outside 1.2.*, the series that the branch carries"),
            ("1.3.0", "outside 1.2.*, the series that the branch carries"),
        ]

    def test_a_two_part_version_only_takes_a_third_part(self) -> None:
        assert chosen("1.2 1.2.1 1.3 1.3.1", "1.2", Takes.PATCH_RELEASES).version == "1.2.1"
        stays = chosen("1.2 1.3 1.4", "1.2", Takes.PATCH_RELEASES)
        assert (stays.version, str(stays.reason)) == (
            "1.2",
            "the current version is the newest release that the branch may take",
        )

    def test_letters_are_patch_releases_of_their_series(self) -> None:
        tags = "OpenSSL_1_1_1k OpenSSL_1_1_1w OpenSSL_1_1_0l openssl-3.0.0 openssl-3.1.1"
        assert chosen(tags, "1.1.1k", Takes.PATCH_RELEASES, project="openssl").version == "1.1.1w"

    def test_patches_keep_the_version(self) -> None:
        choice = chosen("1.2.3 1.2.4", "1.2.3", Takes.PATCHES)
        assert choice.version == "1.2.3"
        assert str(choice.rejected[0].reason) == "the branch takes patches only, its version stays"
        assert chosen("1.2.4", "1.2.3", Takes.PATCHES).version == "1.2.3"

    def test_a_series_without_news_keeps_the_version(self) -> None:
        choice = chosen("2.0.0 2.0.1", "1.2.3", Takes.PATCH_RELEASES)
        assert choice.version == "1.2.3"
        assert str(choice.reason) == "nothing is announced in 1.2.*, the series that the branch carries"

    @pytest.mark.parametrize("takes", [Takes.PATCH_RELEASES, Takes.PATCHES])
    def test_a_rule_that_needs_the_current_version_says_so(self, takes: Takes) -> None:
        choice = chosen("1.2.3", "", takes)
        assert choice.version is None
        assert choice.settles is not None


class TestTheCurrentVersion:
    def test_the_newest_is_carried_already(self) -> None:
        choice = chosen("v1.2 v1.1", "1.2")
        assert (choice.version, choice.tag) == ("1.2", "v1.2")

    def test_another_spelling_of_the_same_version_is_kept(self) -> None:
        assert chosen("v1.2.0", "1.2").version == "1.2"

    def test_nothing_older_is_ever_proposed(self) -> None:
        choice = chosen("1.0 1.1", "1.5")
        assert choice.version == "1.5"
        assert "newer than everything announced" in str(choice.reason)

    def test_a_carried_development_version_is_kept(self) -> None:
        days = {"dbus-1.12.20": "2020-07-02", "dbus-1.13.18": "2020-07-02", "dbus-1.12.18": "2020-06-02"}
        assert chosen(dated(**days), "1.13.18", project="dbus").version == "1.13.18"

    def test_numbers_that_start_anew_are_left_to_a_person(self) -> None:
        tags = dated(**{"20150101": "2015-01-01", "20160101": "2016-01-01", "1.0": "2017-01-01", "1.1": "2018-01-01"})
        choice = chosen(tags, "20160101")
        assert choice.version is None
        assert "starts anew" in str(choice.reason)
        assert "epoch" in str(choice.settles)

    def test_a_newer_decimal_that_rpm_would_call_older_is_left_to_a_person(self) -> None:
        choice = chosen("0.4231 0.4230 0.5", "0.4231", project="perl-Foo cpan/Foo")
        assert (choice.version, choice.scheme) == (None, "decimal")
        assert "epoch" in str(choice.settles)
        assert chosen("0.4231 0.4230 0.5", "", project="perl-Foo cpan/Foo").version == "0.5"

    def test_from_numbers_to_years_is_no_question(self) -> None:
        tags = dated(**{"1.9": "2018-01-01", "2019.4": "2019-10-01", "2020.1": "2020-02-01"})
        assert chosen(tags, "1.9").version == "2020.1"

    def test_an_unreadable_current_version_does_not_matter(self) -> None:
        assert chosen("1.0 1.1", "%{version}").version == "1.1"


class TestWhatUpstreamSays:
    def test_withdrawn_releases_are_passed_over(self) -> None:
        tags = [Announcement("1.1", withdrawn="leaks keys"), Announcement("1.0")]
        choice = chosen(tags)
        assert choice.version == "1.0"
        assert str(choice.rejected[0].reason) == "withdrawn by upstream: leaks keys"

    def test_a_source_may_call_a_plain_number_a_prerelease(self) -> None:
        choice = chosen([Announcement("2.0", prerelease=True), Announcement("1.9", prerelease=False)])
        assert (choice.version, choice.prerelease) == ("1.9", "2.0")

    def test_the_tag_is_read_when_there_is_one(self) -> None:
        assert chosen([Announcement("1.2.3", "foo-1.2.3")]).tag == "foo-1.2.3"

    def test_young_releases_wait_for_the_cool_down(self) -> None:
        tags = dated(**{"1.0": "2020-01-01", "1.1": "2020-07-01"})
        assert chosen(tags, today=date(2020, 7, 3), cool_down_days=7).version == "1.0"
        assert chosen(tags, today=date(2020, 7, 8), cool_down_days=7).version == "1.1"
        assert chosen(tags, today=date(2020, 7, 3)).version == "1.1"


class TestDoubt:
    def test_nothing_announced(self) -> None:
        assert (chosen("").version, str(chosen("").reason)) == (None, "upstream announces nothing")

    def test_no_version_in_any_tag(self) -> None:
        choice = chosen("latest nightly tip")
        assert (choice.version, str(choice.reason)) == (None, "no tag holds a version")
        assert str(choice.rejected[0].reason) == "3 tags hold no version"

    def test_only_prereleases(self) -> None:
        choice = chosen("2.0-rc1 2.0-beta1")
        assert (choice.version, choice.prerelease) == (None, "2.0~rc1")
        assert str(choice.reason) == "only pre-releases are announced, the newest is 2.0~rc1"

    def test_no_release_at_all(self) -> None:
        choice = chosen("llvmorg-12-init", project="clang llvm/llvm-project")
        assert choice.version is None
        assert str(choice.reason) == "no release among 1 versions, of which 12~init is the newest"

    def test_two_numberings_without_days(self) -> None:
        choice = chosen("20200101 20200201 1.2 1.3")
        assert choice.version is None
        assert "days" in str(choice.settles)

    def test_several_products_and_none_named(self) -> None:
        choice = chosen("alpha/v1 ".replace("alpha", "left") + "left/v1.1 right/v2.0 right/v2.1", project="centre")
        assert choice.version is None
        assert str(choice.reason) == "the tags are those of other products: left, right"

    def test_a_lone_leap_without_days(self) -> None:
        choice = chosen("1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7 17.1")
        assert choice.version is None
        assert "stands alone" in str(choice.reason)

    def test_a_wrong_prefix_is_reported(self) -> None:
        choice = chosen("v1.0 v1.1", tag_prefix="^foo-")
        assert choice.version == "1.1"
        assert str(choice.reason) == "the newest release; the configured prefix ^foo- matches no tag"

    def test_a_prefix_that_tags_have_left_is_reported(self) -> None:
        tags = dated(**{"lib_1_0": "2010-01-01", "lib_1_1": "2011-01-01", "2.0": "2018-01-01", "2.1": "2020-01-01"})
        choice = chosen(tags, tag_prefix="lib_", project="thing")
        assert choice.version == "2.1"
        assert "left the configured prefix lib_ behind" in str(choice.reason)


def test_a_mistyped_tag_is_passed_over_when_the_days_prove_it() -> None:
    days = {"v1.2.0": "2019-01-01", "v11.2.1": "2019-03-01", "v1.2.2": "2019-04-01", "v1.2.3": "2019-06-01"}
    choice = chosen(dated(**days))
    assert choice.version == "1.2.3"
    assert "looks mistyped" in str(choice.rejected[0].reason)


def test_a_new_major_with_maintenance_of_the_old_one_is_no_mistake() -> None:
    days = {"v1.9.0": "2019-01-01", "v2.0.0": "2019-03-01", "v1.9.1": "2019-04-01", "v1.9.2": "2019-06-01"}
    assert chosen(dated(**days)).version == "2.0.0"


def test_a_long_list_says_how_many_more_there_are() -> None:
    choice = chosen([Announcement(f"1.{minor}") for minor in range(500)])
    assert choice.version == "1.499"
    assert len(choice.rejected) == MOST_REJECTED + 1
    assert str(choice.rejected[-1].reason) == f"{499 - MOST_REJECTED} more were passed over"


# --- what must hold for any tags ----------------------------------------------------------------------------------------

VERSION = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){1,2}", fullmatch=True)
TAG = st.one_of(
    VERSION,
    VERSION.map("v{}".format),
    st.builds("{}-{}{}".format, VERSION, st.sampled_from(["rc", "beta", "alpha.", "dev"]), st.integers(0, 9)),
    st.builds("{}{}".format, VERSION, st.sampled_from("abcxyz")),
    st.builds("{}-{}".format, VERSION, st.integers(0, 30)),
    st.from_regex(r"(release|foo|debian|other)[-_/]?[0-9]{1,3}([._-][0-9]{1,2}){0,2}", fullmatch=True),
    st.from_regex(r"20[0-2][0-9](0[1-9]|1[0-2])([01][0-9])", fullmatch=True),
    st.text(max_size=10),
)
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2020, 12, 31)).map(
    lambda d: datetime(d.year, d.month, d.day, tzinfo=UTC)
)
ANNOUNCED = st.lists(
    st.builds(lambda tag, day: Announcement(tag, tag, day), TAG, DAYS), max_size=14, unique_by=lambda a: a.tag
)


@given(ANNOUNCED, st.randoms(use_true_random=False), st.sampled_from(list(Takes)), st.just("") | VERSION)
def test_the_order_of_the_announcements_makes_no_difference(
    announcements: list[Announcement], chance: Any, takes: Takes, current: str
) -> None:
    shuffled = announcements[:]
    chance.shuffle(shuffled)
    assert chosen(announcements, current, takes) == chosen(shuffled, current, takes)


@given(ANNOUNCED, VERSION, st.sampled_from(list(Takes)))
def test_nothing_older_than_the_current_version_is_chosen(
    announcements: list[Announcement], current: str, takes: Takes
) -> None:
    choice = chosen(announcements, current, takes)
    if choice.version is not None and choice.scheme not in ("date", "decimal", "letters"):
        assert general_key(choice.version) >= general_key(current)


@given(ANNOUNCED)
def test_undecided_says_what_would_settle_it(announcements: list[Announcement]) -> None:
    choice = chosen(announcements)
    assert str(choice.reason)
    assert (choice.version is None) == (choice.settles is not None)
    assert (choice.version is None) == (choice.confidence == 0)


@given(st.lists(VERSION, min_size=1, max_size=8, unique=True), st.integers(1, 9))
def test_a_prerelease_is_never_called_stable(versions: list[str], number: int) -> None:
    tags = [tag for version in versions for tag in (version, f"{version}-rc{number}", f"{version}.99-beta")]
    choice = chosen([Announcement(tag) for tag in tags])
    assert choice.version is None or ("~" not in choice.version and "-" not in choice.tag)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9, unique=True)
)
def test_one_more_older_release_changes_nothing(numbers: list[tuple[int, int, int]]) -> None:
    tags = [Announcement(".".join(map(str, version))) for version in numbers]
    before = chosen(tags)
    older = ".".join(map(str, (0, min(n[1] for n in numbers), 1)))
    assert chosen([*tags, Announcement(older)]).version == before.version == ".".join(map(str, max(numbers)))


# --- attacks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tag",
    [
        "1." * 50_000, "a1" * 50_000, "9" * 100_000, "v1.0\x00\x1b[31m", "1.0\u202etxt.2", "१.२.३", "1.0" + "-rc" * 30_000,
        "((((((((((a)*)*)*)*", "%(touch /tmp/x)", "$(id)", "../../etc/passwd-1.0", "1.0\n2.0", "{version}", "²³", "1۰",
    ],
)  # fmt: skip
def test_attack_one_hostile_tag_neither_raises_nor_hides_the_others(tag: str) -> None:
    choice = chosen([Announcement(tag), Announcement("1.0"), Announcement("0.9")])
    assert choice.version in ("1.0", None) or choice.tag == tag
    assert str(choice.reason)


@given(st.lists(st.text(max_size=60), max_size=8), st.text(max_size=30), st.text(max_size=40), st.text(max_size=60))
def test_attack_any_text_anywhere(tags: list[str], current: str, prefix: str, project: str) -> None:
    choice = choose(
        [Announcement(tag) for tag in tags], current=current, takes=Takes.ANY, tag_prefix=prefix, project=project
    )
    assert str(choice.reason)


SHAPES = ["1.{}.90", "{}.90.1", "p{}-1.0", "1.0-{}", "{}.0-rc1", "20200101.{}", "1.{}a", "foo{}/v{}.1", "{}.1.{}"]


@pytest.mark.parametrize("shape", SHAPES)
def test_attack_twice_the_tags_cost_twice_the_work(shape: str) -> None:
    def work(count: int) -> int:
        tags = [
            Announcement(shape.replace("{}", str(number)), shape.replace("{}", str(number))) for number in range(count)
        ]
        calls = 0

        def see(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        sys.setprofile(see)
        try:
            choose(tags, current="", takes=Takes.ANY)
        finally:
            sys.setprofile(None)
        return calls

    assert work(1000) < 3 * work(500)
