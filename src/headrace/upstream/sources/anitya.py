"""Anitya (release monitoring): what others watch, as a second opinion."""

from __future__ import annotations

import re
from urllib.parse import quote

from headrace.upstream.ask import is_unmodified, nonsense, read_document, read_words, require_name
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, Validator

_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


class Anitya:
    """The source `anitya`. `Project.name` is the project's number there, `Project.address` the server.

    A name alone is not enough: several projects may share it.
    """

    name = "anitya"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the versions. Raises UpstreamError for what is no number."""
        number = require_name(project, _NUMBER, "an Anitya project (its number)")
        return Request(f"{project.address}/api/v2/versions/?project_id={quote(number)}")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version; what the list of stable ones leaves out is a pre-release."""
        if is_unmodified(reply, validator):
            return Unchanged()
        document = read_document(project, reply)
        versions = read_words(project, document.get("versions"), "versions")
        stable = set(read_words(project, document.get("stable_versions"), "stable versions"))
        if not stable <= set(versions):
            raise nonsense(project, "a stable version is not among the versions")
        return Answer(tuple(Announcement(one, one, prerelease=one not in stable) for one in dict.fromkeys(versions)))
