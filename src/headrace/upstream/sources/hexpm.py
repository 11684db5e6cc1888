"""Erlang and Elixir packages, asked through Hex's API."""

from __future__ import annotations

import re
from typing import Any

from headrace.upstream.ask import (
    is_unmodified,
    nonsense,
    read_document,
    read_moment,
    read_objects,
    read_reason,
    read_word,
    require_name,
)
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator

_NAME = re.compile(r"[a-z][a-z0-9_]{1,127}")


class Hex:
    """The source `hex`. `Project.name` is the package, `Project.address` the site of the API.

    Option `downloads`: the address below which the packages' files lie; without it no file is named.
    """

    name = "hex"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the package. Raises UpstreamError for a name that no Hex package can have."""
        name = require_name(project, _NAME, "a Hex package")
        return Request(f"{project.address}/api/packages/{name}", headers=(("Accept", "application/json"),))

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every release; a retired one counts as withdrawn, with the reason that its owner gave."""
        if is_unmodified(reply, validator):
            return Unchanged()
        document = read_document(project, reply)
        if document.get("name") != project.name:
            raise nonsense(project, "it is about another package")
        retired = document.get("retirements")
        retired = retired if isinstance(retired, dict) else {}
        entries = read_objects(project, document.get("releases"), "releases")
        return Answer(tuple(_announce(project, entry, retired) for entry in entries))


def _announce(project: Project, entry: dict[str, Any], retired: dict[str, Any]) -> Announcement:
    version = read_word(project, entry.get("version"), "a version")
    downloads, filename = project.options.get("downloads", ""), f"{project.name}-{version}.tar"
    why = retired.get(version)
    reason = None
    if version in retired:
        parts = [read_reason(why.get("reason")), read_reason(why.get("message"))] if isinstance(why, dict) else []
        reason = ": ".join(part for part in parts if part)
    return Announcement(
        version,
        version,
        read_moment(entry.get("inserted_at")),
        (Artefact(f"{downloads}/tarballs/{filename}", filename),) if downloads else (),
        withdrawn=reason,
        # Hex enforces semantic versioning, which marks a pre-release by the dash.
        prerelease="-" in version.partition("+")[0],
    )
