"""RPM repositories, asked for their index of packages when it has changed; a second opinion from another distribution."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import IO, Any
from xml.etree import ElementTree as ET

from headrace.upstream.ask import nonsense, read_digest, read_seconds, require_name, require_success
from headrace.upstream.model import (
    Announcement,
    Answer,
    Artefact,
    Project,
    Reply,
    Request,
    Unchanged,
    UpstreamError,
    Validator,
)
from headrace.upstream.reading_xml import child, children, name_of, read_tree, text_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")
_PLACE = re.compile(r"[A-Za-z0-9._+-]{1,255}(?:/[A-Za-z0-9._+~^-]{1,255}){0,9}")
_INDEX_BYTES = 64 * 1024**2
_TEXT_BYTES = 1024**3
_DEFINITION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CHUNK = 1024 * 1024

_Package = tuple[str, str, int, str, str]
"""Version, location, build time, checksum's algorithm, checksum."""


class RpmRepository:
    """The source `rpm`. `Project.name` is the package, `Project.address` the folder above `repodata`."""

    name = "rpm"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the repository's table of contents. Raises UpstreamError for a name that no package can have."""
        require_name(project, _NAME, "an RPM package")
        return Request(f"{project.address}/repodata/repomd.xml", max_bytes=1024**2)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The question for the list of packages when it is another one, or every version of the package in it."""
        if not reply.request.step:
            digest, place = _primary(project, reply)
            if validator is not None and validator.extra == digest:
                return Unchanged()
            url = f"{project.address}/{place}"
            return Request(url, max_bytes=_INDEX_BYTES, step="packages", memory=digest)
        require_success(project, reply)
        digest = reply.request.memory
        if hashlib.new("sha256", reply.body).hexdigest() != digest:
            raise nonsense(project, "its list of packages has not the digest that its table of contents names")
        try:
            packages = _packages(reply.body).get(project.name, ())
        except (OSError, EOFError, ValueError, lzma.LZMAError, ET.ParseError):
            raise nonsense(project, "its list of packages is damaged, too long or defines entities") from None
        if not packages:
            raise UpstreamError(f"{project.name} is gone from the {project.source} repository", "", "correct src_repo")
        return Answer(tuple(_announce(project, package) for package in packages), extra=digest)


def _primary(project: Project, reply: Reply) -> tuple[str, str]:
    """(SHA-256, location) of the list of packages."""
    for data in children(read_tree(project, reply, "repomd"), "data"):
        location, checksum = child(data, "location"), child(data, "checksum")
        if data.get("type") != "primary" or location is None or checksum is None:
            continue
        place = location.get("href", "")
        if place.endswith(".zst"):
            raise UpstreamError(
                f"{project.source}'s list about {project.name} is packed as zst",
                "",
                "name a repository with gzip or xz",
            )
        if not _PLACE.fullmatch(place) or checksum.get("type") != "sha256":
            raise nonsense(project, "its list of packages has a strange place or digest")
        return read_digest(project, "sha256", (checksum.text or "").strip()), place
    raise nonsense(project, "it names no list of packages")


@lru_cache(maxsize=2)
def _packages(body: bytes) -> dict[str, tuple[_Package, ...]]:
    # Many packages ask the same repository; its list is unpacked and read once for all of them.
    found: dict[str, list[_Package]] = {}
    parser: Any = ET.XMLPullParser(("end",))
    with _unpacked(body) as stream:
        for chunk in _bounded(stream):
            parser.feed(chunk)
            for _, element in parser.read_events():
                if name_of(element) == "package":
                    _take(element, found)
                    element.clear()
    parser.close()
    return {name: tuple(packages) for name, packages in found.items()}


def _take(element: ET.Element, found: dict[str, list[_Package]]) -> None:
    version, location, checksum, time = (child(element, name) for name in ("version", "location", "checksum", "time"))
    if version is None or location is None:
        raise ValueError("a package without version or place")
    built = time.get("build", "") if time is not None else ""
    algorithm = checksum.get("type", "") if checksum is not None else ""
    package = (
        version.get("ver", ""),
        location.get("href", ""),
        int(built) if built.isdigit() else 0,
        algorithm,
        (checksum.text or "").strip() if checksum is not None else "",
    )
    found.setdefault(text_of(element, "name"), []).append(package)


def _unpacked(body: bytes) -> IO[bytes] | gzip.GzipFile:
    raw = io.BytesIO(body)
    if body.startswith(b"\x1f\x8b"):
        return gzip.open(raw)
    if body.startswith(b"\xfd7zXZ"):
        return lzma.open(raw)
    return bz2.open(raw) if body.startswith(b"BZh") else raw


def _bounded(stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    size, tail = 0, b""
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > _TEXT_BYTES or _DEFINITION.search(tail + chunk) or b"\0" in chunk:
            raise ValueError("too long, or definitions")
        tail = chunk[-20:]
        yield chunk


def _announce(project: Project, package: _Package) -> Announcement:
    version, place, built, algorithm, checksum = package
    if not version.isprintable() or not 1 <= len(version) <= 128 or not _PLACE.fullmatch(place):
        raise nonsense(project, "a package has a strange version or place")
    digests = {algorithm: read_digest(project, algorithm, checksum)} if algorithm in {"sha256", "sha512"} else {}
    moment: datetime | None = read_seconds(built) if built else None
    artefact = Artefact(f"{project.address}/{place}", place.rpartition("/")[2], digests, kind="binary")
    return Announcement(version, version, moment, (artefact,))
