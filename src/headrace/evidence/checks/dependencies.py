"""Dependencies: what is no longer provided, what is newly needed."""

from __future__ import annotations

from headrace.evidence.differences.dependencies import compare_dependencies
from headrace.evidence.findings import both_packages, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-dependencies"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare old and new packages; see `compare_dependencies` for what weighs how much."""
    looked_at = Message("Provides, Requires, Conflicts, Obsoletes and Recommends of all packages, old against new")
    packages = both_packages(case, ID, looked_at)
    if len(packages) == 1:
        return packages
    old, new = packages
    nothing, settles = (
        Message("the same dependencies as before"),
        Message("a look at the packages that need it, or at the repository that has it"),
    )
    return told(ID, compare_dependencies(old, new), looked_at, strength_of(case), nothing, settles)
