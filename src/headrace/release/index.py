"""The index of a repository (repomd.xml, primary.xml) read without trusting it: pure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from headrace.release.model import ReleaseError

_REPO = "{http://linux.duke.edu/metadata/repo}"
_COMMON = "{http://linux.duke.edu/metadata/common}"
_MOST_XML = 512 * 1024 * 1024
_PLACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+~^-]*(/[A-Za-z0-9_][A-Za-z0-9_.+~^-]*){0,3}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that an index vouches for: its place below the repository, its size in bytes and its SHA-256."""

    name: str
    """The kind of metadata (`primary` ...), or the NEVRA of a package."""
    place: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Index:
    """What repomd.xml says: its revision and its metadata files."""

    revision: str
    files: tuple[Listed, ...]


def read_repomd(data: bytes) -> Index:
    """Read repomd.xml. Raises ReleaseError when it is not one, names a place outside, or has a digest other than SHA-256."""
    root = _parse(data, "repomd.xml")
    files = tuple(_listed(entry, _REPO, entry.get("type", ""), "size") for entry in root.findall(f"{_REPO}data"))
    if root.tag != f"{_REPO}repomd" or not files:
        raise ReleaseError("repomd.xml is not an index", "it lists no metadata", "publish again")
    return Index(root.findtext(f"{_REPO}revision", ""), files)


def read_primary(data: bytes) -> tuple[Listed, ...]:
    """Read primary.xml.gz: the packages. Raises ReleaseError as `read_repomd` does, and when it is no gzip or too large."""
    root = _parse(_unzip(data), "primary.xml")
    return tuple(_packages(root))


def _packages(root: ET.Element) -> Iterator[Listed]:
    for entry in root.findall(f"{_COMMON}package"):
        version = entry.find(f"{_COMMON}version")
        facts = version.attrib if version is not None else {}
        epoch = "" if facts.get("epoch", "0") == "0" else f"{facts['epoch']}:"
        name, arch = entry.findtext(f"{_COMMON}name", "?"), entry.findtext(f"{_COMMON}arch", "?")
        yield _listed(
            entry, _COMMON, f"{name}-{epoch}{facts.get('ver', '?')}-{facts.get('rel', '?')}.{arch}", "package"
        )


def _listed(entry: ET.Element, space: str, name: str, size_from: str) -> Listed:
    location, checksum = entry.find(f"{space}location"), entry.find(f"{space}checksum")
    size = entry.find(f"{space}size")
    text = (size.text if size_from == "size" else size.get(size_from)) if size is not None else None
    place = location.get("href", "") if location is not None else ""
    if not _PLACE.fullmatch(place):
        raise ReleaseError(f"the index names an unusable place for {name}", repr(place[:200]), "publish again")
    if checksum is None or checksum.get("type") != "sha256" or not checksum.text:
        raise ReleaseError(f"the index has no SHA-256 of {name}", "nothing else is accepted", "publish again")
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ReleaseError(f"the index has no size of {name}", repr(text)[:80], "publish again")
    return Listed(name, place, int(text), checksum.text)


def _parse(data: bytes, what: str) -> ET.Element:
    # A document type is the door for entities that grow without bound; an index has none.
    if b"<!" in data[:4096] or b"<!ENTITY" in data or b"<!DOCTYPE" in data:
        raise ReleaseError(f"{what} is not accepted", "it declares a document type", "publish again")
    try:
        return ET.fromstring(data)  # noqa: S314 - no declarations, see above
    except ET.ParseError as error:
        raise ReleaseError(f"{what} cannot be read", str(error), "publish again") from error


def _unzip(data: bytes) -> bytes:
    unzip = zlib.decompressobj(wbits=31)
    try:
        text = unzip.decompress(data, _MOST_XML)
    except zlib.error as error:
        raise ReleaseError("primary.xml.gz cannot be read", str(error), "publish again") from error
    if not unzip.eof:
        raise ReleaseError("primary.xml.gz cannot be read", "it is cut off or too large", "publish again")
    return text
