"""What is inferred of a package's upstream, and the address that it is inferred from, taken apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from headrace.words import Text

UNKNOWN_PART = "\ufffd"
"""Stands in an address for whatever cannot be known without running the spec."""

_LONGEST = 2000
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,15})://([^/?#\s]{1,300})([^?#\s]*)(\?[^#\s]*)?(#\S*)?")
_HOST = re.compile(r"[a-z0-9\ufffd](?:[a-z0-9.\ufffd-]{0,251}[a-z0-9\ufffd])?")
_ARCHIVE = re.compile(
    r"\.(?:t(?:ar)?\.?(?:gz|xz|bz2|lz|lzma|zst|Z)|tar|tgz|tbz2?|txz|zip|gem|crate|jar|whl|7z|oxt|gz|xz|bz2)$",
    re.IGNORECASE,
)
_VERSIONED = re.compile(r"^(?P<name>.{1,120}?)[-_.]?(?<![A-Za-z])v?[0-9\ufffd][^/]*$")
_DASHED = re.compile(
    r"^(?P<name>.{1,200}?)[-_]v?(?=[0-9\ufffd])[^-_/]*(?:[-_.](?:src|source|orig|final|release|dist))*$"
)


@dataclass(frozen=True, slots=True)
class Inferred:
    """One upstream that a spec's lines point at. `certainty` is 0 to 1; `address` is where it is asked, "" for a registry
    whose address only the configured client knows. `tag_prefix` is what stands before the version in its tags, if shown."""

    source: str
    project: str
    address: str
    certainty: float
    reason: Text
    tag_prefix: str = ""


@dataclass(frozen=True, slots=True)
class Inference:
    """Every upstream that was found, the most certain first; `unknown` says why there is none, None when there is one."""

    projects: tuple[Inferred, ...]
    unknown: Text | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A URL taken apart. `path` holds its parts without empty ones; what is not known is UNKNOWN_PART."""

    scheme: str
    host: str
    path: tuple[str, ...]
    query: str = ""
    fragment: str = ""
    version: str = ""
    """The version that the package ships, "" when it is not known."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Hosts of the configured registries -> the source's name."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The parts of the host's name."""
        return tuple(self.host.partition(":")[0].split("."))

    @property
    def filename(self) -> str:
        """The last part of the path, "" when there is none."""
        return self.path[-1] if self.path else ""

    @property
    def is_archive(self) -> bool:
        """Whether the address, or the name that its fragment gives the file, looks like an archive."""
        return any(_ARCHIVE.search(word) for word in (self.filename, self.fragment, self.query.partition("&")[0]))

    @property
    def stem(self) -> str:
        """The file's name without version and endings: what it calls its project."""
        return name_of(self.filename, self.version)

    def under(self, *domains: str) -> bool:
        """Whether the host is one of the domains or lies below one."""
        host = self.host.partition(":")[0]
        return any(host == domain or host.endswith("." + domain) for domain in domains)

    def after(self, *parts: str) -> tuple[str, ...]:
        """What follows the given run of parts in the path; empty when it is not there."""
        for at in range(len(self.path) - len(parts) + 1):
            if self.path[at : at + len(parts)] == parts:
                return self.path[at + len(parts) :]
        return ()

    def base(self, count: int) -> str:
        """The address of the first `count` parts of the path, without a final slash."""
        scheme = self.scheme if self.scheme in {"http", "https", "ftp"} else "https"
        return "/".join((f"{scheme}://{self.host}", *self.path[:count]))


def known(*words: str) -> bool:
    """Whether all words are there and hold nothing unknown."""
    return all(word and UNKNOWN_PART not in word for word in words)


def name_of(filename: str, version: str = "") -> str:
    """A file's name without its version and its endings."""
    stem = filename
    while (shorter := _ARCHIVE.sub("", stem)) != stem:
        stem = shorter
    if version and len(version) > 1 and version in stem:
        return stem.partition(version)[0].removesuffix("v").rstrip("-_. ") or stem
    match = _DASHED.match(stem) or _VERSIONED.match(stem)
    return match["name"].rstrip("-_.") if match else stem


def take_apart(text: str, version: str, hosts: Mapping[str, str]) -> Address | None:
    """The address in `text`, or None when it holds none that could be asked. User and password are left out."""
    match = _ADDRESS.match(text[:_LONGEST].strip())
    if match is None:
        return None
    scheme, host, path, query, fragment = (part or "" for part in match.groups())
    host = host.rpartition("@")[2].lower()
    if not _HOST.fullmatch(host.partition(":")[0]) or UNKNOWN_PART in host.rpartition(".")[2]:
        return None
    parts = tuple(part for part in unquote(path).split("/") if part not in {"", ".", ".."} and part.isprintable())
    return Address(scheme.lower(), host, parts, query[1:], fragment.removeprefix("#").lstrip("/"), version, hosts)


def prefix_of(tag: str, version: str) -> str:
    """What stands before the version in a tag, "" when nothing does or it cannot be told."""
    tag = _ARCHIVE.sub("", tag)
    before, found, after = tag.partition(version) if version else ("", "", "")
    return before if found and known(before or "x") and not after[:1].isdigit() and len(before) <= 40 else ""
