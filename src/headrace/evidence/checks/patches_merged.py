"""What became of every patch: carried, or proved to be upstream before it is dropped, above all a CVE fix."""

from __future__ import annotations

import re

from headrace.evidence.findings import new_facts, not_judged, old_facts
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.package.model import PatchClass, PatchFate
from headrace.package.spec.facts import SpecFacts
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

ID = "patches-merged"

_LOOKED_AT = Message("every patch of the old spec: its class, the proof for it, and whether the new spec still has it")
_SETTLES = Message("the patch carried over, or the upstream change that holds it")
_CVE = re.compile(r"CVE-\d{4}-\d{4,}", re.IGNORECASE)


def check(case: Case) -> tuple[Finding, ...]:
    """One finding a patch. A patch that is gone without proof is a concern, a CVE fix that is gone without proof a blocker."""
    old, new = old_facts(case), new_facts(case)
    fates = {fate.filename: fate for fate in case.patches}
    found: list[Finding] = []
    for facts in (old, new):
        found += [
            not_judged(ID, patch.filename.reason, _LOOKED_AT, Message("a name that can be read"), f"line {patch.line}")
            for patch in facts.patches
            if isinstance(patch.filename, Unknown)
        ]
    before, after = _names(old), _names(new)
    for name in dict.fromkeys([*before, *fates]):
        found.append(_judge(name, fates.get(name), kept=name in after, case=case))
    if not found:
        remark = Message("the old version had no patches")
        found.append(Finding(ID, Result.NOT_APPLICABLE, remark, _LOOKED_AT, Strength.TEXT))
    return tuple(found)


def _judge(name: str, fate: PatchFate | None, *, kept: bool, case: Case) -> Finding:
    is_cve = bool(_CVE.search(name))
    lost = Result.BLOCKER if is_cve else Result.CONCERN
    if fate is None:
        why = case.missing.get("patches") or Message("{name}: nobody looked what became of it", name=name)
        if not kept and is_cve:
            remark = Message("{name} is gone and nothing proves that upstream has the fix", name=name)
            return _finding(Result.BLOCKER, remark, name)
        return not_judged(ID, why, _LOOKED_AT, _SETTLES, name)
    match fate.patch_class, kept:
        case PatchClass.FAILED, _:
            return _finding(Result.BLOCKER, fate.proof, name, fate)
        case PatchClass.MERGED, False:
            return _finding(Result.PASS, fate.proof, name, fate)
        case PatchClass.MERGED, True:
            return _finding(
                Result.CONCERN, Message("upstream has {name}, yet it is still declared", name=name), name, fate
            )
        case _, True:
            return _finding(Result.PASS, fate.proof, name, fate)
        case _:
            remark = Message("{name} is gone although upstream does not have it", name=name)
            return _finding(lost, remark, name, fate)


def _finding(result: Result, remark: Text, name: str, fate: PatchFate | None = None) -> Finding:
    details = (fate.patch_class.value, str(fate.proof), *fate.conflicts) if fate else ()
    settles = None if result is Result.PASS else _SETTLES
    return Finding(ID, result, remark, _LOOKED_AT, Strength.TEXT, name, details, settles)


def _names(facts: SpecFacts) -> list[str]:
    return [patch.filename.value for patch in facts.patches if not isinstance(patch.filename, Unknown)]
