"""Repositories on GitHub, asked through the feed of their releases: ten newest, no token, no quota."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from headrace.upstream.ask import is_unmodified, nonsense, require_name
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_tags import OWNED, announce, row
from headrace.upstream.reading_xml import MOST_BYTES, read_feed
from headrace.words import Message


class GitHubReleases:
    """The source `github-releases`. `Project.name` is `owner/repository`, `Project.address` the forge.

    The feed also lists tags that no release was made of, and does not say which releases are pre-releases.
    """

    name = "github-releases"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the feed. Raises UpstreamError for a name that no repository can have."""
        name = require_name(project, OWNED, "a repository (owner/name)")
        return Request(f"{project.address}/{name}/releases.atom", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The newest releases with the days of their last changes."""
        if is_unmodified(reply, validator):
            return Unchanged()
        rows = []
        for entry in read_feed(project, reply):
            tag = unquote(urlsplit(entry.link).path.partition("/releases/tag/")[2])
            if not tag:
                raise nonsense(project, "an entry links to no tag")
            rows.append(row(project, tag, moment=entry.moment))
        notes = (Message("The feed of releases lists the newest ones only"),) if rows else ()
        return Answer(announce(project, rows, f"{project.address}/{project.name}.git"), notes)
