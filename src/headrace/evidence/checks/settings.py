"""Settings of the system that come with the package."""

from __future__ import annotations

from headrace.evidence.differences.settings import compare_settings
from headrace.evidence.findings import both_contents, strength_of, told
from headrace.evidence.model import Case, Finding
from headrace.words import Message

ID = "difference-settings"


def check(case: Case) -> tuple[Finding, ...]:
    """Compare what the files of old and new packages hold; see `compare_settings` for what weighs how much."""
    looked_at = Message("the text of service units, sysctl, udev, sudoers and similar files, old against new")
    old, new, doubts = both_contents(case, ID, looked_at)
    if old is None or new is None:
        return doubts
    nothing, settles = Message("the same system settings as before"), Message("a person who reads the change")
    return (*doubts, *told(ID, compare_settings(old, new), looked_at, strength_of(case), nothing, settles))
