"""Repositories on any Pagure, asked through its API."""

from __future__ import annotations

import re

from headrace.upstream.ask import is_unmodified, nonsense, read_document, require_name
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_tags import announce, row

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,100}(?:/[A-Za-z0-9_.+-]{1,100}){0,3}")


class Pagure:
    """The source `pagure`. `Project.name` is the project (with namespace, if any), `Project.address` the Pagure."""

    name = "pagure"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for all tags. Raises UpstreamError for a name that no project can have."""
        name = require_name(project, _NAME, "a Pagure project")
        return Request(f"{project.address}/api/0/{name}/git/tags?with_commits=1")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every tag with its commit."""
        if is_unmodified(reply, validator):
            return Unchanged()
        tags = read_document(project, reply).get("tags")
        if not isinstance(tags, dict):
            raise nonsense(project, "it lists no tags")
        rows = [row(project, name, commit) for name, commit in tags.items()]
        return Answer(announce(project, rows, f"{project.address}/{project.name}.git"))
