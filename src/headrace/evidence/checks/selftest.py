"""The package's own tests: there, and run on the new version."""

from __future__ import annotations

from headrace.evidence.findings import new_facts, not_judged, old_facts, why_missing
from headrace.evidence.model import BuildStatus, Case, Finding, Result, Strength
from headrace.words import Message

ID = "selftest"

_LOOKED_AT = Message("%check in both specs, and whether the build of the new version came past it")


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
    remark = Message("%check ran on the new version and ended well")
    return (Finding(ID, Result.PASS, remark, _LOOKED_AT, build.strength, build.builder),)
