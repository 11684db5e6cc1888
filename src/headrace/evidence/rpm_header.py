"""Reads the header of an RPM package (format 3 and 4) from its bytes, with our own bounded parser: no rpm, no database.

Only structure is read here; whether the package is signed is the signature room's business. Damaged or hostile bytes
raise EvidenceError and nothing else.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from headrace.evidence.model import EvidenceError, Rpm
from headrace.evidence.rpm_facts import facts_of
from headrace.evidence.rpm_tags import Header, Kind

MAX_HEADER = 64 * 1024**2
"""The most bytes of data one header may hold; rpm's own limit is higher, real headers stay far below."""

_LEAD = 96
_LEAD_MAGIC = b"\xed\xab\xee\xdb"
_MAGIC = b"\x8e\xad\xe8\x01"
_INTRO = 16
_ENTRY = 16
_MAX_ENTRIES = 0xFFFF
_MAX_COUNT = 1 << 22
_WIDTH = {Kind.CHAR: 1, Kind.INT8: 1, Kind.INT16: 2, Kind.INT32: 4, Kind.INT64: 8, Kind.BIN: 1}
_CODE = {Kind.CHAR: "B", Kind.INT8: "B", Kind.INT16: "H", Kind.INT32: "I", Kind.INT64: "Q"}
_SHA256_OF_HEADER = 273


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a package lie, in bytes from its start."""

    header: int
    payload: int


def read_rpm(data: bytes, filename: str = "", sha256: str = "") -> Rpm:
    """The facts of a package from its first bytes (lead, signature and header; the payload may be left out).

    Raises EvidenceError when the bytes are no package or are damaged; the header is checked against the SHA-256 that
    the signature part holds, when it holds one.
    """
    header, _ = read_header(data, filename)
    return facts_of(header, filename, sha256)


def read_header(data: bytes, filename: str = "") -> tuple[Header, Layout]:
    """The tags of a package's main header, and where the header and the payload begin."""
    if len(data) < _LEAD or data[:4] != _LEAD_MAGIC:
        raise _damaged(filename, "it does not begin as an RPM package does")
    signature, end = _read(data, _LEAD, filename)
    start = end + (-end % 8)
    header, payload = _read(data, start, filename)
    told = signature.text(_SHA256_OF_HEADER)
    if told and hashlib.sha256(data[start:payload]).hexdigest() != told:
        raise _damaged(filename, "its header does not match the digest that it carries")
    return header, Layout(start, payload)


def header_size(data: bytes, filename: str = "") -> int | None:
    """How many bytes from the start reach the end of the header; None when more of the file must be read to tell."""
    place = _LEAD
    for _ in range(2):
        place += -place % 8
        if len(data) < place + _INTRO:
            return None
        entries, size = _sizes(data, place, filename)
        place += _INTRO + entries * _ENTRY + size
    return place


def _sizes(data: bytes, start: int, filename: str) -> tuple[int, int]:
    if data[start : start + 4] != _MAGIC:
        raise _damaged(filename, "a header does not begin where it should")
    entries, size = struct.unpack_from(">II", data, start + 8)
    if entries > _MAX_ENTRIES or size > MAX_HEADER:
        raise _damaged(filename, f"its header claims {entries} entries and {size} bytes")
    return entries, size


def _read(data: bytes, start: int, filename: str) -> tuple[Header, int]:
    if len(data) < start + _INTRO:
        raise _damaged(filename, "it ends within a header")
    entries, size = _sizes(data, start, filename)
    store = start + _INTRO + entries * _ENTRY
    end = store + size
    if end > len(data):
        raise _damaged(filename, "it ends within a header")
    values: dict[int, tuple[str, ...] | tuple[int, ...] | bytes] = {}
    budget = _MAX_COUNT
    for number in range(entries):
        tag, kind, offset, count = struct.unpack_from(">IIII", data, start + _INTRO + number * _ENTRY)
        budget -= count if kind != Kind.BIN else 0
        if budget < 0:
            raise _damaged(filename, "its header claims too many values")
        try:
            values[tag] = _value(data, store, end, Kind(kind), offset, count)
        except (ValueError, struct.error) as error:
            raise _damaged(filename, f"entry {tag} of its header is wrong: {error}") from error
    return Header(values), end


def _value(
    data: bytes, store: int, end: int, kind: Kind, offset: int, count: int
) -> tuple[str, ...] | tuple[int, ...] | bytes:
    place = store + offset
    if place > end:
        raise ValueError("it lies outside")
    if kind in {Kind.STRING, Kind.STRINGS, Kind.I18N}:
        return _strings(data, place, end, 1 if kind is Kind.STRING else count)
    if kind is Kind.NULL:
        return ()
    if place + count * _WIDTH[kind] > end:
        raise ValueError("it is too long")
    if kind is Kind.BIN:
        return data[place : place + count]
    return struct.unpack_from(f">{count}{_CODE[kind]}", data, place)


def _strings(data: bytes, place: int, end: int, count: int) -> tuple[str, ...]:
    found: list[str] = []
    for _ in range(count):
        stop = data.find(b"\0", place, end)
        if stop < 0:
            raise ValueError("a text has no end")
        found.append(data[place:stop].decode("utf-8", "backslashreplace"))
        place = stop + 1
    return tuple(found)


def _damaged(filename: str, why: str) -> EvidenceError:
    return EvidenceError(f"{filename or 'a package'} cannot be read", why, "build it again")
