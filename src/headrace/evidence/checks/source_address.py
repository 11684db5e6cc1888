"""Every Source says where it comes from: a full address, or a file of the package repository."""

from __future__ import annotations

from headrace.evidence.findings import new_facts, not_judged
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.package.spec.facts import DeclaredFile
from headrace.package.spec.value import Unknown
from headrace.words import Message

ID = "source-address"

_LOOKED_AT = Message("the Source lines of the new spec; whether an address answers is told by the fetch")
_SETTLES = Message("the full address of the file, or the file itself in the repository")


def check(case: Case) -> tuple[Finding, ...]:
    """A plain name is right for a file of the repository and for sources made from a tag; else it is a concern."""
    facts = new_facts(case)
    known = {source.filename: source for source in case.plan.new_sources}
    found: list[Finding] = [
        not_judged(ID, doubt, _LOOKED_AT, Message("a spec whose Source lines can be read"), case.spec_name)
        for doubt in facts.doubts
    ]
    details: list[str] = []
    for source in facts.sources:
        if isinstance(source.value, Unknown):
            found.append(not_judged(ID, source.value.reason, _LOOKED_AT, _SETTLES, f"line {source.line}"))
            continue
        value = source.value.value
        origin = known[value].url if value in known else ""
        if "://" in value or value in case.tree_paths or origin:
            details.append(f"Source{source.number}: {value if '://' in value else origin or value}")
        else:
            found.append(_unplaced(source, value))
    if found:
        return tuple(found)
    if not facts.sources:
        return (Finding(ID, Result.NOT_APPLICABLE, Message("the spec has no sources"), _LOOKED_AT, Strength.TEXT),)
    remark = Message("all {count} sources say where they come from", count=len(facts.sources))
    return (Finding(ID, Result.PASS, remark, _LOOKED_AT, Strength.TEXT, case.spec_name, tuple(details)),)


def _unplaced(source: DeclaredFile, value: str) -> Finding:
    remark = Message("{name} is neither an address nor a file of the repository", name=value)
    return Finding(ID, Result.CONCERN, remark, _LOOKED_AT, Strength.TEXT, f"line {source.line}", settles=_SETTLES)
