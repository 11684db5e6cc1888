"""Files by their names: which version an archive is of, and which files beside it sign it or tell its digest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from headrace.upstream.ask import MOST_VERSIONS, nonsense
from headrace.upstream.model import Announcement, Artefact, Project

ARCHIVES = (
    ".tar.xz",
    ".tar.gz",
    ".tgz",
    ".tar.bz2",
    ".tar.zst",
    ".tar.lz",
    ".txz",
    ".tbz2",
    ".tar.lzma",
    ".tar.Z",
    ".zip",
)
"""Endings of source archives, the one to prefer first."""

_SIGNATURES = (".asc", ".sig", ".sign", ".gpg")
_DRESSING = re.compile(r"[-_.](?:src|source|sources|orig|full|stable-src)$", re.IGNORECASE)
_BUILT = re.compile(
    r"(?:^|[-_.])(?:win(?:dows|32|64)?|linux|darwin|mac(?:os)?x?|x86(?:_64)?|amd64|i[3-6]86|aarch64|arm64|bin|binaries|docs?|html|"
    r"manual|setup|installer|dbg|debug)(?:[-_.0-9]|$)",
    re.IGNORECASE,
)
_VERSION = re.compile(r"[vV]?[0-9][0-9A-Za-z.+~_-]{0,79}")


@dataclass(frozen=True, slots=True)
class File:
    """One file of a listing. `moment` is when the server got it; `digests` as in `Artefact`."""

    name: str
    url: str
    moment: datetime | None = None
    size: int | None = None
    digests: Mapping[str, str] = field(default_factory=dict)


def version_in(project: str, filename: str) -> str:
    """The version of a source archive that is named after the project; "" for every other file."""
    lower = filename.lower()
    ending = next((ending for ending in ARCHIVES if lower.endswith(ending.lower())), None)
    if ending is None:
        return ""
    stem = _DRESSING.sub("", filename[: -len(ending)])
    if not stem.lower().startswith(project.lower()):
        return ""
    rest = stem[len(project) :]
    version = rest[1:] if rest[:1] in {"-", "_", "."} else rest
    return version if _VERSION.fullmatch(version) and not _BUILT.search(version) else ""


def announce_files(project: Project, files: Iterable[File], name: str = "") -> tuple[Announcement, ...]:
    """One announcement for each version that has a source archive named after `name` (default: the project's name).

    The earliest time of a version's archives counts as its release; a signature beside an archive is named with it.
    Raises UpstreamError when no file is an archive of the project: then the place or the name is wrong.
    """
    listed = {file.name: file for file in files}
    found: dict[str, list[File]] = {}
    for file in listed.values():
        version = version_in(name or project.name, file.name)
        if version:
            found.setdefault(version, []).append(file)
    if not found:
        raise nonsense(project, f"it lists no archive whose name begins with {name or project.name}")
    if len(found) > MOST_VERSIONS:
        raise nonsense(project, f"it lists more than {MOST_VERSIONS} versions")
    return tuple(_announce(project, version, archives, listed) for version, archives in found.items())


def _announce(project: Project, version: str, archives: list[File], listed: Mapping[str, File]) -> Announcement:
    ordered = sorted(archives, key=lambda file: (preference(file.name), file.name))
    moments = [file.moment for file in archives if file.moment is not None]
    artefacts = tuple(
        Artefact(file.url, file.name, file.digests, file.size, _signature(file.name, listed)) for file in ordered
    )
    spelling = version.removeprefix(project.tag_prefix) or version
    return Announcement(spelling, version, min(moments, default=None), artefacts)


def preference(filename: str) -> int:
    """The place of a file's ending among those of archives: the smaller the better."""
    return next((n for n, ending in enumerate(ARCHIVES) if filename.lower().endswith(ending.lower())), len(ARCHIVES))


def _signature(filename: str, listed: Mapping[str, File]) -> str:
    # Some projects sign the tar and not its compressed form.
    names = [filename, filename.rpartition(".")[0]] if ".tar." in filename else [filename]
    found = (listed[name + ending].url for name in names for ending in _SIGNATURES if name + ending in listed)
    return next(found, "")
