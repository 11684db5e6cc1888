"""Archives from the outside, unpacked as if each were an attack."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Self, cast

from headrace.outside.decompression import ArchiveLimits, Budget, unpacked
from headrace.outside.trouble import ArchiveError

__all__ = ["ArchiveError", "ArchiveLimits", "Member", "list_members", "unpack"]

_CHUNK = 256 * 1024
_HEADER = 16 * 1024
_LATEST = 2**33
_BLOCKS_OF_WORDS = frozenset({tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME,
                              tarfile.GNUTYPE_LONGLINK})  # fmt: skip
_ZIP_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_NONSENSE = (tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError, LookupError, OverflowError, RecursionError,
             NotImplementedError, zlib.error)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One safe member: `name` is relative, without `.` and `..`; `kind` is `file`, `directory`, `symlink` or `hardlink`.

    `size` is in bytes and 0 for all but files; `target` is what a link names.
    """

    name: str
    kind: str
    size: int = 0
    target: str = ""
    executable: bool = False
    modified: int = 0
    """Seconds since 1970, as the archive says."""


_Found = tuple[Member, Callable[[], IO[bytes]]]


def unpack(archive: Path, into: Path, limits: ArchiveLimits | None = None) -> Path:
    """Unpack a tar (plain, gzip, bzip2, xz, zstd) or zip archive; return its single top directory, or `into`.

    `into` is made and must be empty. Files get mode 644 or 755 and their time, nothing else: no owner, no setuid bit,
    no extended attribute. Raises ArchiveError, naming the member, for paths and links that lead out, devices, fifos,
    damage and passed limits; then nothing is left in `into`.
    """
    budget = _budget(archive, limits)
    try:
        into.mkdir(parents=True, exist_ok=True)
        occupied = any(into.iterdir())
    except OSError as error:
        raise ArchiveError(f"{archive.name} cannot be unpacked", f"{into.name}: {error.strerror}") from error
    if occupied:
        raise ArchiveError(f"{archive.name} cannot be unpacked", f"{into.name} is not empty", "give an empty directory")
    try:
        with _readable(budget):
            ground = _Ground(into, budget)
            for member, content in _members(budget):
                ground.place(member, content)
            ground.check_links()
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise
    tops = list(into.iterdir())
    return tops[0] if len(tops) == 1 and tops[0].is_dir() and not tops[0].is_symlink() else into


def list_members(archive: Path, limits: ArchiveLimits | None = None) -> tuple[Member, ...]:
    """What an archive holds, in its order, without writing anything. Raises ArchiveError as `unpack` does."""
    budget = _budget(archive, limits)
    with _readable(budget):
        return tuple(member for member, _ in _members(budget))


def _budget(archive: Path, limits: ArchiveLimits | None) -> Budget:
    try:
        return Budget(archive, limits or ArchiveLimits())
    except OSError as error:
        raise ArchiveError(f"{archive.name} cannot be unpacked", str(error.strerror)) from error


def _members(budget: Budget) -> Iterator[_Found]:
    with budget.archive.open("rb") as packed:
        is_zip = packed.read(4) in {b"PK\3\4", b"PK\5\6"}
    yield from _zip_members(budget) if is_zip else _tar_members(budget)


@contextmanager
def _readable(budget: Budget) -> Iterator[None]:
    try:
        yield
    except _NONSENSE as error:
        raise budget.refuse(f"it is damaged or no archive that is known ({type(error).__name__})") from error
    except OSError as error:
        raise ArchiveError(
            f"{budget.archive.name} cannot be unpacked", error.strerror or "the disk fails", "make room and try again"
        ) from error


class _Header(tarfile.TarInfo):
    """A tar header that gives up where tarfile would believe or silently stop."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """As tarfile's, but a damaged header in the middle is an error and not the end of the archive."""
        try:
            header = super().frombuf(buf, encoding, errors)
        except (tarfile.EmptyHeaderError, tarfile.EOFHeaderError):  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise ValueError("damaged header") from error
        if header.type in _BLOCKS_OF_WORDS and header.size > _HEADER:
            raise ValueError("too long a header")
        return header


def _tar_members(budget: Budget) -> Iterator[_Found]:
    with unpacked(budget) as stream:
        source = cast("IO[bytes]", stream)
        with tarfile.open(fileobj=source, mode="r|", tarinfo=_Header, errors="surrogateescape") as tar:
            for info in tar:
                budget.another()
                # tarfile keeps every header it has seen; a long archive must not fill the memory.
                tar.members = []  # type: ignore[attr-defined]
                member = _tar_member(info, budget)
                if member is not None:
                    yield member, lambda info=info: cast("IO[bytes]", tar.extractfile(info))  # type: ignore[misc]


def _tar_member(info: tarfile.TarInfo, budget: Budget) -> Member | None:
    name = _safe_name(info.name, budget)
    if info.isdir():
        return Member(name, "directory") if name else None
    if not name:
        raise budget.refuse("a member has no name")
    if info.issym():
        return Member(name, "symlink", target=_safe_target(name, info.linkname, budget))
    if info.islnk():
        return Member(name, "hardlink", target=_safe_name(info.linkname, budget))
    if not info.isreg():
        raise budget.refuse(f"{_told(name)} is a device, a fifo or something else that is no file")
    if info.size < 0:
        raise budget.refuse(f"{_told(name)} has a negative size")
    modified = min(max(int(info.mtime), 0), _LATEST)
    return Member(name, "file", info.size, executable=bool(info.mode & 0o100), modified=modified)


