"""Size: something bundled, or something missing."""

from __future__ import annotations

from headrace.evidence.differences.sizes import compare_sizes
from headrace.evidence.findings import both_packages, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-size"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare old and new packages; see `compare_sizes` for what weighs how much."""
    looked_at = Message("the installed size that the package headers tell, old against new")
    packages = both_packages(case, ID, looked_at)
    if len(packages) == 1:
        return packages
    old, new = packages
    nothing, settles = Message("the same size as before"), Message("a person who knows what was added or lost")
    return told(ID, compare_sizes(old, new), looked_at, strength_of(case), nothing, settles)
