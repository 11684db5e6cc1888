"""Signed copies of packages, kept so that an unchanged package is signed once and keeps its bytes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from headrace.evidence.packages import read_package
from headrace.release.model import ReleasedPackage, ReleaseError
from headrace.signature.formats.rpm import sign_rpms, verify_rpms
from headrace.signature.keys.gnupg import KeyRing
from headrace.signature.model import SignatureError, SigningKey

_ENTRY = re.compile(r"([0-9a-f]{64})-([0-9a-f]{64})-([0-9]{1,18})\.rpm")
_AT_ONCE = 16
_NANOSECONDS = 10**9


@dataclass(frozen=True, slots=True)
class SignedCopy:
    """A signed copy in the store, with its SHA-256 and its size in bytes."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class SignedCopies:
    """The store of one key's copies: `<sha256 before>-<sha256 after>-<mtime>.rpm`, so one rename adds a copy whole."""

    store: Path
    work: Path
    """An empty directory on the same file system for what is not finished."""

    def sign(
        self,
        packages: Sequence[ReleasedPackage],
        ring: KeyRing,
        key: SigningKey,
        public: bytes,
        progress: Callable[[str], None],
    ) -> dict[str, SignedCopy]:
        """A signed copy of every package, by SHA-256 before signing; only new ones are signed, and each is verified.

        Raises ReleaseError when a file is not the package that it should be, SignatureError when signing fails.
        """
        self.store.mkdir(parents=True, exist_ok=True)
        known = self._known()
        new = [package for package in packages if package.sha256 not in known]
        for start in range(0, len(new), _AT_ONCE):
            batch = new[start : start + _AT_ONCE]
            progress(f"signing packages {start + 1} to {start + len(batch)} of {len(new)}")
            known |= self._sign(batch, ring, key, public)
        return {package.sha256: known[package.sha256] for package in packages}

    def keep_only(self, wanted: Iterable[str]) -> None:
        """Forget the copies of packages (by SHA-256 before signing) that no repository holds any more."""
        names = set(wanted)
        for path in self.store.iterdir() if self.store.is_dir() else ():
            found = _ENTRY.fullmatch(path.name)
            if found is None or found[1] not in names:
                path.unlink()

    def _known(self) -> dict[str, SignedCopy]:
        known = {}
        for path in sorted(self.store.iterdir()):
            found = _ENTRY.fullmatch(path.name)
            # Repositories share their bytes with the store by hard links: what was changed there was changed here.
            if found and (path.stat().st_mtime_ns == int(found[3]) * _NANOSECONDS or _sha256(path) == found[2]):
                known[found[1]] = SignedCopy(path, found[2], path.stat().st_size)
            else:
                path.unlink()
        return known

    def _sign(
        self, batch: Sequence[ReleasedPackage], ring: KeyRing, key: SigningKey, public: bytes
    ) -> dict[str, SignedCopy]:
        copies = {package.sha256: _copy(package, self.work / f"{package.sha256}.rpm") for package in batch}
        times = {sha256: max(0, int(copy.stat().st_mtime)) for sha256, copy in copies.items()}
        sign_rpms(ring, key, list(copies.values()))
        proofs = verify_rpms(copies.values(), public)
        signed = {}
        for sha256, copy in copies.items():
            if isinstance(proof := proofs[copy], SignatureError):
                raise proof
            signed[sha256] = self._add(sha256, copy, times[sha256])
        return signed

    def _add(self, sha256: str, copy: Path, mtime: int) -> SignedCopy:
        copy.chmod(0o644)
        os.utime(copy, (mtime, mtime))
        settle(copy)
        digest = _sha256(copy)
        path = copy.rename(self.store / f"{sha256}-{digest}-{mtime}.rpm")
        return SignedCopy(path, digest, path.stat().st_size)


def settle(path: Path) -> None:
    """Wait until a file's content, or a directory's names, are on the disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _copy(package: ReleasedPackage, copy: Path) -> Path:
    shutil.copy2(package.path, copy)
    facts = read_package(copy)
    if facts.sha256 != package.sha256:
        raise ReleaseError(
            f"{package.filename} is not the file that was accepted",
            f"its SHA-256 is {facts.sha256}, not {package.sha256}",
            "build the change again",
        )
    if facts.nevra != package.nevra:
        raise ReleaseError(f"{package.filename} is not {package.nevra}", f"it is {facts.nevra}", "build it again")
    return copy


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
