"""The source cache: every file under its SHA-512, whole or not there, and what is needed to find it again."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from headrace.outside import scratch
from headrace.package.model import PackageError

_CHUNK = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT}


class CacheError(PackageError):
    """The cache cannot be written: the disk is full or its directory may not be used."""

    @property
    def may_pass(self) -> bool:
        """A disk that was full may have room next time."""
        return True


class SourceCache:
    """Files below `root/sha512/<two digits>/<digest>/<name>`; `root/known` leads from other facts to a digest."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, filename: str, keys: Iterable[str]) -> Path | None:
        """The whole file that one of `keys` (`sha512:...`, `sha256:...`, `url:...`) leads to; a damaged one is removed."""
        for key in keys:
            kind, _, value = key.partition(":")
            digest = value if kind == "sha512" else self._known(key)
            path = self._place(digest) / filename if digest else None
            if path is None or not path.is_file():
                continue
            if digests(path, ("sha512",))["sha512"] == digest:
                return path
            path.unlink()
        return None

    def keep(self, file: Path, sha512: str, keys: Iterable[str]) -> Path:
        """Take a finished file in (it is moved) and remember its keys; returns where it lies. Raises CacheError."""
        place = self._place(sha512)
        with told(file.name):
            place.mkdir(parents=True, exist_ok=True)
            with file.open("rb") as synced:
                os.fsync(synced.fileno())
            os.replace(file, place / file.name)  # noqa: PTH105 - says what it does
            for key in keys:
                self._remember(key, sha512)
        return place / file.name

    @contextmanager
    def working(self, filename: str) -> Iterator[Path]:
        """A directory on the cache's own disk for what is not finished yet; what a killed process left is cleared.

        A failing disk is told as CacheError about `filename`.
        """
        partial = self._root / "partial"
        with told(filename):
            partial.mkdir(parents=True, exist_ok=True)
            with scratch.directory(partial, "fetch-") as place:
                yield place

    def _place(self, sha512: str) -> Path:
        return self._root / "sha512" / sha512[:2] / sha512

    def _note(self, key: str) -> Path:
        name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        return self._root / "known" / name[:2] / name

    def _known(self, key: str) -> str:
        try:
            digest = self._note(key).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        return digest if len(digest) == 128 and digest.isalnum() else ""

    def _remember(self, key: str, sha512: str) -> None:
        if key.startswith("sha512:") or self._known(key) == sha512:
            return
        note = self._note(key)
        note.parent.mkdir(parents=True, exist_ok=True)
        # Two threads of one process may remember the same at the same moment: two branches often carry the same version.
        partial = note.with_name(f".{note.name}.{secrets.token_hex(8)}")
        partial.write_text(sha512 + "\n", "ascii")
        os.replace(partial, note)  # noqa: PTH105 - says what it does


@contextmanager
def told(filename: str) -> Iterator[None]:
    """Turn a failing disk into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise CacheError(
                f"{filename} cannot be kept", "the disk of the source cache is full", "make room and run again"
            ) from error
        raise CacheError(
            f"{filename} cannot be kept", error.strerror or str(error), "check the source cache"
        ) from error


def digests(path: Path, algorithms: Iterable[str]) -> Mapping[str, str]:
    """The digests of a file as lower-case hex, in one reading."""
    makers = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for maker in makers.values():
                maker.update(chunk)
    return {name: maker.hexdigest() for name, maker in makers.items()}
