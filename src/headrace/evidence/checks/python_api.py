"""Public names of Python modules: gone they break whoever imports them."""

from __future__ import annotations

from headrace.evidence.differences.modules import compare_modules
from headrace.evidence.findings import both_contents, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-python"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare what the files of old and new packages hold; see `compare_modules` for what weighs how much."""
    looked_at = Message("the public names of all Python modules, old against new")
    old, new, doubts = both_contents(case, ID, looked_at)
    if old is None or new is None:
        return doubts
    nothing, settles = (
        Message("no public name of a Python module is gone"),
        Message("a look at what imports the module"),
    )
    return (*doubts, *told(ID, compare_modules(old, new), looked_at, strength_of(case), nothing, settles))
