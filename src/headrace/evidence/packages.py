"""The packages that a build left on disk, read without trusting them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from headrace.evidence.model import Build, EvidenceError, Rpm
from headrace.evidence.rpm_header import MAX_HEADER, header_size, read_rpm

_FIRST = 64 * 1024


def read_package(path: Path) -> Rpm:
    """The facts of one package file, with its SHA-256. Raises EvidenceError when it cannot be read or is damaged."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(fd, "rb") as stream:  # noqa: PTH123 - it is a descriptor already
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            start = stream.read(_FIRST)
            while (size := header_size(start, path.name)) is None or size > len(start):
                more = stream.read(min(size or 2 * len(start), 3 * MAX_HEADER) - len(start))
                if not more:
                    break
                start += more
    except OSError as error:
        raise EvidenceError(f"{path.name} cannot be read", str(error.strerror), "build it again") from error
    return read_rpm(start, path.name, sha256)


def read_packages(build: Build) -> tuple[Rpm, ...]:
    """The facts of every binary package of a build, in the order of their file names. Raises EvidenceError."""
    directory = Path(build.directory)
    return tuple(read_package(directory / name) for name in build.rpms)
