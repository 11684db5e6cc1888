"""The EVR grows, so that an update reaches the machines that have the old package."""

from __future__ import annotations

import re

from headrace.evidence.findings import new_facts, not_judged, old_facts
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.package.evr import Evr, compare_versions
from headrace.package.model import PackageError
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

ID = "evr-grows"

_LOOKED_AT = Message("epoch, version and release of both specs, in rpm's order, and of the packages built from them")
_SETTLES = Message("a spec whose version and release can be read")


def check(case: Case) -> tuple[Finding, ...]:
    """The order is rpm's. Also: a new version resets the release, and the packages carry the EVR that the spec says."""
    old, new = old_facts(case), new_facts(case)
    for value in (old.evr, new.evr):
        if isinstance(value, Unknown):
            return (not_judged(ID, value.reason, _LOOKED_AT, _SETTLES, case.spec_name),)
    assert not isinstance(old.evr, Unknown)  # noqa: S101 - just looked at
    assert not isinstance(new.evr, Unknown)  # noqa: S101
    try:
        before, after = Evr.parse(old.evr.value), Evr.parse(new.evr.value)
    except PackageError as error:
        why = Message("{error}", error=str(error))
        return (not_judged(ID, why, _LOOKED_AT, _SETTLES, case.spec_name),)
    found = [_order(before, after)]
    if after > before and after.epoch != before.epoch and compare_versions(before.version, after.version) < 0:
        remark = Message("the epoch grew although the version grows without it: an epoch can never be taken back")
        found.append(_finding(Result.CONCERN, remark, before, after))
    if compare_versions(before.version, after.version) < 0 and _first_number(after.release) > 1:
        remark = Message("the version grew and the release was not reset: {release}", release=after.release)
        found.append(_finding(Result.CONCERN, remark, before, after))
    if case.new_rpms:
        found += _built(case, after)
    return tuple(found)


def _order(before: Evr, after: Evr) -> Finding:
    if after > before:
        return _finding(Result.PASS, Message("{old} -> {new}", old=str(before), new=str(after)), before, after)
    if after == before:
        remark = Message("{new} is not newer than {old}: no machine would update", old=str(before), new=str(after))
    else:
        remark = Message("{new} is older than {old} for rpm: no machine would update", old=str(before), new=str(after))
    return _finding(Result.BLOCKER, remark, before, after)


def _finding(result: Result, remark: Text, before: Evr, after: Evr) -> Finding:
    settles = (
        None if result is Result.PASS else Message("a higher release, or an epoch where upstream's version went down")
    )
    return Finding(ID, result, remark, _LOOKED_AT, Strength.TEXT, details=(f"{before} -> {after}",), settles=settles)


def _first_number(release: str) -> int:
    digits = re.match(r"\d{1,9}", release)
    return int(digits[0]) if digits else 0


def _built(case: Case, told: Evr) -> list[Finding]:
    """A package whose EVR is not the spec's was built from something else, or its subpackage has a version of its own."""
    packages = case.new_rpms or ()
    strength = case.new_build.strength if case.new_build else Strength.TEXT
    if any(Evr(package.epoch, package.version, package.release) == told for package in packages):
        return []
    remark = Message("no package was built with the EVR that the spec says")
    details = tuple(package.nevra for package in packages)
    settles = Message("a build of this spec")
    return [Finding(ID, Result.CONCERN, remark, _LOOKED_AT, strength, str(told), details, settles)]
