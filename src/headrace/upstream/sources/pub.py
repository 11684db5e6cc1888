"""Dart packages, asked through the API of a pub server."""

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
    read_word,
    require_name,
)
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator
from headrace.words import Message

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,127}")


class PubServer:
    """The source `pub`. `Project.name` is the package, `Project.address` the server."""

    name = "pub"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the package. Raises UpstreamError for a name that no Dart package can have."""
        name = require_name(project, _NAME, "a Dart package")
        return Request(f"{project.address}/api/packages/{name}", headers=(("Accept", "application/vnd.pub.v2+json"),))

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version; a retracted one counts as withdrawn."""
        if is_unmodified(reply, validator):
            return Unchanged()
        document = read_document(project, reply)
        if document.get("name") != project.name:
            raise nonsense(project, "it is about another package")
        entries = read_objects(project, document.get("versions"), "versions")
        notes = (Message("Its author discontinued the package"),) if document.get("isDiscontinued") is True else ()
        return Answer(tuple(_announce(project, reply, entry) for entry in entries), notes)


def _announce(project: Project, reply: Reply, entry: dict[str, Any]) -> Announcement:
    version = read_word(project, entry.get("version"), "a version")
    digest = entry.get("archive_sha256")
    artefact = Artefact(
        read_address(project, reply.request.url, entry.get("archive_url")),
        f"{project.name}-{version}.tar.gz".replace("/", "-"),
        {"sha256": read_digest(project, "sha256", digest)} if digest else {},
    )
    return Announcement(
        version,
        version,
        read_moment(entry.get("published")),
        (artefact,),
        withdrawn="" if entry.get("retracted") is True else None,
        prerelease="-" in version.partition("+")[0],
    )