def _zip_members(budget: Budget) -> Iterator[_Found]:
    with zipfile.ZipFile(budget.archive) as opened:
        for info in opened.infolist():
            budget.another()
            name = _safe_name(info.filename, budget)
            if info.flag_bits & 1 or info.compress_type not in _ZIP_METHODS:
                raise budget.refuse(f"{_told(name)} is encrypted or packed in an uncommon way")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.is_dir():
                if name:
                    yield Member(name, "directory"), BytesIO
            elif not name or kind not in {0, stat.S_IFREG, stat.S_IFLNK}:
                raise budget.refuse(f"{_told(name)} is a device, a fifo or something else that is no file")
            elif kind == stat.S_IFLNK:
                with opened.open(info) as content:
                    raw = content.read(budget.limits.path + 1)
                target = _safe_target(name, os.fsdecode(raw), budget)
                yield Member(name, "symlink", target=target), BytesIO
            else:
                executable = bool(info.external_attr >> 16 & 0o100)
                member = Member(name, "file", info.file_size, executable=executable)
                yield member, lambda info=info: opened.open(info)  # type: ignore[misc]


def _safe_name(raw: str, budget: Budget) -> str:
    """The name without `.` parts and final slash; "" for the archive's own top."""
    if raw.startswith("/"):
        raise budget.refuse(f"{_told(raw)} has an absolute path")
    parts = [part for part in raw.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise budget.refuse(f"{_told(raw)} leads out of the archive")
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in raw):
        raise budget.refuse(f"{_told(raw)} has control characters in its name")
    name = "/".join(parts)
    longest = max((len(os.fsencode(part)) for part in parts), default=0)
    if len(os.fsencode(name)) > budget.limits.path or longest > 255 or len(parts) > budget.limits.depth:
        raise budget.refuse(f"{_told(raw)} has too long a path")
    return name


def _safe_target(name: str, target: str, budget: Budget) -> str:
    if not target or "\0" in target or len(os.fsencode(target)) > budget.limits.path:
        raise budget.refuse(f"{_told(name)} is a link to no usable name")
    if target.startswith("/"):
        raise budget.refuse(f"{_told(name)} is a link to an absolute path")
    depth = 0
    for part in (*PurePosixPath(name).parent.parts, *target.split("/")):
        depth += -1 if part == ".." else part not in {"", "."}
        if depth < 0:
            raise budget.refuse(f"{_told(name)} is a link that leads out of the archive")
    return target


def _told(name: str) -> str:
    shown = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in name[:200])
    return shown + ("..." if len(name) > 200 else "")


class _Ground:
    """The directory that an archive is unpacked into. It knows all that lies there, for it began empty."""

    def __init__(self, top: Path, budget: Budget) -> None:
        self._top = top
        self._budget = budget
        self._kinds: dict[str, str] = {"": "directory"}
        self._links: list[str] = []

    def place(self, member: Member, content: Callable[[], IO[bytes]]) -> None:
        """Write one member. Raises ArchiveError, or OSError from the disk."""
        above, _, _ = member.name.rpartition("/")
        self._make_directory(above, member.name)
        if member.kind == "directory":
            self._make_directory(member.name, member.name)
            return
        before = self._kinds.get(member.name)
        if before == "directory":
            raise self._budget.refuse(f"{_told(member.name)} is there already as a directory")
        if before is not None:
            (self._top / member.name).unlink()
        if member.kind == "symlink":
            (self._top / member.name).symlink_to(member.target)
            self._links.append(member.name)
        elif member.kind == "hardlink":
            self._link(member)
        else:
            self._write(member, content())
        self._kinds[member.name] = "symlink" if member.kind == "symlink" else "file"

    def _make_directory(self, name: str, wanted_by: str) -> None:
        if self._kinds.get(name) == "directory":
            return
        made = ""
        for part in name.split("/"):
            made = f"{made}/{part}" if made else part
            kind = self._kinds.get(made)
            if kind is None:
                (self._top / made).mkdir(mode=0o755)
                self._kinds[made] = "directory"
            elif kind != "directory":
                raise self._budget.refuse(f"{_told(wanted_by)} passes through {_told(made)}, which is no directory")

    def _link(self, member: Member) -> None:
        if member.target == member.name or self._kinds.get(member.target) != "file":
            raise self._budget.refuse(f"{_told(member.name)} is a hard link to no file of the archive")
        os.link(self._top / member.target, self._top / member.name, follow_symlinks=False)

    def _write(self, member: Member, content: IO[bytes]) -> None:
        path = self._top / member.name
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        left = member.size
        with content, open(os.open(path, flags, 0o644), "wb") as file:  # noqa: PTH123 - the flags matter
            while left and (chunk := content.read(min(left, _CHUNK))):
                self._budget.write(len(chunk))
                file.write(chunk)
                left -= len(chunk)
            if left or content.read(1):
                raise self._budget.refuse(f"{_told(member.name)} has not the size that it claims")
            os.fchmod(file.fileno(), 0o755 if member.executable else 0o644)
        if member.modified:
            os.utime(path, (member.modified, member.modified))

    def check_links(self) -> None:
        """Follow every link as the kernel would, now that all lie there: chains may lead out where no single one does."""
        top = os.path.realpath(self._top)
        for name in self._links:
            led = os.path.realpath(self._top / name)
            if led != top and not led.startswith(top + os.sep):
                raise self._budget.refuse(f"{_told(name)} is a link that leads out of the archive")
