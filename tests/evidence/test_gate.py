"""The gate: closed by default, and never milder for worse news."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headrace.evidence.gate import judge
from headrace.evidence.model import Finding, Result, Strength, Verdict
from headrace.words import Message

_SEVERITY = {Verdict.ACCEPT: 0, Verdict.ASK: 1, Verdict.REFUSE: 2}
_IDS = ("build", "evr-grows", "licence", "difference-files")
_results = st.sampled_from(list(Result))
_strengths = st.sampled_from(list(Strength))


def _finding(check: str, result: Result, strength: Strength = Strength.HOST_ROOT) -> Finding:
    return Finding(check, result, Message("said"), Message("looked"), strength)


_findings = st.lists(st.builds(_finding, st.sampled_from(_IDS), _results, _strengths), max_size=8)
_expected = st.sets(st.sampled_from(_IDS))


def _clean() -> list[Finding]:
    return [_finding(name, Result.PASS) for name in _IDS]


def test_complete_and_clean_evidence_of_enough_strength_is_accepted() -> None:
    assert judge(_clean(), needed=Strength.HOST_ROOT, expected=_IDS).verdict is Verdict.ACCEPT


def test_no_findings_at_all_are_never_accepted() -> None:
    for needed in Strength:
        judgement = judge([], needed=needed, expected=())
        assert judgement.verdict is Verdict.ASK
        assert judgement.reasons


def test_a_missing_check_is_named() -> None:
    judgement = judge(_clean()[:-1], needed=Strength.HOST_ROOT, expected=_IDS)
    assert judgement.verdict is Verdict.ASK
    assert [str(reason) for reason in judgement.reasons] == ["difference-files: no finding"]


def test_a_proof_that_is_too_weak_asks_a_person() -> None:
    judgement = judge(_clean(), needed=Strength.CLEAN_BUILDROOT, expected=_IDS)
    assert judgement.verdict is Verdict.ASK
    assert "the branch needs a build in a clean buildroot" in str(judgement.reasons[0])


def test_one_weak_build_among_strong_ones_is_too_weak() -> None:
    findings = [*_clean(), _finding("build", Result.PASS, Strength.TEXT)]
    assert judge(findings, needed=Strength.HOST_ROOT, expected=_IDS).verdict is Verdict.ASK


def test_a_blocker_refuses_and_says_why() -> None:
    findings = [
        *_clean(),
        Finding("patches-merged", Result.BLOCKER, Message("a fix is gone"), Message("x"), where="a.patch"),
    ]
    judgement = judge(findings, needed=Strength.HOST_ROOT, expected=_IDS)
    assert judgement.verdict is Verdict.REFUSE
    assert [str(reason) for reason in judgement.reasons] == ["patches-merged (a.patch): a fix is gone"]


@given(_findings, _strengths, _expected, st.sampled_from([Result.CONCERN, Result.NOT_JUDGED, Result.BLOCKER]))
def test_bad_news_never_gives_a_milder_verdict(
    findings: list[Finding], needed: Strength, expected: set[str], bad: Result
) -> None:
    before = judge(findings, needed=needed, expected=expected).verdict
    after = judge([*findings, _finding("new", bad)], needed=needed, expected=expected).verdict
    assert _SEVERITY[after] >= max(_SEVERITY[before], _SEVERITY[Verdict.ASK])


@given(_findings, _strengths, _expected)
def test_accepted_means_complete_clean_and_proved(
    findings: list[Finding], needed: Strength, expected: set[str]
) -> None:
    if judge(findings, needed=needed, expected=expected).verdict is Verdict.ACCEPT:
        assert {each.result for each in findings} <= {Result.PASS, Result.NOT_APPLICABLE}
        assert expected <= {each.check for each in findings}
        assert any(each.check == "build" and each.strength >= needed for each in findings)


@given(_findings, _strengths, _expected, st.data())
def test_taking_evidence_away_never_accepts_what_was_not_accepted(
    findings: list[Finding], needed: Strength, expected: set[str], data: st.DataObject
) -> None:
    clean = [each for each in findings if each.result in {Result.PASS, Result.NOT_APPLICABLE}]
    gone = data.draw(st.sampled_from([*_IDS]))
    less = [each for each in clean if each.check != gone]
    verdict = judge(less, needed=needed, expected={*expected, gone}).verdict
    assert verdict is not Verdict.ACCEPT


@given(_findings, _strengths, _strengths, _expected)
def test_asking_for_more_proof_is_never_milder(
    findings: list[Finding], one: Strength, other: Strength, expected: set[str]
) -> None:
    low = judge(findings, needed=min(one, other), expected=expected).verdict
    high = judge(findings, needed=max(one, other), expected=expected).verdict
    assert _SEVERITY[high] >= _SEVERITY[low]


@given(_findings, _strengths, _expected, st.randoms())
def test_the_order_of_findings_means_nothing(
    findings: list[Finding], needed: Strength, expected: set[str], random: object
) -> None:
    mixed = list(findings)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    first = judge(findings, needed=needed, expected=expected)
    second = judge(mixed, needed=needed, expected=expected)
    assert first.verdict is second.verdict
    assert sorted(map(str, first.reasons)) == sorted(map(str, second.reasons))
