"""Every declared patch is applied in `%prep`."""

from __future__ import annotations

from headrace.evidence.findings import new_facts, not_judged, old_facts
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.package.spec.facts import DeclaredPatch, SpecFacts
from headrace.package.spec.value import Unknown
from headrace.words import Message

ID = "patches-applied"

_LOOKED_AT = Message("%prep of the new spec: autosetup, autopatch, %patch and patch commands, for each declared patch")
_SETTLES = Message("a %patch line, or no Patch line")


def check(case: Case) -> tuple[Finding, ...]:
    """A patch that was applied and no longer is has been lost although its file is there: a blocker."""
    facts = new_facts(case)
    applied_before = _applied(old_facts(case))
    found: list[Finding] = []
    for patch in facts.patches:
        name = patch.raw if isinstance(patch.filename, Unknown) else patch.filename.value
        if patch.condition is not None:
            found.append(not_judged(ID, patch.condition.reason, _LOOKED_AT, _SETTLES, name))
        elif not patch.applied:
            lost = name in applied_before
            remark = Message("{name} is declared but not applied", name=name)
            if lost:
                remark = Message("{name} was applied and no longer is", name=name)
            result = Result.BLOCKER if lost else Result.CONCERN
            found.append(Finding(ID, result, remark, _LOOKED_AT, Strength.TEXT, f"line {patch.line}", settles=_SETTLES))
    if found:
        return tuple(found)
    if not facts.patches:
        return (Finding(ID, Result.NOT_APPLICABLE, Message("the package has no patches"), _LOOKED_AT, Strength.TEXT),)
    remark = Message("all {count} patches are applied", count=len(facts.patches))
    details = tuple(_how(patch) for patch in facts.patches)
    return (Finding(ID, Result.PASS, remark, _LOOKED_AT, Strength.TEXT, case.spec_name, details),)


def _applied(facts: SpecFacts) -> set[str]:
    return {
        patch.filename.value for patch in facts.patches if patch.applied and not isinstance(patch.filename, Unknown)
    }


def _how(patch: DeclaredPatch) -> str:
    name = patch.raw if isinstance(patch.filename, Unknown) else patch.filename.value
    return f"{name}: " + ", ".join(f"{each.how} -p{each.strip} (line {each.line})" for each in patch.applied)
