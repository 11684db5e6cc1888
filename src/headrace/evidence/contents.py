"""Looks into the files of a package: which of them are read, how far, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from headrace.evidence.differences.paths import Area, area
from headrace.evidence.elf import ElfError, is_elf, read_elf
from headrace.evidence.model import EvidenceError, Rpm, RpmFile
from headrace.evidence.payload import Member, read_members
from headrace.evidence.python_names import public_names

_MAX_ELF = 128 * 1024**2
_MAX_TEXT = 64 * 1024
_MAX_MODULE = 1024**2
_MAX_KEPT = 4 * 1024**2
"""The most bytes of text that are kept of one package."""
_TEXTS = {Area.SERVICE, Area.RIGHTS, Area.SETTING}


def with_contents(package: Rpm, stream: BinaryIO, compressor: str) -> Rpm:
    """The package with what its files hold; `stream` stands at its payload.

    Never raises for a damaged payload: then `contents_read` stays False and `unread` tells why.
    """
    files = {file.path: file for file in package.files}
    unread: list[str] = []
    try:
        for file in _look(files, stream, compressor, unread):
            files[file.path] = file
    except EvidenceError as error:
        return replace(package, unread=(str(error),))
    return replace(
        package, files=tuple(files[file.path] for file in package.files), contents_read=True, unread=tuple(unread)
    )


def _look(files: dict[str, RpmFile], stream: BinaryIO, compressor: str, unread: list[str]) -> Iterator[RpmFile]:
    def wanted(path: str, size: int) -> int:
        file = files.get(path)
        if file is None or area(path) is Area.BUILD_ID:
            return 0
        return min(size, _MAX_TEXT) if _is_text(file) else min(size, _MAX_ELF)

    kept = 0
    for member in read_members(stream, compressor, wanted):
        file = files[member.path]
        if is_elf(member.content):
            yield from _compiled(file, member, unread)
        elif _is_text(file):
            if len(member.content) < member.size or kept + member.size > _MAX_KEPT:
                unread.append(f"{file.path} is too long to be kept")
                continue
            kept += member.size
            yield replace(file, text=member.content.decode("utf-8", "backslashreplace"))
        elif area(file.path) is Area.MODULE and file.path.endswith(".py"):
            if member.size > _MAX_MODULE:
                unread.append(f"{file.path} is too long to be read")
                continue
            package = file.path.partition("-packages/")[2].partition("/")[0]
            yield replace(file, names=public_names(member.content.decode("utf-8", "replace"), package))


def _compiled(file: RpmFile, member: Member, unread: list[str]) -> Iterator[RpmFile]:
    if len(member.content) < member.size:
        unread.append(f"{file.path} is too large to be read")
        return
    try:
        elf = read_elf(member.content)
        # Only what carries a soname promises its symbols to others.
        yield replace(file, elf=elf if elf.soname else replace(elf, exported=()))
    except ElfError as error:
        unread.append(f"{file.path} cannot be read: {error}")


def _is_text(file: RpmFile) -> bool:
    return bool({"config", "license"} & set(file.flags)) or area(file.path) in _TEXTS
