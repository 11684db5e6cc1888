"""PHP packages, asked through a Composer repository's metadata of tagged versions."""

from __future__ import annotations

import re
from typing import Any

from headrace.upstream.ask import (
    is_unmodified,
    nonsense,
    read_address,
    read_digest,
    read_document,
    read_moment,
    read_objects,
    read_reason,
    read_word,
    require_name,
)
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator
from headrace.words import Message, Text

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,100}/[a-z0-9][a-z0-9_.-]{0,100}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_UNSET = "__unset"


class Packagist:
    """The source `packagist`. `Project.name` is `vendor/package`, `Project.address` the Composer repository."""

    name = "packagist"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the package's tagged versions. Raises UpstreamError for a name that no PHP package can have."""
        return Request(f"{project.address}/p2/{require_name(project, _NAME, 'a PHP package')}.json")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every tagged version, with the commit that it is made from."""
        if is_unmodified(reply, validator):
            return Unchanged()
        document = read_document(project, reply)
        packages = document.get("packages")
        listed = packages.get(project.name) if isinstance(packages, dict) else None
        entries = read_objects(project, listed, "versions")
        if document.get("minified"):
            entries = _expand(entries)
        return Answer(tuple(_announce(project, reply, entry) for entry in entries), _notes(entries))


def _expand(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Undo Composer's minification: each entry tells only what differs from the one before."""
    whole: list[dict[str, Any]] = []
    for entry in entries:
        merged = {**(whole[-1] if whole else {}), **entry}
        whole.append({key: value for key, value in merged.items() if value != _UNSET})
    return whole


def _announce(project: Project, reply: Reply, entry: dict[str, Any]) -> Announcement:
    tag = read_word(project, entry.get("version"), "a version")
    version = re.sub(r"^[vV](?=[0-9])", "", tag)
    dist, source = entry.get("dist"), entry.get("source")
    artefacts: tuple[Artefact, ...] = ()
    if isinstance(dist, dict) and dist.get("url"):
        kind = read_word(project, dist.get("type"), "a file's type")
        if not kind.isalnum():
            raise nonsense(project, "a file's type is none")
        digests = {"sha1": read_digest(project, "sha1", dist["shasum"])} if dist.get("shasum") else {}
        name = f"{project.name.rpartition('/')[2]}-{version.replace('/', '-')}.{kind}"
        artefacts = (Artefact(read_address(project, reply.request.url, dist["url"]), name, digests),)
    commit = source.get("reference") if isinstance(source, dict) else None
    commit = commit if isinstance(commit, str) and _COMMIT.fullmatch(commit) else ""
    return Announcement(version, tag, read_moment(entry.get("time")), artefacts, commit=commit)


def _notes(entries: list[dict[str, Any]]) -> tuple[Text, ...]:
    abandoned = entries[0].get("abandoned") if entries else None
    if isinstance(abandoned, str):
        return (Message("Its author abandoned the package and names {other} instead", other=read_reason(abandoned)),)
    return (Message("Its author abandoned the package"),) if abandoned else ()
