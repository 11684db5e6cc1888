"""Reads the files out of a package's payload as a bounded stream: nothing is unpacked to disk, nothing is run."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from headrace.evidence.model import EvidenceError

MAX_PAYLOAD = 8 * 1024**3
"""The most bytes that a payload may unpack to."""
_CHUNK = 256 * 1024
_XZ_MEMORY = 256 * 1024**2
_HEAD = 110
_TRAILER = "TRAILER!!!"
_MAX_NAME = 4096


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a payload: `path` is absolute, `content` its first bytes up to what was asked for, `size` its whole length."""

    path: str
    size: int
    content: bytes


def read_members(stream: BinaryIO, compressor: str, wanted: Callable[[str, int], int]) -> Iterator[Member]:
    """The regular files of a payload in its order. `wanted(path, size)` says how many bytes of a file to give, 0 for none.

    Raises EvidenceError when the payload is damaged, too large, or compressed in a way that cannot be read here.
    """
    source = _Source(_decompressed(stream, compressor))
    while True:
        head = source.take(_HEAD)
        if head[:6] not in {b"070701", b"070702"}:
            raise EvidenceError("the contents of a package cannot be read", "its archive is of an unknown form")
        try:
            fields = [int(head[at : at + 8], 16) for at in range(6, _HEAD, 8)]
        except ValueError as error:
            raise _damaged("a number in its archive is none") from error
        mode, size, name_size = fields[1], fields[6], fields[11]
        if not 1 <= name_size <= _MAX_NAME:
            raise _damaged("a file name in its archive is too long")
        name = source.take(name_size)[:-1].decode("utf-8", "backslashreplace")
        source.skip(-(_HEAD + name_size) % 4)
        if name == _TRAILER:
            return
        path = "/" + name.removeprefix("./").lstrip("/")
        length = min(size, max(0, wanted(path, size))) if mode & 0o170000 == 0o100000 else 0
        content = source.take(length)
        source.skip(size - length + (-size % 4))
        if length:
            yield Member(path, size, content)


class _Source:
    """Bytes on demand from a stream of chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count:
            if self._at >= len(self._held):
                self._fill()
            part = self._held[self._at : self._at + count]
            self._at += len(part)
            count -= len(part)
            parts.append(part)
        return b"".join(parts)

    def skip(self, count: int) -> None:
        while count:
            if self._at >= len(self._held):
                self._fill()
            step = min(count, len(self._held) - self._at)
            self._at += step
            count -= step

    def _fill(self) -> None:
        self._held = next(self._chunks, b"")
        self._at = 0
        if not self._held:
            raise _damaged("its archive ends too early")


def _decompressed(stream: BinaryIO, compressor: str) -> Iterator[bytes]:
    total = 0
    try:
        for chunk in _chunks(stream, compressor):
            total += len(chunk)
            if total > MAX_PAYLOAD:
                raise _damaged(f"it unpacks to more than {MAX_PAYLOAD >> 30} GiB")
            yield chunk
    except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
        raise _damaged(f"it is not {compressor}: {error}") from error


def _chunks(stream: BinaryIO, compressor: str) -> Iterator[bytes]:
    match compressor:
        case "none":
            while data := stream.read(_CHUNK):
                yield data
        case "gzip" | "":
            yield from _gzip(stream)
        case "xz" | "lzma":
            form = lzma.FORMAT_XZ if compressor == "xz" else lzma.FORMAT_ALONE
            yield from _bounded(stream, lzma.LZMADecompressor(form, memlimit=_XZ_MEMORY))
        case "bzip2":
            yield from _bounded(stream, bz2.BZ2Decompressor())
        case _:
            raise EvidenceError("the contents of a package cannot be read", f"they are compressed with {compressor}")


def _gzip(stream: BinaryIO) -> Iterator[bytes]:
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    while data := reader.unconsumed_tail or stream.read(_CHUNK):
        if piece := reader.decompress(data, _CHUNK):
            yield piece
        if reader.eof:
            return


def _bounded(stream: BinaryIO, reader: lzma.LZMADecompressor | bz2.BZ2Decompressor) -> Iterator[bytes]:
    while not reader.eof:
        data = stream.read(_CHUNK) if reader.needs_input else b""
        if reader.needs_input and not data:
            return
        if piece := reader.decompress(data, _CHUNK):
            yield piece


def _damaged(why: str) -> EvidenceError:
    return EvidenceError("the contents of a package cannot be read", why, "build it again")
