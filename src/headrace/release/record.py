"""What a publication wrote down about itself, so that the next one knows what is there already."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from headrace.release.model import Published

NAME = "publication.json"
"""The record's file name in a repository."""

_MOST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Item:
    """One package as it went out: SHA-256 before and after signing, size after signing."""

    nevra: str
    filename: str
    sha256: str
    signed_sha256: str
    size: int
    change: str


@dataclass(frozen=True, slots=True)
class Record:
    """One publication: `key` is the signing key's fingerprint, `address` the base address in its headrace.repo."""

    branch: str
    serial: int
    key: str
    address: str
    repomd_sha256: str
    packages: tuple[Item, ...]

    @property
    def contents(self) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
        """What was asked for: two records with the same contents are the same publication."""
        return (self.branch, self.key, self.address, tuple(sorted((one.nevra, one.sha256) for one in self.packages)))

    def published(self, directory: Path, existing: bool) -> Published:
        """The record as callers see it; `directory` is where the repository lies."""
        names = tuple(one.nevra for one in self.packages)
        return Published(self.branch, directory, names, self.repomd_sha256, self.serial, self.key, existing)

    def dump(self) -> bytes:
        """The record as JSON, the same bytes each time."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()


def load(directory: Path) -> Record | None:
    """The record of a repository; None when there is none, or it was damaged: then nothing is known about what is there."""
    try:
        path = directory / NAME
        if path.stat().st_size > _MOST:
            return None
        return _record(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _record(data: dict[str, object]) -> Record:
    packages = data.pop("packages")
    if not isinstance(packages, list):
        raise TypeError("packages")
    items = tuple(Item(**{key: one[key] for key in Item.__slots__}) for one in packages)
    record = Record(**{**data, "packages": items})  # type: ignore[arg-type] # checked by the next lines
    texts = [record.branch, record.key, record.address, record.repomd_sha256]
    texts += [text for one in items for text in (one.nevra, one.filename, one.sha256, one.signed_sha256, one.change)]
    numbers: Sequence[object] = [record.serial, *(one.size for one in items)]
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        raise TypeError("record")
    return record
