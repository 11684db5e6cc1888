"""The file list: what is gone is missed by somebody."""

from __future__ import annotations

from headrace.evidence.differences.files import compare_files
from headrace.evidence.findings import both_packages, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-files"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare old and new packages; see `compare_files` for what weighs how much."""
    looked_at = Message("the file lists of all packages, old against new")
    packages = both_packages(case, ID, looked_at)
    if len(packages) == 1:
        return packages
    old, new = packages
    nothing, settles = Message("the same files as before"), Message("a person who knows who uses the file")
    return told(ID, compare_files(old, new), looked_at, strength_of(case), nothing, settles)
