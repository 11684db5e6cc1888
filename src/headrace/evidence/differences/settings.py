"""What the files of the system's own settings say: service units, sysctl, udev, sudoers and their kind."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.evidence.differences.lines import changed_lines
from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.differences.paths import Area, area, pairs
from headrace.evidence.model import Rpm
from headrace.words import Message

_AREAS = {Area.SERVICE, Area.RIGHTS, Area.SETTING}


def compare_settings(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Files of settings whose text changed in more than comments; those marked as config files are told elsewhere."""
    found: list[Difference] = []
    for before, after in pairs(old, new):
        if before is None or after is None or area(after.file.path) not in _AREAS or "config" in after.file.flags:
            continue
        if before.file.digest == after.file.digest or before.file.text is None or after.file.text is None:
            continue
        was, now = changed_lines(before.file.text, after.file.text)
        if was or now:
            what = area(after.file.path)
            remark = Message("it says something else: it works for everybody who installs the package")
            found.append(Difference(what.value, after.file.path, was, now, Weight.CONCERN, remark))
    return found
