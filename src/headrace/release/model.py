"""The nouns of the release room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from headrace.errors import HeadraceError


class ReleaseError(HeadraceError):
    """A repository cannot be composed, signed or published."""


@dataclass(frozen=True, slots=True)
class ReleasedPackage:
    """One RPM that goes out: where it lies before signing, its identity, and the change that brought it."""

    nevra: str
    filename: str
    path: Path
    sha256: str
    change: str


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication left: the repository's directory, the digest of its repomd.xml, and its serial number.

    `serial` grows with every publication of a branch: dnf itself accepts an older signed index, so we must not.
    """

    branch: str
    directory: Path
    packages: tuple[str, ...]
    repomd_sha256: str
    serial: int
    key: str
    existing: bool = False
    """Nothing had changed: this is the publication that was there before."""
