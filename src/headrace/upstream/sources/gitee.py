"""Repositories on Gitee, asked through its REST API."""

from __future__ import annotations

from typing import Any

from headrace.upstream.ask import is_unmodified, nonsense, read_json, read_objects, require_name
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_tags import OWNED, Row, next_number, row, turn

_PER_PAGE = 100


class Gitee:
    """The source `gitee`. `Project.name` is `owner/repository`, `Project.address` the server of the API.

    Option `repository`: the repository's own address, from which git fetches; without it only versions are announced.
    """

    name = "gitee"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the newest tags. Raises UpstreamError for a name that no repository can have."""
        name = require_name(project, OWNED, "a repository (owner/name)")
        return Request(f"{project.address}/api/v5/repos/{name}/tags?per_page={_PER_PAGE}&page=1")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The next page, or every tag with its commit and the commit's date."""
        if is_unmodified(reply, validator):
            return Unchanged()
        rows = [_row(project, entry) for entry in read_objects(project, read_json(project, reply), "tags")]
        return turn(
            project,
            reply,
            rows,
            next_number(reply, len(rows), _PER_PAGE),
            validator,
            project.options.get("repository", ""),
        )


def _row(project: Project, entry: dict[str, Any]) -> Row:
    commit = entry.get("commit")
    if not isinstance(commit, dict):
        raise nonsense(project, "a tag names no commit")
    tagger = entry.get("tagger")
    day = tagger.get("date") if isinstance(tagger, dict) else None
    return row(project, entry.get("name"), commit.get("sha"), day or commit.get("date"))
