"""The build itself: without packages of the new version nothing else counts."""

from __future__ import annotations

from headrace.evidence.findings import not_judged, why_missing
from headrace.evidence.model import Build, BuildStatus, Case, Finding, Result, Strength
from headrace.words import Message, Text

ID = "build"

_LOOKED_AT = Message("the builds of the old and the new version")
_CLEAN = Message("a build in a clean buildroot")


def check(case: Case) -> tuple[Finding, ...]:
    """PASS carries the strength of the new build; a new version that does not build although the old did is a blocker."""
    new, old = case.new_build, case.old_build
    if new is None:
        return (not_judged(ID, why_missing(case, "new_build"), _LOOKED_AT, Message("a build of the new version")),)
    where = new.builder
    if new.status is BuildStatus.REFUSED:
        why = _why(new)
        return (not_judged(ID, why, _LOOKED_AT, Message("a machine that can build it"), where),)
    if new.status is not BuildStatus.BUILT:
        return (_failed(new, old),)
    if not new.rpms:
        return (not_judged(ID, Message("the build left no package"), _LOOKED_AT, Message("another build"), where),)
    seconds = round(new.seconds, 1)
    if new.strength < Strength.CLEAN_BUILDROOT:
        remark = Message(
            "it builds on the host's root in {seconds} s; whether the build requirements are complete is not proved",
            seconds=seconds,
        )
        return (Finding(ID, Result.PASS, remark, _LOOKED_AT, new.strength, where, new.rpms, _CLEAN),)
    remark = Message("it builds in a clean buildroot in {seconds} s", seconds=seconds)
    return (Finding(ID, Result.PASS, remark, _LOOKED_AT, new.strength, where, new.rpms),)


def _failed(new: Build, old: Build | None) -> Finding:
    settles = Message("a repaired spec or patch, built again")
    status, why = new.status.value, str(_why(new))
    if old is not None and old.status is not BuildStatus.BUILT and old.status is not BuildStatus.REFUSED:
        remark = Message("neither version builds here; new: {status}: {why}", status=status, why=why)
        return Finding(ID, Result.BLOCKER, remark, _LOOKED_AT, new.strength, new.builder, (str(_why(old)),), settles)
    remark = Message("the new version does not build: {status}: {why}", status=status, why=why)
    return Finding(ID, Result.BLOCKER, remark, _LOOKED_AT, new.strength, new.builder, settles=settles)


def _why(build: Build) -> Text:
    return build.reason or Message("the builder gave no reason")
