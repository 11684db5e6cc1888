"""Config files: changed or lost defaults, and what becomes of edited copies."""

from __future__ import annotations

from headrace.evidence.differences.configs import compare_configs
from headrace.evidence.findings import both_packages, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-configs"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare old and new packages; see `compare_configs` for what weighs how much."""
    looked_at = Message("the files marked as config files, old against new")
    packages = both_packages(case, ID, looked_at)
    if len(packages) == 1:
        return packages
    old, new = packages
    nothing, settles = (
        Message("the same config files with the same defaults"),
        Message("a person who compares the defaults"),
    )
    return told(ID, compare_configs(old, new), looked_at, strength_of(case), nothing, settles)
