"""Protections of compiled files must not get lost on the way."""

from __future__ import annotations

from headrace.evidence.differences.compiled import compare_hardening
from headrace.evidence.findings import both_contents, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "hardening"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare what the files of old and new packages hold; see `compare_hardening` for what weighs how much."""
    looked_at = Message("PIE, RELRO, stack, canary, fortify and search paths of all compiled files, old against new")
    old, new, doubts = both_contents(case, ID, looked_at)
    if old is None or new is None:
        return doubts
    nothing, settles = Message("compiled files are protected as before"), Message("the flags with which it was built")
    return (*doubts, *told(ID, compare_hardening(old, new), looked_at, strength_of(case), nothing, settles))
