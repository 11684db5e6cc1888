"""Who may do what: modes, owners, setuid and setgid bits, capabilities."""

from __future__ import annotations

import stat
from collections.abc import Sequence

from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.differences.paths import Area, Placed, area, pairs
from headrace.evidence.model import Rpm, RpmFile
from headrace.words import Message

_SPECIAL = stat.S_ISUID | stat.S_ISGID


def compare_privileges(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Changed modes, owners and capabilities, and new files that bring rights with them."""
    found: list[Difference] = []
    for before, after in pairs(old, new):
        if after is None:
            continue
        if before is None:
            found += _brought(after)
        else:
            found += _changed(before.file, after.file)
    return found


def _brought(placed: Placed) -> list[Difference]:
    file, found = placed.file, []
    if _is_special(file):
        remark = Message("a new file runs with the rights of {owner}", owner=_whose(file))
        found.append(Difference("setuid", file.path, "", _mode(file), Weight.CONCERN, remark))
    if file.capabilities:
        remark = Message("a new file brings capabilities")
        found.append(Difference("capabilities", file.path, "", file.capabilities, Weight.CONCERN, remark))
    if _open_to_all(file):
        remark = Message("everybody may write to it")
        found.append(Difference("mode", file.path, "", _mode(file), Weight.CONCERN, remark))
    return found


def _changed(before: RpmFile, after: RpmFile) -> list[Difference]:
    found: list[Difference] = []
    path = after.path
    if before.capabilities != after.capabilities:
        remark = Message("its capabilities changed")
        found.append(Difference("capabilities", path, before.capabilities, after.capabilities, Weight.CONCERN, remark))
    if (before.owner, before.group) != (after.owner, after.group):
        remark = Message("it belongs to somebody else now")
        old, new = f"{before.owner}:{before.group}", f"{after.owner}:{after.group}"
        found.append(Difference("owner", path, old, new, Weight.CONCERN, remark))
    if _bits(before) != _bits(after) and stat.S_IFMT(before.mode) == stat.S_IFMT(after.mode):
        found.append(_mode_changed(before, after))
    return found


def _mode_changed(before: RpmFile, after: RpmFile) -> Difference:
    old, new = _mode(before), _mode(after)
    if _is_special(after) and _bits(before) & _SPECIAL != _bits(after) & _SPECIAL:
        remark = Message("it now runs with the rights of {owner}", owner=_whose(after))
        return Difference("setuid", after.path, old, new, Weight.CONCERN, remark)
    if _is_special(before) and not _is_special(after):
        remark = Message("it no longer runs with the rights of {owner}", owner=_whose(before))
        return Difference("setuid", after.path, old, new, Weight.CONCERN, remark)
    gained = _bits(after) & ~_bits(before)
    if _open_to_all(after) or gained & (stat.S_IWGRP | stat.S_IWOTH):
        return Difference("mode", after.path, old, new, Weight.CONCERN, Message("more may write to it than before"))
    lost = _bits(before) & ~_bits(after)
    if lost & stat.S_IXOTH and area(after.path) is Area.COMMAND:
        return Difference("mode", after.path, old, new, Weight.CONCERN, Message("not everybody can run it any more"))
    if gained & (stat.S_IROTH | stat.S_IRGRP) and not _bits(before) & stat.S_IROTH:
        return Difference("mode", after.path, old, new, Weight.CONCERN, Message("more may read it than before"))
    return Difference("mode", after.path, old, new, Weight.NOTE, Message("its mode changed"))


def _bits(file: RpmFile) -> int:
    return 0 if stat.S_ISLNK(file.mode) else file.mode & 0o7777


def _mode(file: RpmFile) -> str:
    return f"{file.mode & 0o7777:04o}"


def _is_special(file: RpmFile) -> bool:
    return stat.S_ISREG(file.mode) and bool(file.mode & _SPECIAL)


def _open_to_all(file: RpmFile) -> bool:
    return bool(_bits(file) & stat.S_IWOTH) and not file.mode & stat.S_ISVTX


def _whose(file: RpmFile) -> str:
    return file.owner if file.mode & stat.S_ISUID else f"group {file.group}"
