"""Runs every check over a case; one that crashes, says nothing or speaks for another becomes "not judged"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from headrace.evidence.findings import not_judged
from headrace.evidence.model import Case, Finding
from headrace.words import Message, Text

_LOOKED_AT = Message("nothing: the check itself failed")
_SETTLES = Message("a repaired check, run again")


def examine(case: Case, checks: Mapping[str, Callable[[Case], tuple[Finding, ...]]]) -> tuple[Finding, ...]:
    """The findings of all checks in their order. Never raises for what a check does; every id has at least one finding."""
    found: list[Finding] = []
    for name, check in checks.items():
        found += _run(name, check, case)
    return tuple(found)


def _run(name: str, check: Callable[[Case], tuple[Finding, ...]], case: Case) -> tuple[Finding, ...]:
    try:
        findings: object = check(case)
    except Exception as error:  # noqa: BLE001 - whatever a check does, its item is not judged and the others go on
        why = Message("the check {name} failed: {error}", name=name, error=f"{type(error).__name__}: {error}"[:300])
        return (_failed(name, why),)
    spoken = tuple(each for each in findings if isinstance(each, Finding)) if isinstance(findings, tuple) else ()
    if not spoken or spoken != findings:
        return (_failed(name, Message("the check {name} said nothing", name=name)),)
    strangers = sorted({each.check for each in spoken if each.check != name})
    if strangers:
        why = Message("the check {name} spoke for {other}", name=name, other=", ".join(strangers))
        return (_failed(name, why),)
    return spoken


def _failed(name: str, why: Text) -> Finding:
    return not_judged(name, why, _LOOKED_AT, _SETTLES)
