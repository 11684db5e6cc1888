"""Reply bodies as they arrive, counted before they are kept."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zlib
from pathlib import Path
from typing import IO, Self

_GZIP_OR_ZLIB = 47
_RAW_DEFLATE = -15


class TooManyBytes(Exception):  # noqa: N818 - a fact for this folder, told as an OutsideError
    """A body is longer than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class Body:
    """A body in memory, decoded from `encoding` as it arrives; more than `limit` bytes, packed or not, are refused.

    `feed` and `finish` raise TooManyBytes, and ValueError for an unknown encoding or damaged data.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        self._limit = limit
        self._arrived = 0
        self._kept = bytearray()
        self._encoding = encoding.strip().lower()
        self._unpacker: zlib._Decompress | None = None
        if self._encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise ValueError("an encoding that was not asked for")

    def expect(self, length: int | None) -> None:
        """Refuse at once what the reply's own header says is too long."""
        if length is not None and length > self._limit:
            raise TooManyBytes(self._limit)

    def feed(self, data: bytes) -> None:
        """Take the next bytes as they came over the wire."""
        self._arrived += len(data)
        if self._arrived > self._limit:
            raise TooManyBytes(self._limit)
        if self._encoding in {"", "identity"}:
            self._kept += data
            return
        while data:
            if self._unpacker is None:
                self._unpacker = zlib.decompressobj(_wrapping(self._encoding, data))
            data = self._unpack(self._unpacker, data)

    def _unpack(self, unpacker: zlib._Decompress, data: bytes) -> bytes:
        room = self._limit - len(self._kept) + 1
        try:
            self._kept += unpacker.decompress(data, room)
        except zlib.error as error:
            raise ValueError("damaged compression") from error
        if len(self._kept) > self._limit:
            raise TooManyBytes(self._limit)
        if unpacker.eof:
            self._unpacker = None
            return unpacker.unused_data
        return unpacker.unconsumed_tail

    def finish(self) -> bytes:
        """The whole body. Raises ValueError when the compressed data stop in the middle."""
        if self._unpacker is not None:
            raise ValueError("compressed data stop in the middle")
        return bytes(self._kept)


def _wrapping(encoding: str, data: bytes) -> int:
    # Some servers send deflate without the zlib header that the standard asks for.
    has_header = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] * 256 + data[1]) % 31 == 0
    return _GZIP_OR_ZLIB if encoding != "deflate" or has_header else _RAW_DEFLATE


class FileBody:
    """A body that goes to a hidden `.part` file beside `path`, counted and digested; `commit` makes it `path`."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._file: IO[bytes] | None = None
        self._sha256 = hashlib.sha256()
        self._sha512 = hashlib.sha512()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The SHA-256 of what has arrived, as lower-case hex."""
        return self._sha256.hexdigest()

    @property
    def sha512(self) -> str:
        """The SHA-512 of what has arrived, as lower-case hex."""
        return self._sha512.hexdigest()

    def __enter__(self) -> Self:
        """Open the `.part` file. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.NamedTemporaryFile(
            dir=self._path.parent, prefix=f".{self._path.name[:64]}.", suffix=".part", delete=False
        )
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Remove the `.part` file when it was not committed."""
        if self._file is None:
            return
        part = Path(self._file.name)
        try:
            self._file.close()
        finally:
            part.unlink(missing_ok=True)

    def expect(self, length: int | None) -> None:
        """Refuse at once what the reply's own header says is too long."""
        if length is not None and length > self._limit:
            raise TooManyBytes(self._limit)

    def feed(self, data: bytes) -> None:
        """Take the next bytes. Raises TooManyBytes, OSError when the disk takes no more."""
        self.size += len(data)
        if self.size > self._limit:
            raise TooManyBytes(self._limit)
        self._sha256.update(data)
        self._sha512.update(data)
        if self._file is not None:
            self._file.write(data)

    def commit(self) -> None:
        """Sync the bytes and give the file its name in one step. Raises OSError."""
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        Path(self._file.name).chmod(0o644)
        self._file.close()
        Path(self._file.name).replace(self._path)
        self._file = None
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
