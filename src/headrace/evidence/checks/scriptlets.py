"""Scriptlets run as root on every machine that installs the package."""

from __future__ import annotations

from headrace.evidence.differences.scriptlets import compare_scriptlets
from headrace.evidence.findings import both_packages, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-scriptlets"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare old and new packages; see `compare_scriptlets` for what weighs how much."""
    looked_at = Message("scriptlets and triggers of all packages, old against new")
    packages = both_packages(case, ID, looked_at)
    if len(packages) == 1:
        return packages
    old, new = packages
    nothing, settles = Message("the same scriptlets as before"), Message("a person who reads the scriptlet")
    return told(ID, compare_scriptlets(old, new), looked_at, strength_of(case), nothing, settles)
