"""What is wrong with a package's configuration, and the correction that is proposed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headrace.upstream.health import Ailment, Correction, Illness, examine, moved
from headrace.upstream.model import Announcement, Answer
from headrace.words import Message


def ill(tags: list[str], prefix: str = "", identity: str = "mill https://github.com/water/mill") -> tuple[Illness, ...]:
    answer = Answer(tuple(Announcement(tag, tag) for tag in tags))
    return examine(answer, identity=identity, tag_prefix=prefix)


def test_a_prefix_that_matches_is_well() -> None:
    assert ill(["v1.0", "v1.1", "v1.2"], "v") == ()
    assert ill(["1.0", "1.1", "1.2"]) == ()
    assert ill(["1.0", "1.1", "1.2"], "v") == ()


def test_a_prefix_that_matches_no_tag_is_corrected() -> None:
    (got,) = ill(["v1.0", "v1.1", "v1.2"], "release-")
    assert got.ailment is Ailment.NO_MATCH
    assert got.correction == Correction("tag_prefix", "release-", "v")
    assert str(got.statement) == "the prefix release- matches none of the 3 tags"


def test_tags_that_left_the_prefix_are_told_with_the_new_one() -> None:
    (got,) = ill(["mill-1.0", "mill-1.1", "v1.2", "v1.3", "v1.4", "v1.5", "v2.0", "v2.1"], "mill-")
    assert got.ailment is Ailment.DRIFTED
    assert got.correction == Correction("tag_prefix", "mill-", "v")


def test_several_projects_without_a_prefix_are_told() -> None:
    tags = [f"{part}-v1.{number}" for part in ("mill", "wheel", "sluice") for number in range(4)]
    (got,) = ill(tags)
    assert got.ailment is Ailment.SEVERAL
    assert "sluice" in str(got.statement)
    assert got.correction == Correction("tag_prefix", "", "mill-v")
    assert ill(tags, "mill-v") == ()


def test_tags_of_distributions_are_no_project_of_their_own() -> None:
    assert ill([*(f"v1.{number}" for number in range(5)), *(f"debian/1.{number}-1" for number in range(5))]) == ()


def test_what_the_source_noted_is_told_with_the_new_place() -> None:
    notes = (Message("The repository is archived"), Message("The repository has moved to {name}", name="w/mill2"))
    got = examine(Answer((Announcement("1", "1"),), notes), identity="mill", src_repo="w/mill")
    assert [one.ailment for one in got] == [Ailment.ARCHIVED, Ailment.MOVED]
    assert got[1].correction == Correction("src_repo", "w/mill", "w/mill2")


def test_only_a_permanent_redirect_to_another_place_is_a_move() -> None:
    old, new = "https://g.example/w/mill.git", "https://g.example/w2/mill"
    assert moved(old, new, permanent=False) is None
    assert moved(old, "http://G.example/w/mill/", permanent=True) is None
    got = moved(old, new, permanent=True)
    assert got is not None
    assert got.correction == Correction("src_repo", old, new)


def test_silence_is_not_health() -> None:
    assert [one.ailment for one in examine(None, identity="mill")] == [Ailment.NOT_JUDGED]
    assert [one.ailment for one in examine(Answer(()), identity="mill", tag_prefix="v")] == [Ailment.NOT_JUDGED]


def test_versions_of_a_registry_have_no_prefix_to_judge() -> None:
    assert examine(Answer((Announcement("1.0"), Announcement("1.1"))), identity="mill", tag_prefix="v") == ()


TAGS = st.lists(
    st.from_regex(r"(v|mill-|wheel/|rel_)?[0-9]{1,2}([._][0-9]{1,2}){0,2}(-rc1)?", fullmatch=True), max_size=12
)


@given(TAGS, st.sampled_from(["", "v", "mill-", "^v", "(x)?v", ".*-"]))
def test_a_correction_of_a_prefix_changes_it_and_matches_a_tag(tags: list[str], prefix: str) -> None:
    for one in ill(tags, prefix):
        if one.correction is not None:
            assert one.correction.new != prefix
            assert any(tag.startswith(one.correction.new) for tag in tags)


@given(st.lists(st.text(max_size=20), max_size=8), st.text(max_size=20))
def test_attack_any_tags_and_prefix_are_judged_without_an_error(tags: list[str], prefix: str) -> None:
    assert all(isinstance(one, Illness) for one in ill(tags, prefix))
