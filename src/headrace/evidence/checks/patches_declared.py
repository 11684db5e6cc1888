"""Every declared patch is there, and every patch that is there is declared."""

from __future__ import annotations

from headrace.evidence.findings import new_facts, not_judged
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

ID = "patches-declared"

_LOOKED_AT = Message("the Patch lines of the new spec against the files of the proposed tree")
_SETTLES = Message("the missing file, or a Patch line for it")
_SUFFIXES = (".patch", ".diff", ".patch.gz", ".patch.xz")


def check(case: Case) -> tuple[Finding, ...]:
    """A file counts as used when a Patch or a Source names it; a name that cannot be known is not judged."""
    facts = new_facts(case)
    names: set[str] = set()
    found: list[Finding] = [
        not_judged(ID, doubt, _LOOKED_AT, Message("a spec whose Patch lines can be read"), case.spec_name)
        for doubt in facts.doubts
    ]
    if not case.tree_paths:
        why = case.missing.get("tree_paths") or Message("the files of the proposed tree are not there")
        return (not_judged(ID, why, _LOOKED_AT, Message("the proposed tree")),)
    there = {path for path in case.tree_paths if "/" not in path}
    for patch in (*facts.patches, *facts.sources):
        if isinstance(patch.filename, Unknown):
            why = patch.filename.reason
            found.append(not_judged(ID, why, _LOOKED_AT, Message("a name that can be read"), f"line {patch.line}"))
            continue
        names.add(patch.filename.value)
    for patch in facts.patches:
        if not isinstance(patch.filename, Unknown) and patch.filename.value not in there:
            remark = Message("{name} is declared and not there", name=patch.filename.value)
            found.append(_finding(Result.BLOCKER, remark, f"line {patch.line}"))
    found += [
        _finding(Result.CONCERN, Message("{name} is there and not declared", name=path), path)
        for path in sorted(there)
        if path.endswith(_SUFFIXES) and path not in names
    ]
    if not found:
        if not facts.patches:
            return (_finding(Result.NOT_APPLICABLE, Message("the package has no patches"), ""),)
        remark = Message("{count} patches declared, all there, none left over", count=len(facts.patches))
        found.append(_finding(Result.PASS, remark, ""))
    return tuple(found)


def _finding(result: Result, remark: Text, where: str) -> Finding:
    settles = _SETTLES if result in {Result.CONCERN, Result.BLOCKER} else None
    return Finding(ID, result, remark, _LOOKED_AT, Strength.TEXT, where, settles=settles)
