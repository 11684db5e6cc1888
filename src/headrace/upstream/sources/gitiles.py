"""Repositories behind Gitiles, Gerrit's browser, asked for their tags as JSON."""

from __future__ import annotations

from dataclasses import replace

from headrace.upstream.ask import is_unmodified, nonsense, read_document, require_success
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_tags import announce, row

_GUARD = b")]}'"


class Gitiles:
    """The source `gitiles`. `Project.address` is the repository's page; `Project.name` is only shown."""

    name = "gitiles"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for all tags."""
        return Request(f"{project.address}/+refs/tags?format=JSON")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every tag with the commit that it names, peeled."""
        if is_unmodified(reply, validator):
            return Unchanged()
        require_success(project, reply)
        # The first line keeps browsers from running the reply as a script.
        if not reply.body.startswith(_GUARD):
            raise nonsense(project, "it does not begin as Gitiles does")
        document = read_document(project, replace(reply, body=reply.body.removeprefix(_GUARD)))
        if not all(isinstance(tag, dict) for tag in document.values()):
            raise nonsense(project, "a tag is no object")
        rows = [row(project, name, tag.get("peeled") or tag.get("value")) for name, tag in document.items()]
        return Answer(announce(project, rows, project.address))
