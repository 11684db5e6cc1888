"""Repositories behind cgit, asked for the page of their tags."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from headrace.upstream.ask import is_unmodified, nonsense
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_pages import MOST_BYTES, listed_moment, read_links
from headrace.upstream.reading_tags import announce, row


class Cgit:
    """The source `cgit`. `Project.address` is the repository's page; `Project.name` is only shown."""

    name = "cgit"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the page of tags."""
        return Request(f"{project.address}/refs/tags", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every tag; its day is the one that the page shows beside it, where it shows one."""
        if is_unmodified(reply, validator):
            return Unchanged()
        rows = {}
        for link in read_links(project, reply):
            parts = urlsplit(link.address)
            if parts.path.rstrip("/").endswith("/tag"):
                tag = parse_qs(parts.query, max_num_fields=9).get("h", [""])[0]
                moment = listed_moment(link.behind)
                rows[tag] = row(project, tag, moment=moment.isoformat() if moment else "")
        if not rows:
            raise nonsense(project, "its page links to no tag")
        return Answer(announce(project, rows.values(), project.address))
