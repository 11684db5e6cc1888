"""The package's own tests: there, and run on the new version."""

from __future__ import annotations

from headrace.evidence.findings import new_facts, not_judged, old_facts, why_missing
from headrace.evidence.model import Build, BuildStatus, Case, Finding, Result, Strength
from headrace.words import Message

ID = "selftest"

_LOOKED_AT = Message(
    "%check in both specs, whether the build of the new version came past it, and the tests that its log counts"
)
_ENOUGH = 0.7
"""The share of the old number of tests below which the new number is suspicious."""


def check(case: Case) -> tuple[Finding, ...]:
    """PASS when `%check` is there and the build that ran it ended well; a lost `%check` is a concern."""
    before, after, build = old_facts(case).has_check, new_facts(case).has_check, case.new_build
    if not after:
        if before:
            remark = Message("the new spec has no %check although the old one had")
            settles = Message("a %check, or a reason in the changelog why it went")
            return (Finding(ID, Result.CONCERN, remark, _LOOKED_AT, Strength.TEXT, case.spec_name, settles=settles),)
        remark = Message("the spec has no %check, as before: nothing tests the new version but its build")
        settles = Message("a %check that runs upstream's tests")
        return (Finding(ID, Result.NOT_APPLICABLE, remark, _LOOKED_AT, Strength.TEXT, case.spec_name, settles=settles),)
    if build is None:
        return (not_judged(ID, why_missing(case, "new_build"), _LOOKED_AT, Message("a build of the new version")),)
    if build.status is not BuildStatus.BUILT:
        why = Message("the build of the new version did not come to an end")
        return (not_judged(ID, why, _LOOKED_AT, Message("a build that ends"), build.builder),)
    return (_ran(build, case.old_build),)


def _ran(new: Build, old: Build | None) -> Finding:
    """Tests that fail end the build; tests that silently vanish do not, so their number is compared."""
    where, strength = new.builder, new.strength
    if new.tests is None:
        remark = Message("%check ran on the new version and ended well; its log does not say how many tests")
        return Finding(ID, Result.PASS, remark, _LOOKED_AT, strength, where)
    passed, failed, skipped = new.tests
    details: tuple[str, ...] = (f"new: {passed} passed, {failed} failed, {skipped} skipped",)
    before = old.tests if old is not None else None
    if before is not None:
        details = (f"old: {before[0]} passed, {before[1]} failed, {before[2]} skipped", *details)
    settles = Message("a person who knows where the tests went")
    if failed:
        remark = Message("{failed} tests failed although the build went on", failed=failed)
        return Finding(ID, Result.CONCERN, remark, _LOOKED_AT, strength, where, details, settles)
    if not passed or (before is not None and passed < before[0] * _ENOUGH):
        remark = Message(
            "only {passed} tests passed, {before} before", passed=passed, before=before[0] if before else "?"
        )
        return Finding(ID, Result.CONCERN, remark, _LOOKED_AT, strength, where, details, settles)
    remark = Message("%check ran on the new version: {passed} tests passed", passed=passed)
    return Finding(ID, Result.PASS, remark, _LOOKED_AT, strength, where, details)
