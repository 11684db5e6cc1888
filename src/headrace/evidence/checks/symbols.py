"""Exported symbols: gone under the same soname they break programs that nobody rebuilds."""

from __future__ import annotations

from headrace.evidence.differences.compiled import compare_symbols
from headrace.evidence.findings import both_contents, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-symbols"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare what the files of old and new packages hold; see `compare_symbols` for what weighs how much."""
    looked_at = Message("the dynamic symbols of all libraries that keep their soname, old against new")
    old, new, doubts = both_contents(case, ID, looked_at)
    if old is None or new is None:
        return doubts
    nothing, settles = (
        Message("no exported symbol is gone"),
        Message("a rebuild of what is linked with it, or a new soname"),
    )
    return (*doubts, *told(ID, compare_symbols(old, new), looked_at, strength_of(case), nothing, settles))
