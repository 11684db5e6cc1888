"""All checks together: a good case is accepted, anything missing or broken never is."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from headrace.evidence.checks import CHECKS
from headrace.evidence.examine import examine
from headrace.evidence.gate import judge
from headrace.evidence.model import Case, Finding, Result, Strength, Verdict
from headrace.words import Message


def _verdict(case: Case) -> Verdict:
    return judge(examine(case, CHECKS), needed=Strength.HOST_ROOT, expected=CHECKS).verdict


def test_a_good_case_is_accepted(case: Case) -> None:
    findings = examine(case, CHECKS)
    assert [each for each in findings if each.result not in {Result.PASS, Result.NOT_APPLICABLE}] == []
    assert _verdict(case) is Verdict.ACCEPT


@pytest.mark.parametrize(
    "field", ["old_build", "new_build", "old_rpms", "new_rpms", "allowed_licences", "tree_paths", "patches", "sources"]
)
def test_whatever_is_missing_is_never_accepted_and_the_given_reason_is_told(case: Case, field: str) -> None:
    empty = () if field in {"tree_paths", "patches", "sources"} else None
    without = replace(case, **{field: empty}, missing={field: Message("the cat sat on it")})
    if field == "old_build":
        assert _verdict(replace(without, old_rpms=None)) is Verdict.ASK
        return
    findings = [each for each in examine(without, CHECKS) if each.result is not Result.PASS]
    assert _verdict(without) is not Verdict.ACCEPT
    assert any("the cat sat on it" in str(each.remark) for each in findings)


def test_every_check_says_what_it_looked_at_and_what_would_settle_it(case: Case) -> None:
    bare = Case(case.plan, b"", b"", "pond.spec", "")
    for findings in (examine(case, CHECKS), examine(bare, CHECKS)):
        assert {each.check for each in findings} == set(CHECKS)
        for each in findings:
            assert str(each.looked_at)
            assert str(each.remark)
            if each.result in {Result.CONCERN, Result.BLOCKER, Result.NOT_JUDGED}:
                assert each.settles is not None, each
            if each.result is Result.NOT_JUDGED:
                assert each.strength is Strength.NONE


def test_an_empty_case_is_never_accepted(case: Case) -> None:
    assert _verdict(Case(case.plan, b"", b"", "pond.spec", "")) is not Verdict.ACCEPT


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("how", ["raises", "empty", "none", "nonsense", "stranger"])
def test_attack_a_check_that_fails_at_any_position_is_never_accepted(case: Case, name: str, how: str) -> None:
    def broken(_: Case) -> tuple[Finding, ...]:
        match how:
            case "raises":
                raise ValueError("boom")
            case "empty":
                return ()
            case "none":
                return None  # type: ignore[return-value]
            case "nonsense":
                return ("pass",)  # type: ignore[return-value]
            case _:
                return (Finding("another", Result.PASS, Message("fine"), Message("x"), Strength.CLEAN_BUILDROOT),)

    findings = examine(case, {**CHECKS, name: broken})
    mine = [each for each in findings if each.check == name]
    assert [each.result for each in mine] == [Result.NOT_JUDGED]
    assert name in str(mine[0].remark)
    assert judge(findings, needed=Strength.HOST_ROOT, expected=CHECKS).verdict is Verdict.ASK


def test_the_fields_that_may_be_missing_are_all_tried() -> None:
    optional = {field.name for field in fields(Case) if field.default is None or field.default == ()}
    assert optional <= {
        "old_build", "new_build", "old_rpms", "new_rpms", "allowed_licences", "tree_paths", "patches", "sources",
    }  # fmt: skip
