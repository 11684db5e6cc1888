"""The packages that a build left on disk, read without trusting them: header and contents."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from headrace.evidence.contents import with_contents
from headrace.evidence.differences.model import shipped
from headrace.evidence.model import Build, EvidenceError, Rpm
from headrace.evidence.rpm_facts import facts_of
from headrace.evidence.rpm_header import MAX_HEADER, header_size, read_header
from headrace.evidence.rpm_tags import Tag
from headrace.outside.command import CommandError
from headrace.outside.supervise import filtered

_FIRST = 64 * 1024
_ZSTD = ("zstd", "--decompress", "--stdout", "--quiet", "--memory=256MiB", "-")
"""Python's library has no zstd before 3.14."""


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
            header, layout = read_header(start, path.name)
            stream.seek(layout.payload)
            return _look_into(facts_of(header, path.name, sha256), stream, header.text(Tag.PAYLOADCOMPRESSOR))
    except OSError as error:
        raise EvidenceError(f"{path.name} cannot be read", str(error.strerror), "build it again") from error


def _look_into(package: Rpm, stream: BinaryIO, compressor: str) -> Rpm:
    """The contents of debug packages are not looked into: nobody installs them to use them."""
    if not shipped((package,)):
        return package
    if compressor != "zstd":
        return with_contents(package, stream, compressor)
    try:
        with filtered(_ZSTD, stream) as plain:
            return with_contents(package, plain, "none")
    except CommandError as error:
        return replace(package, unread=(str(error),))


def read_packages(build: Build) -> tuple[Rpm, ...]:
    """The facts of every binary package of a build, in the order of their file names. Raises EvidenceError."""
    directory = Path(build.directory)
    return tuple(read_package(directory / name) for name in build.rpms)
