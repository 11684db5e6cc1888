"""Python projects, asked through the JSON form of the simple index (PEP 691, 700, 714, 740, 792)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from headrace.upstream.ask import (
    MOST_VERSIONS,
    nonsense,
    read_address,
    read_digest,
    read_document,
    read_moment,
    read_reason,
    read_size,
    read_word,
)
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
from headrace.words import Message, Text

_ACCEPT = "application/vnd.pypi.simple.v1+json"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
_DIGESTS = ("sha256", "sha384", "sha512")
_ARCHIVES = (".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".zip")
"""Source archives, the one to prefer first."""


@dataclass(slots=True)
class _Version:
    spelling: str
    announced: bool = False
    artefacts: list[Artefact] = field(default_factory=list)
    yanked: list[str | None] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)


class PythonIndex:
    """The source `pypi`. `Project.name` is the project, `Project.address` the simple index."""

    name = "pypi"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the project's page. Raises UpstreamError for a name that no Python project can have."""
        if not _NAME.fullmatch(project.name):
            raise UpstreamError(
                f"{project.name!r} is no name of a Python project", "", "correct src_repo in the package's yaml"
            )
        return Request(f"{project.address}/{quote(_normal(project.name))}/", headers=(("Accept", _ACCEPT),))

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version of the page. A version counts as withdrawn when all of its files are yanked."""
        if reply.status == 304 and validator is not None:
            return Unchanged()
        document = read_document(project, reply)
        files = document.get("files")
        if not isinstance(files, list) or len(files) > MOST_VERSIONS:
            raise nonsense(project, "it lists no files")
        named = document.get("name")
        if not isinstance(named, str) or _normal(named) != _normal(project.name):
            raise nonsense(project, "it is about another project")
        versions: dict[str, _Version] = {}
        for version in _listed(project, document):
            versions.setdefault(_canonical(version), _Version(version, announced=True))
        for file in files:
            _take(project, reply, file, versions)
        return Answer(tuple(_announce(version) for version in versions.values()), _notes(document))


def _listed(project: Project, document: dict[str, Any]) -> Iterator[str]:
    versions = document.get("versions", [])
    if not isinstance(versions, list) or len(versions) > MOST_VERSIONS:
        raise nonsense(project, "its versions are no list")
    for version in versions:
        yield read_word(project, version, "a version")


def _take(project: Project, reply: Reply, file: object, versions: dict[str, _Version]) -> None:
    if not isinstance(file, dict):
        raise nonsense(project, "a file is no object")
    filename = read_word(project, file.get("filename"), "a file name")
    if "/" in filename:
        raise nonsense(project, "a file name has a slash")
    found = _version_of(project.name, filename)
    if found is None:
        return
    kind, spelling = found
    version = versions.setdefault(_canonical(spelling), _Version(spelling))
    yanked = file.get("yanked")
    version.yanked.append(read_reason(yanked) if yanked else None)
    moment = read_moment(file.get("upload-time"))
    if moment is not None:
        version.moments.append(moment)
    version.artefacts.append(_artefact(project, reply, file, filename, kind))


def _artefact(project: Project, reply: Reply, file: dict[str, Any], filename: str, kind: str) -> Artefact:
    hashes = file.get("hashes")
    if not isinstance(hashes, dict):
        raise nonsense(project, f"{filename} has no digests")
    url = read_address(project, reply.request.url, file.get("url"))
    provenance = file.get("provenance")
    return Artefact(
        url,
        filename,
        {name: read_digest(project, name, hashes[name]) for name in _DIGESTS if name in hashes},
        read_size(file.get("size")),
        signature_url=f"{url}.asc" if file.get("gpg-sig") is True else "",
        provenance_url=read_address(project, reply.request.url, provenance) if provenance else "",
        kind=kind,
    )


def _announce(version: _Version) -> Announcement:
    withdrawn = None
    artefacts = list(zip(version.artefacts, version.yanked, strict=True))
    if artefacts and all(reason is not None for _, reason in artefacts):
        withdrawn = next((reason for _, reason in artefacts if reason), "")
    else:
        artefacts = [pair for pair in artefacts if pair[1] is None]
    ordered = sorted((artefact for artefact, _ in artefacts), key=_preference)
    return Announcement(
        version.spelling,
        tag=version.spelling,
        released=min(version.moments, default=None),
        artefacts=tuple(ordered),
        withdrawn=withdrawn,
    )


def _preference(artefact: Artefact) -> tuple[bool, int, str]:
    place = next((n for n, ending in enumerate(_ARCHIVES) if artefact.filename.lower().endswith(ending)), 99)
    return artefact.kind != "archive", place, artefact.filename


def _notes(document: dict[str, Any]) -> tuple[Text, ...]:
    status = document.get("project-status")
    if not isinstance(status, dict) or status.get("status") in {None, "active"}:
        return ()
    what, why = read_reason(status.get("status")), read_reason(status.get("reason"))
    if why:
        return (Message("The index marks the project as {status}: {reason}", status=what, reason=why),)
    return (Message("The index marks the project as {status}", status=what),)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _version_of(project: str, filename: str) -> tuple[str, str] | None:
    """(kind, version) of a file by its name; None for what is neither a source archive nor a wheel of the project."""
    lower = filename.lower()
    if lower.endswith(".whl"):
        parts = filename[:-4].split("-")
        return ("binary", parts[1]) if len(parts) in {5, 6} else None
    ending = next((ending for ending in _ARCHIVES if lower.endswith(ending)), None)
    if ending is None:
        return None
    stem = filename[: -len(ending)]
    # Old file names keep dashes in project and version alike; the project's own name tells where the version begins.
    for place in (place for place, sign in enumerate(stem) if sign == "-"):
        if _normal(stem[:place]) == _normal(project) and stem[place + 1 :]:
            return "archive", stem[place + 1 :]
    return None


_WORDS = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc", "rev": "post", "r": "post"}
_PIECES = re.compile(r"[0-9]+|[a-z]+|\+.*")


def _canonical(version: str) -> str:
    """A key under which the spellings of one version fall together (1.0-RC1, 1.0rc1, v1.0.rc.1)."""
    pieces = _PIECES.findall(version.lower().removeprefix("v"))
    return ".".join(piece.lstrip("0") or "0" if piece.isdigit() else _WORDS.get(piece, piece) for piece in pieces)
