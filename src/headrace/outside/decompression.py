"""Compressed files as streams that give up when they grow too long, too dense or too slow."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Protocol

from headrace.outside.clock import ticks
from headrace.outside.command import CommandError, run
from headrace.outside.trouble import ArchiveError

_CHUNK = 256 * 1024
_XZ_MEMORY = 256 * 1024 * 1024
_ZSTD_MEMORY = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one archive may take: bytes, seconds, members, bytes of a path and how many names it may have.

    `ratio` is unpacked bytes for each packed one, looked at once more than `ratio_from` bytes are unpacked.
    """

    packed: int = 1024**3
    total: int = 4 * 1024**3
    members: int = 200_000
    path: int = 1024
    depth: int = 64
    ratio: int = 250
    ratio_from: int = 64 * 1024**2
    seconds: float = 300.0


class Budget:
    """What is left of the limits while one archive is read. Every method raises ArchiveError when a limit is passed."""

    def __init__(self, archive: Path, limits: ArchiveLimits) -> None:
        self.archive = archive
        self.limits = limits
        self._packed = archive.stat().st_size
        self._arrived = 0
        self._written = 0
        self._members = 0
        self._until = ticks() + limits.seconds
        if self._packed > limits.packed:
            raise self.refuse(f"it has {self._packed} bytes, more than {limits.packed}")

    def refuse(self, why: str) -> ArchiveError:
        """The error about this archive; `why` is a clause that names the member, if one is meant."""
        return ArchiveError(f"{self.archive.name} cannot be unpacked", why, "check where the archive comes from")

    def arrive(self, size: int) -> None:
        """Count `size` more bytes that came out of the decompression."""
        self._arrived += size
        self._judge(self._arrived)

    def write(self, size: int) -> None:
        """Count `size` more bytes of files; holes of sparse files count as what they grow to."""
        self._written += size
        self._judge(self._written)

    def _judge(self, unpacked: int) -> None:
        if unpacked > self.limits.total:
            raise self.refuse(f"it unpacks to more than {self.limits.total} bytes")
        if unpacked > self.limits.ratio_from and unpacked > self.limits.ratio * self._packed:
            raise self.refuse(f"it unpacks to more than {self.limits.ratio} times its size")
        if ticks() > self._until:
            raise self.refuse(f"it takes longer than {self.limits.seconds:g} s")

    def another(self) -> None:
        """Count one more member."""
        self._members += 1
        if self._members > self.limits.members:
            raise self.refuse(f"it has more than {self.limits.members} members")
        self.arrive(0)


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zlib:
    """zlib's object with the interface of the others: what it did not take yet is kept inside."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class Unpacked:
    """The decompressed content of a file as a stream that can only be read on, counted against a budget.

    Several compressed streams one after another are one content; bytes of another kind behind them are refused,
    zeros (padding) are not.
    """

    def __init__(self, packed: IO[bytes], kind: str, budget: Budget) -> None:
        self._packed = packed
        self._kind = kind
        self._budget = budget
        self._unpacker: _Unpacker | None = None
        self._waiting = b""
        self._done = False

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; b"" only at the proper end. Raises ArchiveError for damage and passed limits."""
        while not self._done:
            data = self._step(size)
            if data:
                self._budget.arrive(len(data))
                return data
        return b""

    def _step(self, size: int) -> bytes:
        if self._unpacker is None:
            self._waiting = self._waiting or self._packed.read(_CHUNK)
            if not self._waiting.strip(b"\0"):
                self._done = not self._waiting
                self._waiting = b""
                return b""
            self._unpacker = _unpacker(self._kind)
        fed, self._waiting = self._waiting, b""
        try:
            data = self._unpacker.decompress(fed, size)
            if not data and not fed and not self._unpacker.eof:
                fed = self._packed.read(_CHUNK)
                if not fed:
                    raise self._budget.refuse(f"its {self._kind} data stop in the middle")
                data = self._unpacker.decompress(fed, size)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise self._budget.refuse(f"its {self._kind} data are damaged") from error
        if self._unpacker.eof:
            self._waiting, self._unpacker = self._unpacker.unused_data, None
        return data


def _unpacker(kind: str) -> _Unpacker:
    if kind == "gzip":
        return _Zlib()
    if kind == "bzip2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)


def compression(head: bytes) -> str:
    """Which compression a file has by its first bytes: gzip, bzip2, xz, zstd, or "" for none that is known."""
    for magic, kind in (
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x5d\0\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
    ):
        if head.startswith(magic):
            return kind
    return ""


@contextmanager
def unpacked(budget: Budget) -> Iterator[Unpacked | IO[bytes]]:
    """The decompressed content of the budget's archive; a file without compression as it is."""
    with budget.archive.open("rb") as packed:
        kind = compression(packed.read(8))
        packed.seek(0)
        if kind == "zstd":
            yield _zstd(budget)
        elif kind:
            yield Unpacked(packed, kind, budget)
        else:
            yield packed


def _zstd(budget: Budget) -> IO[bytes]:
    # The standard library cannot read zstd yet; the system's program can, and its output is bounded here.
    limits = budget.limits
    argv = ["zstd", "--decompress", "--stdout", "--memory=256MB", "--", str(budget.archive.absolute())]
    try:
        done = run(argv, seconds=limits.seconds, max_output=min(limits.total, _ZSTD_MEMORY))
    except CommandError as error:
        raise budget.refuse(str(error)) from error
    budget.arrive(len(done.stdout))
    return BytesIO(done.stdout)
