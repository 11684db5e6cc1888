from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.change.agenda import Past, Stand, agenda
from headrace.change.model import ChangeState

BEHIND = Stand("demo", "master", "c1", "1.0", "2.0")


def past(state: ChangeState, *, version: str = "2.0", base: str = "c1", transient: bool = False) -> Past:
    return Past(f"demo-master-{version}", "demo", "master", base, version, state, transient)


def test_a_branch_that_is_behind_is_upgraded_with_a_reason() -> None:
    (intent,) = agenda([BEHIND], [])
    assert not intent.skip
    assert (intent.version, intent.attempt, str(intent.reason)) == ("2.0", 1, "master carries 1.0 and should carry 2.0")


@pytest.mark.parametrize(
    "stand", [Stand("demo", "master", "c1", "2.0", "2.0"), Stand("demo", "master", "c1", "1.0", None)]
)
def test_a_branch_that_is_level_or_undecided_is_left(stand: Stand) -> None:
    assert agenda([stand], []) == ()


@pytest.mark.parametrize("state", [state for state in ChangeState if state is not ChangeState.SUPERSEDED])
def test_what_was_done_for_the_same_commit_is_not_done_again(state: ChangeState) -> None:
    (intent,) = agenda([BEHIND], [past(state)])
    assert intent.skip
    assert str(intent.reason)


def test_a_failure_that_may_pass_is_tried_again_under_another_name() -> None:
    (intent,) = agenda([BEHIND], [past(ChangeState.FAILED, transient=True)])
    assert (intent.skip, intent.attempt) == (False, 2)


def test_a_refused_change_is_made_anew_when_the_package_changed() -> None:
    (intent,) = agenda([BEHIND], [past(ChangeState.REFUSED, base="c0")])
    assert not intent.skip


def test_what_a_person_rejected_stays_rejected_though_the_package_changed() -> None:
    (intent,) = agenda([BEHIND], [past(ChangeState.REJECTED, base="c0")])
    assert intent.skip


def test_a_proposal_gives_way_to_a_newer_version_but_work_under_way_does_not() -> None:
    (intent,) = agenda([BEHIND], [past(ChangeState.PROPOSED, version="1.5")])
    assert (intent.skip, intent.supersedes) == (False, "demo-master-1.5")
    for state in (ChangeState.WORKING, ChangeState.ACCEPTED):
        (intent,) = agenda([BEHIND], [past(state, version="1.5")])
        assert intent.skip


def test_work_under_way_goes_before_a_proposal_that_would_give_way() -> None:
    (intent,) = agenda([BEHIND], [past(ChangeState.PROPOSED, version="1.4"), past(ChangeState.WORKING, version="1.5")])
    assert intent.skip


def test_another_branch_s_changes_do_not_matter() -> None:
    other = Past("demo-lts-2.0", "demo", "lts", "c1", "2.0", ChangeState.WORKING)
    assert not agenda([BEHIND], [other])[0].skip


@given(
    st.lists(
        st.builds(
            Past, st.text(min_size=1, max_size=5), st.just("demo"), st.sampled_from(["master", "lts"]),
            st.sampled_from(["c0", "c1"]), st.sampled_from(["1.0", "1.5", "2.0"]), st.sampled_from(list(ChangeState)),
            st.booleans(),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_never_two_open_changes_of_one_branch(made: list[Past]) -> None:
    under_way = [
        one for one in made if one.branch == "master" and one.state in (ChangeState.WORKING, ChangeState.ACCEPTED)
    ]
    (intent,) = agenda([BEHIND], made)
    assert intent.skip or not under_way
    assert str(intent.reason)
