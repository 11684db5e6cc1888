"""Compiled files: exported symbols that went, and hardening that was lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.differences.paths import pairs
from headrace.evidence.model import Elf, Rpm
from headrace.words import Message, Text

_SHOWN = 20
_RELRO = {"none": 0, "partial": 1, "full": 2}


def compare_symbols(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Dynamic symbols of libraries that keep their soname: one that is gone breaks what uses it without a new soname to tell."""
    found: list[Difference] = []
    for path, before, after in _pairs(old, new):
        if not before.soname or before.soname != after.soname:
            continue
        gone = sorted(set(before.exported) - set(after.exported))
        come = sorted(set(after.exported) - set(before.exported))
        if gone:
            remark = Message("{count} exported symbols are gone under the same soname", count=len(gone))
            found.append(Difference("symbol", path, _some(gone), "", Weight.CONCERN, remark))
        if come:
            remark = Message("{count} exported symbols are added", count=len(come))
            found.append(Difference("symbol", path, "", _some(come), Weight.NOTE, remark))
    return found


def compare_hardening(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Protections that a compiled file had and has no more, search paths that were added, and new files without protection."""
    found: list[Difference] = []
    for before, after in pairs(old, new):
        if after is None or after.file.elf is None:
            continue
        was = before.file.elf if before else None
        found += _lost(after.file.path, was, after.file.elf) if was else _unprotected(after.file.path, after.file.elf)
    return found


def _lost(path: str, was: Elf, now: Elf) -> Iterator[Difference]:
    if was.pie and not now.pie and now.kind == "program":
        yield _weak(path, "PIE", "no PIE", Message("it is always loaded at the same address now"))
    if _RELRO[now.relro] < _RELRO[was.relro]:
        yield _weak(
            path, f"{was.relro} RELRO", f"{now.relro} RELRO", Message("its tables can be overwritten while it runs")
        )
    if now.executable_stack and not was.executable_stack:
        yield _weak(path, "", "executable stack", Message("its stack can be executed now"))
    if was.runpath != now.runpath and now.runpath:
        yield _weak(path, was.runpath, now.runpath, Message("it looks for libraries in a place of its own"))
    for name, had, has in (("canary", was.canary, now.canary), ("fortify", was.fortified, now.fortified)):
        if had and not has:
            remark = Message("no use of this protection is left in it: switched off, or nothing left to protect")
            yield Difference("hardening", path, name, f"no {name}", Weight.NOTE, remark)


def _unprotected(path: str, now: Elf) -> Iterator[Difference]:
    if now.executable_stack:
        yield _weak(path, "", "executable stack", Message("its stack can be executed"))
    if now.runpath:
        yield _weak(path, "", now.runpath, Message("it looks for libraries in a place of its own"))


def _weak(path: str, old: str, new: str, remark: Text) -> Difference:
    return Difference("hardening", path, old, new, Weight.CONCERN, remark)


def _pairs(old: Sequence[Rpm], new: Sequence[Rpm]) -> Iterator[tuple[str, Elf, Elf]]:
    for before, after in pairs(old, new):
        if before and after and before.file.elf and after.file.elf:
            yield after.file.path, before.file.elf, after.file.elf


def _some(names: Sequence[str]) -> str:
    return " ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
