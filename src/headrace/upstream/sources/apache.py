"""Apache's projects, asked through the listing of their folder of releases."""

from __future__ import annotations

import re

from headrace.upstream.ask import is_unmodified, require_name
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_files import announce_files
from headrace.upstream.reading_pages import MOST_BYTES, read_listing

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}(?:/[A-Za-z0-9][A-Za-z0-9._+-]{0,127}){0,5}")


class Apache:
    """The source `apache`. `Project.name` is the Apache project, `Project.address` the server.

    Option `files`: how the archives' names begin, where it is not the last part of the project's name.
    """

    name = "apache"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the folder's listing. Raises UpstreamError for a name that no folder there can have."""
        name = require_name(project, _NAME, "a Apache project")
        return Request(f"{project.address}/{name}/", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version that has an archive in the folder, with its signature where one lies beside it."""
        if is_unmodified(reply, validator):
            return Unchanged()
        files = project.options.get("files") or project.name.rpartition("/")[2]
        return Answer(announce_files(project, read_listing(project, reply), files))
