"""The gate: from findings to a verdict. Pure, and closed by default: only complete and clean evidence is accepted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from headrace.evidence.model import Finding, Judgement, Result, Strength, Verdict
from headrace.words import Message, Text

PROOF = "build"
"""The check whose findings carry the strength of the proof."""

_CLEAN = {Result.PASS, Result.NOT_APPLICABLE}
_STRENGTHS = {
    Strength.NONE: Message("nothing"),
    Strength.TEXT: Message("reading alone"),
    Strength.HOST_ROOT: Message("a build on the host's root"),
    Strength.CLEAN_BUILDROOT: Message("a build in a clean buildroot"),
}


def judge(findings: Sequence[Finding], *, needed: Strength, expected: Collection[str]) -> Judgement:
    """The verdict for a change.

    REFUSE: a finding is a blocker. ACCEPT: every expected check spoke, everything it said is clean, and a passed build
    proves at least as much as is needed. ASK: all else, with one reason for each thing in the way.
    """
    blockers = [_reason(each) for each in findings if each.result is Result.BLOCKER]
    if blockers:
        return Judgement(Verdict.REFUSE, tuple(blockers))
    doubts = [_reason(each) for each in findings if each.result not in _CLEAN]
    heard = {each.check for each in findings}
    doubts += [Message("{check}: no finding", check=name) for name in sorted(set(expected) - heard)]
    doubts += _too_weak(findings, needed)
    if doubts:
        return Judgement(Verdict.ASK, tuple(doubts))
    accepted = Message("all {count} checks are clean", count=len(heard))
    return Judgement(Verdict.ACCEPT, (accepted, _STRENGTHS[_proved(findings)]))


def _reason(finding: Finding) -> Text:
    place = f" ({finding.where})" if finding.where and finding.where not in str(finding.remark) else ""
    if finding.result is Result.NOT_JUDGED:
        return Message("{check}{place}: not judged: {remark}", check=finding.check, place=place, remark=finding.remark)
    return Message("{check}{place}: {remark}", check=finding.check, place=place, remark=finding.remark)


def _proved(findings: Sequence[Finding]) -> Strength:
    """The weakest passed build; a change without one has no proof."""
    proofs = [each.strength for each in findings if each.check == PROOF and each.result is Result.PASS]
    return min(proofs, default=Strength.NONE)


def _too_weak(findings: Sequence[Finding], needed: Strength) -> list[Text]:
    proved = _proved(findings)
    if proved >= max(needed, Strength.TEXT):
        return []
    if proved is Strength.NONE:
        return [Message("no build of the new version proves anything")]
    return [
        Message(
            "the proof is {proved}, the branch needs {needed}",
            proved=_STRENGTHS[proved],
            needed=_STRENGTHS[needed],
        )
    ]
