"""Repositories on SourceHut, asked through the feed of their tags."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from headrace.upstream.ask import is_unmodified, nonsense, read_mail_date, require_name
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_tags import announce, row
from headrace.upstream.reading_xml import MOST_BYTES, read_feed

_NAME = re.compile(r"~[A-Za-z0-9_-]{1,100}/[A-Za-z0-9_.-]{1,100}")


class SourceHut:
    """The source `sourcehut`. `Project.name` is `~owner/repository`, `Project.address` the site of repositories."""

    name = "sourcehut"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the feed. Raises UpstreamError for a name that no repository can have."""
        name = require_name(project, _NAME, "a SourceHut repository (~owner/name)")
        return Request(f"{project.address}/{name}/refs/rss.xml", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every tag of the feed with its date."""
        if is_unmodified(reply, validator):
            return Unchanged()
        rows = []
        for entry in read_feed(project, reply):
            tag = unquote(urlsplit(entry.link).path.partition("/refs/")[2])
            if not tag:
                raise nonsense(project, "an entry links to no tag")
            moment = read_mail_date(entry.moment)
            rows.append(row(project, tag, moment=moment.isoformat() if moment else ""))
        return Answer(announce(project, rows, f"{project.address}/{project.name}"))
