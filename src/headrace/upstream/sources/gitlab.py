"""Repositories on any GitLab, asked through its REST API."""

from __future__ import annotations

import re
from typing import Any

from headrace.upstream.ask import is_unmodified, nonsense, read_json, read_objects, require_name
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_tags import Row, next_link, row, turn

_PER_PAGE = 100
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}(?:/[A-Za-z0-9_.-]{1,100}){1,20}")


class GitLab:
    """The source `gitlab`. `Project.name` is `group/repository`, `Project.address` the GitLab.

    Option `repository`: the repository's own address, from which git fetches; without it only versions are announced.
    """

    name = "gitlab"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the newest tags. Raises UpstreamError for a name that no repository can have."""
        return Request(
            f"{project.address}/api/v4/projects/{_id(project)}/repository/tags?order_by=updated&sort=desc&per_page={_PER_PAGE}"
        )

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The next page, or every tag with its commit and the commit's date."""
        if is_unmodified(reply, validator):
            return Unchanged()
        rows = [_row(project, entry) for entry in read_objects(project, read_json(project, reply), "tags")]
        return turn(project, reply, rows, next_link(project, reply), validator, project.options.get("repository", ""))


def _id(project: Project) -> str:
    return require_name(project, _NAME, "a GitLab project (group/name)").replace("/", "%2F")


def _row(project: Project, entry: dict[str, Any]) -> Row:
    commit = entry.get("commit")
    if not isinstance(commit, dict):
        raise nonsense(project, "a tag names no commit")
    # An annotated tag's own day is the day of the release; older servers do not tell it.
    return row(project, entry.get("name"), commit.get("id"), entry.get("created_at") or commit.get("created_at"))
