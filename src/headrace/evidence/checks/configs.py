"""Config files: changed or lost defaults, and what becomes of edited copies."""

from __future__ import annotations

from headrace.evidence.differences.configs import compare_configs
from headrace.evidence.findings import both_contents, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-configs"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare what the files of old and new packages hold; see `compare_configs` for what weighs how much."""
    looked_at = Message("the files marked as config files, their marks and the lines that they set, old against new")
    old, new, doubts = both_contents(case, ID, looked_at)
    if old is None or new is None:
        return doubts
    nothing, settles = (
        Message("the same config files with the same defaults"),
        Message("a person who compares the defaults"),
    )
    return (*doubts, *told(ID, compare_configs(old, new), looked_at, strength_of(case), nothing, settles))
