"""Files that came, went or changed their kind: commands, services, headers, modules and all others."""

from __future__ import annotations

import stat
from collections.abc import Sequence

from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.differences.paths import Area, Placed, area, pairs, without_version
from headrace.evidence.model import Rpm, RpmFile
from headrace.words import Message, Text

_QUIET = {Area.DOCUMENTATION, Area.PRIVATE_MODULE, Area.BUNDLED, Area.LIBRARY}
"""Whose going is usual: upstream's own business, or told by another fact (a library by its soname)."""
_KINDS = {
    stat.S_IFDIR: "directory", stat.S_IFREG: "file", stat.S_IFLNK: "link", stat.S_IFCHR: "device", stat.S_IFBLK: "device",
    stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket",
}  # fmt: skip


def compare_files(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Which files were added, removed, moved between packages or became something else. Config files are not told here."""
    found: list[Difference] = []
    for before, after in pairs(old, new):
        if before is None and after is not None:
            found.append(_added(after))
        elif after is None and before is not None:
            if "config" not in before.file.flags:
                found.append(_removed(before))
        elif before is not None and after is not None:
            found += _changed(before, after)
    return found


def kind_of(file: RpmFile) -> str:
    """`file`, `directory`, `link`, `device` ... as the mode says."""
    return _KINDS.get(stat.S_IFMT(file.mode), "file")


def _added(placed: Placed) -> Difference:
    file, what = placed.file, area(placed.file.path)
    weight, remark = Weight.NOTE, Message("added")
    if what is Area.RIGHTS:
        weight, remark = Weight.CONCERN, Message("added: it grants rights or runs by itself")
    elif what is Area.SERVICE:
        remark = Message("a service is added")
    elif what is Area.COMMAND:
        remark = Message("a command is added")
    return Difference(what.value, file.path, "", _describe(placed), weight, remark)


_REMOVED: dict[Area, Text] = {
    Area.COMMAND: Message("the command is gone: what calls it breaks"),
    Area.SERVICE: Message("the service is gone: it will no longer start"),
    Area.RIGHTS: Message("removed: rights or tasks that it granted are gone"),
    Area.SETTING: Message("the system setting is gone"),
    Area.HEADER: Message("the header is gone: what includes it no longer builds"),
    Area.DEVELOPMENT: Message("the development file is gone: what links with it may no longer build"),
    Area.MODULE: Message("the module is gone: what imports it breaks"),
    Area.FILE: Message("the file is gone"),
}


def _removed(placed: Placed) -> Difference:
    file, what = placed.file, area(placed.file.path)
    quiet = what in _QUIET or "doc" in file.flags or "artifact" in file.flags
    if what is Area.BUNDLED and placed.key.endswith("/package.json") and "/node_modules/" in placed.key:
        quiet = False
    weight = Weight.NOTE if quiet else Weight.CONCERN
    return Difference(what.value, file.path, _describe(placed), "", weight, _REMOVED.get(what, Message("removed")))


def _changed(before: Placed, after: Placed) -> list[Difference]:
    found: list[Difference] = []
    what, path = area(after.file.path).value, after.file.path
    was, is_now = kind_of(before.file), kind_of(after.file)
    if was != is_now:
        remark = Message("it was a {was} and is a {now} now", was=was, now=is_now)
        if "directory" in (was, is_now):
            remark = Message(
                "it was a {was} and is a {now} now: rpm cannot replace one by the other", was=was, now=is_now
            )
        found.append(Difference(what, path, was, is_now, Weight.CONCERN, remark))
    elif was == "link" and _target(before) != _target(after):
        weight = Weight.NOTE if area(path) in {*_QUIET, Area.DEVELOPMENT} else Weight.CONCERN
        remark = Message("the link leads elsewhere")
        found.append(Difference(what, path, before.file.link, after.file.link, weight, remark))
    if before.package.name != after.package.name:
        remark = Message("moved from {old} to {new}", old=before.package.name, new=after.package.name)
        found.append(Difference(what, path, before.package.name, after.package.name, Weight.NOTE, remark))
    return found


def _target(placed: Placed) -> str:
    return without_version(placed.file.link, placed.package.version, placed.package.release)


def _describe(placed: Placed) -> str:
    return f"{kind_of(placed.file)} {placed.file.mode & 0o7777:04o} in {placed.package.name}"
