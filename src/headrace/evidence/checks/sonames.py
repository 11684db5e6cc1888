"""Sonames: a new one breaks whatever is linked with the old."""

from __future__ import annotations

from headrace.evidence.differences.dependencies import compare_sonames
from headrace.evidence.findings import both_packages, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-sonames"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare old and new packages; see `compare_sonames` for what weighs how much."""
    looked_at = Message("the sonames and symbol versions that the packages provide, old against new")
    packages = both_packages(case, ID, looked_at)
    if len(packages) == 1:
        return packages
    old, new = packages
    nothing, settles = (
        Message("the same sonames as before"),
        Message("a rebuild of the packages that are linked with it"),
    )
    return told(ID, compare_sonames(old, new), looked_at, strength_of(case), nothing, settles)
