"""Reads ELF files with our own bounded parser: what they need, export, and how they are hardened. Runs nothing."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from headrace.evidence.model import Elf

MAX_EXPORTED = 50_000
_MAX_ENTRIES = 200_000
_MAX_NAME = 4096

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_PT_GNU_STACK, _PT_GNU_RELRO = 0x6474E551, 0x6474E552
_SHT_DYNSYM = 11
_DT_NEEDED, _DT_STRTAB, _DT_STRSZ, _DT_SONAME, _DT_RPATH, _DT_BIND_NOW = 1, 5, 10, 14, 15, 24
_DT_RUNPATH, _DT_FLAGS, _DT_FLAGS_1 = 29, 30, 0x6FFFFFFB
_ET_REL, _ET_EXEC, _ET_DYN = 1, 2, 3
_EXPORTED_BINDINGS = {1, 2, 10}
_VISIBLE = {0, 3}


class ElfError(ValueError):
    """The bytes are no ELF file or are damaged."""


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    flags: int
    offset: int
    address: int
    size: int


@dataclass(frozen=True, slots=True)
class _Image:
    data: bytes
    wide: bool
    order: str

    def unpack(self, form: str, offset: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(self.order + form, self.data, offset)
        except (struct.error, OverflowError) as error:
            raise ElfError("it ends too early") from error

    def word(self, narrow: str, wide: str) -> str:
        return wide if self.wide else narrow

    def name(self, offset: int, end: int) -> str:
        stop = self.data.find(b"\0", offset, min(end, offset + _MAX_NAME))
        if stop < 0:
            raise ElfError("a name has no end")
        return self.data[offset:stop].decode("utf-8", "backslashreplace")


def is_elf(start: bytes) -> bool:
    """Whether a file's first bytes are those of an ELF file."""
    return start[:4] == b"\x7fELF"


def read_elf(data: bytes) -> Elf:
    """The facts of an ELF file. Raises ElfError for anything else and for damage."""
    if not is_elf(data) or len(data) < 20 or data[4] not in {1, 2} or data[5] not in {1, 2}:
        raise ElfError("it does not begin as an ELF file does")
    image = _Image(data, data[4] == 2, "<" if data[5] == 1 else ">")
    kind, machine = image.unpack("HH", 16)
    if kind == _ET_REL:
        return Elf("object", machine)
    segments = _segments(image)
    dynamic = _dynamic(image, segments)
    strings = _strings(dynamic, segments)

    def named(tag: int) -> tuple[str, ...]:
        return tuple(image.name(strings[0] + value, strings[1]) for key, value in dynamic if key == tag)

    exported, undefined = _symbols(image)
    kinds = {segment.kind for segment in segments}
    program = kind == _ET_EXEC or _PT_INTERP in kinds
    stack = [segment.flags & 1 for segment in segments if segment.kind == _PT_GNU_STACK]
    return Elf(
        "program" if program else "library",
        machine,
        soname=next(iter(named(_DT_SONAME)), ""),
        needed=named(_DT_NEEDED),
        exported=() if program else exported,
        pie=program and kind == _ET_DYN,
        relro=_relro(dynamic, _PT_GNU_RELRO in kinds),
        executable_stack=bool(stack and stack[0]),
        canary="__stack_chk_fail" in undefined,
        fortified=any(name.startswith("__") and name.endswith("_chk") for name in undefined),
        runpath=":".join((*named(_DT_RPATH), *named(_DT_RUNPATH))),
    )


def _segments(image: _Image) -> tuple[_Segment, ...]:
    place = image.unpack(image.word("I", "Q"), 32 if image.wide else 28)[0]
    size, count = image.unpack("HH", 54 if image.wide else 42)
    found: list[_Segment] = []
    for number in range(count):
        at = place + number * size
        if image.wide:
            kind, flags, offset, address, _, length = image.unpack("IIQQQQ", at)
        else:
            kind, offset, address, _, length, _, flags = image.unpack("IIIIIII", at)
        found.append(_Segment(kind, flags, offset, address, length))
    return tuple(found)


def _dynamic(image: _Image, segments: tuple[_Segment, ...]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    step = 16 if image.wide else 8
    for segment in segments:
        if segment.kind != _PT_DYNAMIC:
            continue
        for offset in range(segment.offset, segment.offset + min(segment.size, _MAX_ENTRIES), step):
            tag, value = image.unpack(image.word("II", "QQ"), offset)
            if tag == 0:
                break
            found.append((tag, value))
    return tuple(found)


def _strings(dynamic: tuple[tuple[int, int], ...], segments: tuple[_Segment, ...]) -> tuple[int, int]:
    """Where the dynamic names lie in the file: first byte, end."""
    told = dict(dynamic)
    address = told.get(_DT_STRTAB, 0)
    for segment in segments:
        if segment.kind == _PT_LOAD and segment.address <= address < segment.address + segment.size:
            start = address - segment.address + segment.offset
            return start, start + told.get(_DT_STRSZ, 0)
    return 0, 0


def _symbols(image: _Image) -> tuple[tuple[str, ...], frozenset[str]]:
    """The defined dynamic symbols, sorted, and the undefined ones; nothing when the section table was stripped."""
    place = image.unpack(image.word("I", "Q"), 40 if image.wide else 32)[0]
    size, count = image.unpack("HH", 58 if image.wide else 46)
    sections = [_section(image, place + number * size) for number in range(count)] if place else []
    for kind, offset, length, link in sections:
        if kind == _SHT_DYNSYM and link < len(sections):
            _, names, names_size, _ = sections[link]
            return _read_symbols(image, offset, length, names, names + names_size)
    return (), frozenset()


def _section(image: _Image, at: int) -> tuple[int, int, int, int]:
    if image.wide:
        _, kind, _, _, offset, size, link = image.unpack("IIQQQQI", at)
    else:
        _, kind, _, _, offset, size, link = image.unpack("IIIIIII", at)
    return kind, offset, size, link


def _read_symbols(
    image: _Image, offset: int, length: int, names: int, end: int
) -> tuple[tuple[str, ...], frozenset[str]]:
    step = 24 if image.wide else 16
    exported: set[str] = set()
    undefined: set[str] = set()
    for number in range(1, min(length // step, _MAX_ENTRIES)):
        at = offset + number * step
        if image.wide:
            name, info, other, section = image.unpack("IBBH", at)
        else:
            name, _, _, info, other, section = image.unpack("IIIBBH", at)
        if not name:
            continue
        if section == 0:
            undefined.add(image.name(names + name, end))
        elif info >> 4 in _EXPORTED_BINDINGS and other & 3 in _VISIBLE and len(exported) < MAX_EXPORTED:
            exported.add(image.name(names + name, end))
    return tuple(sorted(exported)), frozenset(undefined)


def _relro(dynamic: tuple[tuple[int, int], ...], there: bool) -> str:
    if not there:
        return "none"
    told = dict(dynamic)
    now = _DT_BIND_NOW in told or told.get(_DT_FLAGS, 0) & 8 or told.get(_DT_FLAGS_1, 0) & 1
    return "full" if now else "partial"
