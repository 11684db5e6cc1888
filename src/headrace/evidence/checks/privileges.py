"""Rights of files: setuid, capabilities, owners, modes."""

from __future__ import annotations

from headrace.evidence.differences.privileges import compare_privileges
from headrace.evidence.findings import both_packages, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-privileges"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare old and new packages; see `compare_privileges` for what weighs how much."""
    looked_at = Message("modes, owners, setuid and setgid bits and capabilities of all files, old against new")
    packages = both_packages(case, ID, looked_at)
    if len(packages) == 1:
        return packages
    old, new = packages
    nothing, settles = (
        Message("the same rights as before"),
        Message("somebody who answers for the security of the distribution"),
    )
    return told(ID, compare_privileges(old, new), looked_at, strength_of(case), nothing, settles)
