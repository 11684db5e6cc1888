"""How checks put what they saw into findings; the wording of "not judged" lives here, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from headrace.evidence.differences.model import Difference, Weight, shipped
from headrace.evidence.model import Case, Finding, Result, Rpm, Strength
from headrace.package.spec.facts import SpecFacts, read
from headrace.words import Message, Text

_SHOWN = 25
_RESULTS = {Weight.BLOCKER: Result.BLOCKER, Weight.CONCERN: Result.CONCERN, Weight.NOTE: Result.PASS}

_MISSING = {
    "old_build": Message("the old version was not built"),
    "new_build": Message("the new version was not built"),
    "old_rpms": Message("there are no packages of the old version"),
    "new_rpms": Message("there are no packages of the new version"),
    "allowed_licences": Message("the distribution has no list of allowed licences"),
}


@lru_cache(maxsize=64)
def _facts(spec: bytes, name: str, macros: str) -> SpecFacts:
    return read(spec, spec_name=name, macros=[macros])


def old_facts(case: Case) -> SpecFacts:
    """What the old spec says."""
    return _facts(case.old_spec, case.spec_name, case.macros)


def new_facts(case: Case) -> SpecFacts:
    """What the new spec says."""
    return _facts(case.new_spec, case.spec_name, case.macros)


def why_missing(case: Case, field: str) -> Text:
    """Why a field of the case is None, in the words of who left it out or in general ones."""
    return case.missing.get(field) or _MISSING.get(field) or Message("{field} is not there", field=field)


def not_judged(check: str, why: Text, looked_at: Text, settles: Text, where: str = "") -> Finding:
    """The finding for what could not be judged."""
    return Finding(check, Result.NOT_JUDGED, why, looked_at, Strength.NONE, where, settles=settles)


def strength_of(case: Case) -> Strength:
    """What a statement about the built packages rests on: the weaker of both builds."""
    builds = [build for build in (case.old_build, case.new_build) if build is not None]
    return min((build.strength for build in builds), default=Strength.TEXT)


def both_packages(case: Case, check: str, looked_at: Text) -> tuple[Sequence[Rpm], Sequence[Rpm]] | tuple[Finding]:
    """Old and new packages, or the finding that they are not there."""
    for field in ("new_rpms", "old_rpms"):
        if not getattr(case, field):
            return (not_judged(check, why_missing(case, field), looked_at, Message("a build of both versions")),)
    assert case.old_rpms is not None  # noqa: S101 - just looked at
    assert case.new_rpms is not None  # noqa: S101
    return case.old_rpms, case.new_rpms


def both_contents(
    case: Case, check: str, looked_at: Text
) -> tuple[Sequence[Rpm] | None, Sequence[Rpm] | None, tuple[Finding, ...]]:
    """Old and new packages whose contents were read, and findings for what was not read; None when a side has none."""
    packages = both_packages(case, check, looked_at)
    if len(packages) == 1:
        return None, None, packages
    old, new = packages
    settles = Message("packages whose contents can be read")
    headers = [each for each in shipped((*old, *new)) if not each.contents_read]
    if headers:
        first = headers[0]
        why = Message("only the header of {package} was read", package=first.nevra)
        if first.unread:
            why = Message("the contents of {package} were not read: {why}", package=first.nevra, why=first.unread[0])
        return None, None, (not_judged(check, why, looked_at, settles, first.nevra),)
    doubts = [
        not_judged(check, Message("not looked into: {what}", what=what), looked_at, settles, each.nevra)
        for each in shipped((*old, *new))
        for what in each.unread
    ]
    return old, new, tuple(doubts)


def told(
    check: str, differences: Iterable[Difference], looked_at: Text, strength: Strength, nothing: Text, settles: Text
) -> tuple[Finding, ...]:
    """Findings for differences: one for each that matters, and one that holds the notes; `nothing` says that there are none."""
    found = list(differences)
    heavy = [each for each in found if each.weight is not Weight.NOTE]
    notes = tuple(_line(each) for each in found if each.weight is Weight.NOTE)
    findings = [
        Finding(
            check, _RESULTS[each.weight], each.remark, looked_at, strength, each.subject, (_line(each),), settles,
        )
        for each in heavy[:_SHOWN]
    ]  # fmt: skip
    if len(heavy) > _SHOWN:
        rest = heavy[_SHOWN:]
        result = Result.BLOCKER if any(each.weight is Weight.BLOCKER for each in rest) else Result.CONCERN
        remark = Message("{count} more differences of weight", count=len(rest))
        details = tuple(_line(each) for each in rest)
        findings.append(Finding(check, result, remark, looked_at, strength, details=details, settles=settles))
    if notes or not findings:
        remark = Message("{count} differences that are usual for a new version", count=len(notes)) if notes else nothing
        findings.append(Finding(check, Result.PASS, remark, looked_at, strength, details=notes))
    return tuple(findings)


def _line(each: Difference) -> str:
    change = " -> ".join(part.replace("\n", " ")[:200] for part in (each.old, each.new) if part)
    return f"{each.subject}: {each.remark}" + (f" ({change})" if change else "")
