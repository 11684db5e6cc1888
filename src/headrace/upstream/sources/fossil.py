"""Fossil repositories, asked for the page of their tags."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from headrace.upstream.ask import is_unmodified, nonsense
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_pages import MOST_BYTES, read_links
from headrace.upstream.reading_tags import announce, row


class Fossil:
    """The source `fossil`. `Project.address` is the repository's page; `Project.name` is only shown."""

    name = "fossil"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the page of tags."""
        return Request(f"{project.address}/taglist", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every tag that the page links to; it tells neither commits nor days."""
        if is_unmodified(reply, validator):
            return Unchanged()
        tags = {}
        for link in read_links(project, reply):
            parts = urlsplit(link.address)
            query = parse_qs(parts.query, max_num_fields=9)
            named = query.get("t") or query.get("r")
            if parts.path.endswith("/timeline") and named:
                tags[named[0]] = row(project, named[0])
        if not tags:
            raise nonsense(project, "its page links to no tag")
        return Answer(announce(project, tags.values()))
