"""Subpackages: none may vanish unseen."""

from __future__ import annotations

from headrace.evidence.differences.identity import compare_identity
from headrace.evidence.findings import both_packages, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-packages"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare old and new packages; see `compare_identity` for what weighs how much."""
    looked_at = Message("the names, architectures and licence tags of all packages, old against new")
    packages = both_packages(case, ID, looked_at)
    if len(packages) == 1:
        return packages
    old, new = packages
    nothing, settles = (
        Message("the same packages as before"),
        Message("an Obsoletes in the package that replaces it, or a person who says that it may go"),
    )
    return told(ID, compare_identity(old, new), looked_at, strength_of(case), nothing, settles)
