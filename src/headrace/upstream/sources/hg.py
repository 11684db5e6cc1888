"""Mercurial repositories behind hgweb, asked for their tags as JSON."""

from __future__ import annotations

from typing import Any

from headrace.upstream.ask import is_unmodified, nonsense, read_document, read_objects, read_seconds
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_tags import Row, announce, row


class Mercurial:
    """The source `hg`. `Project.address` is the repository's page; `Project.name` is only shown."""

    name = "hg"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for all tags."""
        return Request(f"{project.address}/json-tags")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every tag with its changeset and day; `tip` is no tag but the newest changeset."""
        if is_unmodified(reply, validator):
            return Unchanged()
        entries = read_objects(project, read_document(project, reply).get("tags"), "tags")
        rows = [_row(project, entry) for entry in entries if entry.get("tag") != "tip"]
        return Answer(announce(project, rows))


def _row(project: Project, entry: dict[str, Any]) -> Row:
    date = entry.get("date")
    if date is not None and not isinstance(date, list):
        raise nonsense(project, "a tag's day is none")
    moment = read_seconds(date[0]) if date else None
    return row(project, entry.get("tag"), entry.get("node"), moment.isoformat() if moment else "")
