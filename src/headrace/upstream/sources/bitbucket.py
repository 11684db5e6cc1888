"""Repositories on Bitbucket, asked through its REST API."""

from __future__ import annotations

from typing import Any

from headrace.upstream.ask import is_unmodified, nonsense, read_document, read_objects, require_name
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_tags import OWNED, Row, on_same_server, row, turn


class Bitbucket:
    """The source `bitbucket`. `Project.name` is `workspace/repository`, `Project.address` the server of the API.

    Option `repository`: the repository's own address, from which git fetches; without it only versions are announced.
    """

    name = "bitbucket"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the newest tags. Raises UpstreamError for a name that no repository can have."""
        name = require_name(project, OWNED, "a repository (workspace/name)")
        return Request(f"{project.address}/2.0/repositories/{name}/refs/tags?sort=-target.date&pagelen=100")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The next page, or every tag with its commit and its date."""
        if is_unmodified(reply, validator):
            return Unchanged()
        document = read_document(project, reply)
        rows = [_row(project, entry) for entry in read_objects(project, document.get("values"), "tags")]
        following = document.get("next")
        link = on_same_server(project, reply, following) if isinstance(following, str) else ""
        return turn(project, reply, rows, link, validator, project.options.get("repository", ""))


def _row(project: Project, entry: dict[str, Any]) -> Row:
    target = entry.get("target")
    if not isinstance(target, dict):
        raise nonsense(project, "a tag names no commit")
    return row(project, entry.get("name"), target.get("hash"), entry.get("date") or target.get("date"))
