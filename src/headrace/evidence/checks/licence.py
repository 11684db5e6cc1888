"""The licence tag: an expression that can be read, allowed in the distribution, and the same as before."""

from __future__ import annotations

import re

from headrace.evidence.differences.paths import by_path
from headrace.evidence.findings import new_facts, not_judged, old_facts, strength_of, why_missing
from headrace.evidence.licences import Licence, LicenceError, parse_licence
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

ID = "licence"

_HOLDER = re.compile(r"copyright\s+(?:\(c\)|©|\d)|\(c\)\s*\d{4}|©\s*\d{4}|https?://", re.IGNORECASE)

_LOOKED_AT = Message(
    "the License tag of both specs, the distribution's list of allowed licences, and the packaged licence texts"
)
_SETTLES = Message("a person who reads upstream's licence")


def check(case: Case) -> tuple[Finding, ...]:
    """What upstream's source files themselves say is not read here."""
    old, new = old_facts(case).licence, new_facts(case).licence
    if isinstance(new, Unknown):
        return (not_judged(ID, new.reason, _LOOKED_AT, _SETTLES, case.spec_name),)
    try:
        licence = parse_licence(new.value)
    except LicenceError as error:
        remark = Message("the licence tag {tag} cannot be read: {why}", tag=new.value, why=str(error))
        return (_finding(Result.CONCERN, remark),)
    found = [_allowed(case, licence, new.value)]
    if isinstance(old, Unknown):
        found.append(not_judged(ID, old.reason, _LOOKED_AT, _SETTLES, case.spec_name))
    elif old.value != new.value:
        remark = Message("the licence changed from {old} to {new}", old=old.value, new=new.value)
        found.append(_finding(Result.CONCERN, remark))
    return (*found, *_texts(case))


def _allowed(case: Case, licence: Licence, tag: str) -> Finding:
    if case.allowed_licences is None:
        settles = Message("a list of allowed licences in the distribution's policy")
        return not_judged(ID, why_missing(case, "allowed_licences"), _LOOKED_AT, settles, case.spec_name)
    refused = licence.refused(case.allowed_licences)
    if refused:
        remark = Message("{licence} is not on the list of allowed licences", licence=", ".join(refused))
        return _finding(Result.CONCERN, remark, details=(tag,))
    return _finding(Result.PASS, Message("{tag} is allowed", tag=tag))


def _texts(case: Case) -> tuple[Finding, ...]:
    """Licence texts in the packages: gone is a concern, changed is told (mostly it is a year)."""
    if not case.old_rpms or not case.new_rpms:
        return ()
    before = {key: placed.file for key, placed in by_path(case.old_rpms).items() if "license" in placed.file.flags}
    after = {key: placed.file for key, placed in by_path(case.new_rpms).items() if "license" in placed.file.flags}
    if before and not after:
        remark = Message("the package no longer carries its licence text")
        details = tuple(file.path for file in before.values())
        return (_finding(Result.CONCERN, remark, details=details, strength=strength_of(case)),)
    changed = [key for key in sorted(before.keys() & after.keys()) if before[key].digest != after[key].digest]
    if not changed:
        return ()
    details = tuple(after[key].path for key in changed)
    if all(_same_terms(before[key].text, after[key].text) for key in changed):
        remark = Message(
            "the terms are as before; years, names or layout of {count} licence texts changed", count=len(changed)
        )
        return (_finding(Result.PASS, remark, details=details, strength=strength_of(case)),)
    remark = Message("the words of {count} licence texts changed", count=len(changed))
    return (_finding(Result.CONCERN, remark, details=details, strength=strength_of(case)),)


def _same_terms(old: str | None, new: str | None) -> bool:
    """Whether two licence texts differ only in holders, years and layout; unknown texts do not count as the same."""
    return old is not None and new is not None and _terms(old) == _terms(new)


def _terms(text: str) -> str:
    lines = (line for line in text.splitlines() if not _HOLDER.search(line))
    return "".join(letter for letter in "".join(lines).casefold() if letter.isalnum())


def _finding(
    result: Result, remark: Text, *, details: tuple[str, ...] = (), strength: Strength = Strength.TEXT
) -> Finding:
    settles = _SETTLES if result is Result.CONCERN else None
    return Finding(ID, result, remark, _LOOKED_AT, strength, details=details, settles=settles)
