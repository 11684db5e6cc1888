"""Packages of npm's registry, asked through the full document of a package."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import Any

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

_NAME = re.compile(r"(?:@[a-zA-Z0-9~_.-]{1,100}/)?[a-zA-Z0-9~_.-]{1,214}")
_INTEGRITY = ("sha256", "sha384", "sha512")


class NpmRegistry:
    """The source `npm`. `Project.name` is the package (`@scope/name` too), `Project.address` the registry."""

    name = "npm"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the package's full document. Raises UpstreamError for a name that no npm package can have."""
        if not _NAME.fullmatch(project.name) or project.name in {".", ".."}:
            raise UpstreamError(
                f"{project.name!r} is no name of an npm package", "", "correct src_repo in the package's yaml"
            )
        path = project.name.replace("/", "%2F")
        return Request(f"{project.address}/{path}", headers=(("Accept", "application/json"),))

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every published version. A deprecated one counts as withdrawn, with upstream's words as the reason."""
        if reply.status == 304 and validator is not None:
            return Unchanged()
        document = read_document(project, reply)
        if document.get("name") != project.name:
            raise nonsense(project, "it is about another package")
        times = document.get("time")
        times = times if isinstance(times, dict) else {}
        versions = document.get("versions")
        if versions is None and "unpublished" in times:
            raise UpstreamError(
                f"{project.name} is gone from npm",
                "its author unpublished it",
                "find its new home and correct the yaml",
            )
        if not isinstance(versions, dict) or len(versions) > MOST_VERSIONS:
            raise nonsense(project, "it lists no versions")
        found = tuple(_announce(project, reply, name, entry, times) for name, entry in versions.items())
        return Answer(found, _notes(document))


def _announce(project: Project, reply: Reply, version: str, entry: object, times: dict[str, Any]) -> Announcement:
    word = read_word(project, version, "a version")
    dist = entry.get("dist") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(dist, dict):
        raise nonsense(project, f"version {word} says nothing about its file")
    url = read_address(project, reply.request.url, dist.get("tarball"))
    filename = read_word(project, url.rpartition("/")[2].partition("?")[0], "a file name")
    deprecated = entry.get("deprecated")
    return Announcement(
        word,
        tag=word,
        released=read_moment(times.get(version)),
        artefacts=(Artefact(url, filename, _digests(project, dist), read_size(dist.get("size"))),),
        withdrawn=read_reason(deprecated) if deprecated else None,
        # Semantic versioning, which the registry enforces, marks a pre-release by the dash.
        prerelease="-" in word.partition("+")[0],
    )


def _digests(project: Project, dist: dict[str, Any]) -> dict[str, str]:
    digests: dict[str, str] = {}
    integrity = dist.get("integrity")
    for item in integrity.split() if isinstance(integrity, str) else ():
        algorithm, _, encoded = item.partition("?")[0].partition("-")
        if algorithm in _INTEGRITY:
            try:
                digests[algorithm] = read_digest(project, algorithm, b64decode(encoded, validate=True).hex())
            except (binascii.Error, ValueError):
                raise nonsense(project, f"a digest is no {algorithm}") from None
    if dist.get("shasum"):
        digests["sha1"] = read_digest(project, "sha1", dist["shasum"])
    return digests


def _notes(document: dict[str, Any]) -> tuple[Text, ...]:
    tags = document.get("dist-tags")
    latest = read_reason(tags.get("latest")) if isinstance(tags, dict) else ""
    return (Message("The registry's tag latest names {version}", version=latest),) if latest else ()
