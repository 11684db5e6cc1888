from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from headrace.change.model import Change, ChangeState, Edit, Plan
from headrace.evidence.model import Finding, Judgement, Result, Strength, Verdict
from headrace.package.model import PatchClass, PatchFate, SourceFile
from headrace.store.changes import Changes
from headrace.store.codec import StoreError
from headrace.store.database import migrate, open_engine
from headrace.words import Message

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    migrate(database_url)
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def make_change(change_id: str = "demo-master-2.0", state: ChangeState = ChangeState.WORKING) -> Change:
    plan = Plan(
        package="demo", branch="master", base="a" * 40, from_evr="1:1.0-1", to_evr="1:2.0-1", from_version="1.0",
        to_version="2.0", reason=Message("{new} is the newest stable release", new="2.0"),
        edits=(Edit("demo.spec", 3, "Version: 1.0", "Version: 2.0", Message("the new version")),),
        old_sources=(SourceFile("demo-1.0.tar.gz", digests={"sha512": "00"}, pinned="package"),),
        new_sources=(SourceFile("demo-2.0.tar.gz"),), patches=("fix.patch",), made_at=1_767_322_000,
    )  # fmt: skip
    fate = PatchFate(1, "fix.patch", PatchClass.REBASED, Message("rebased"), content=b"--- a\n+++ b \xe9\x00\n")
    return Change(change_id, "demo", "master", "1:1.0-1", "1:2.0-1", state, plan, patches=(fate,))


def test_a_change_comes_back_as_it_went_in(engine: sa.Engine) -> None:
    changes, change = Changes(engine), make_change()
    finding = Finding(
        "evr-grows", Result.PASS, Message("软件 {a}", a=1), Message("the spec"), Strength.HOST_ROOT, details=("x",)
    )
    judgement = Judgement(Verdict.ASK, (Message("why"),))
    assert changes.open(change, AT)
    changes.save(change, AT, findings=[finding], judgement=judgement, builds=("k1", "k2"))
    stored = changes.get(change.id)
    assert stored is not None
    assert (stored.change, stored.findings, stored.judgement) == (change, (finding,), judgement)
    assert (stored.old_build, stored.new_build, stored.created_at) == ("k1", "k2", AT)


def test_opening_twice_keeps_the_first(engine: sa.Engine) -> None:
    changes = Changes(engine)
    assert changes.open(make_change(), AT)
    assert not changes.open(replace(make_change(), to_evr="9-9"), AT)
    assert changes.list()[0].change.to_evr == "1:2.0-1"


def test_a_branch_has_one_open_change(engine: sa.Engine) -> None:
    changes = Changes(engine)
    changes.open(make_change(), AT)
    with pytest.raises(StoreError, match="demo has another open change on master"):
        changes.open(make_change("demo-master-3.0"), AT)
    assert changes.move("demo-master-2.0", ChangeState.SUPERSEDED, (ChangeState.WORKING,), AT)
    assert changes.open(make_change("demo-master-3.0"), AT)


def test_a_state_moves_only_from_where_it_was_expected(engine: sa.Engine) -> None:
    changes = Changes(engine)
    changes.open(make_change(state=ChangeState.PROPOSED), AT)
    assert changes.move("demo-master-2.0", ChangeState.ACCEPTED, (ChangeState.PROPOSED,), AT)
    assert not changes.move("demo-master-2.0", ChangeState.REJECTED, (ChangeState.PROPOSED,), AT)
    stored = changes.get("demo-master-2.0")
    assert stored is not None
    assert stored.change.state is ChangeState.ACCEPTED


def test_a_row_of_a_newer_headrace_is_one_sentence(engine: sa.Engine) -> None:
    changes = Changes(engine)
    changes.open(make_change(), AT)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE changes SET change = '{}'"))
    with pytest.raises(StoreError, match="a stored Change cannot be read"):
        changes.get("demo-master-2.0")


def test_a_nul_character_of_a_stranger_does_not_break_the_store(engine: sa.Engine) -> None:
    changes, change = Changes(engine), replace(make_change(), failure=Message("{error}", error="a\0b"))
    assert changes.open(change, AT)
    stored = changes.get(change.id)
    assert stored is not None
    assert str(stored.change.failure) == "a\ufffdb"


def test_a_sentence_within_a_sentence_comes_back(engine: sa.Engine) -> None:
    changes = Changes(engine)
    inner = Message("{count} files", count=3)
    changes.open(replace(make_change(), failure=Message("{check}: {remark}", check="files", remark=inner)), AT)
    stored = changes.get("demo-master-2.0")
    assert stored is not None
    assert stored.change.failure == Message("{check}: {remark}", check="files", remark=inner)
    assert str(stored.change.failure) == "files: 3 files"


def test_a_proposal_whose_job_has_not_ended_is_unfinished(engine: sa.Engine) -> None:
    changes = Changes(engine)
    changes.open(make_change(state=ChangeState.PROPOSED), AT)
    assert [one.change.id for one in changes.unfinished()] == ["demo-master-2.0"]
    assert changes.move("demo-master-2.0", ChangeState.ACCEPTED, (ChangeState.PROPOSED,), AT)
    assert changes.finish("demo-master-2.0", AT)
    assert changes.unfinished() == []
    stored = changes.get("demo-master-2.0")
    assert stored is not None
    assert stored.change.state is ChangeState.ACCEPTED, "what a person decided meanwhile stands"
    assert not changes.finish("nothing", AT)
