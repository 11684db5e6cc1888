"""Projects on Launchpad, asked for the releases that they announced there."""

from __future__ import annotations

import re
from typing import Any

from headrace.upstream.ask import (
    is_unmodified,
    nonsense,
    read_document,
    read_moment,
    read_objects,
    read_word,
    require_name,
)
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, Validator
from headrace.words import Message

_NAME = re.compile(r"[a-z0-9][a-z0-9.+-]{0,127}")


class Launchpad:
    """The source `launchpad`. `Project.name` is the project, `Project.address` the server of the API."""

    name = "launchpad"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the releases. Raises UpstreamError for a name that no project can have."""
        name = require_name(project, _NAME, "a Launchpad project")
        return Request(f"{project.address}/1.0/{name}/releases?ws.size=300")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every release with the day that its project gave; more than one page is told in a note."""
        if is_unmodified(reply, validator):
            return Unchanged()
        document = read_document(project, reply)
        entries = read_objects(project, document.get("entries"), "releases")
        if not entries and document.get("total_size") != 0:
            raise nonsense(project, "it lists no releases")
        notes = (
            (Message("Launchpad lists more releases than were asked for"),)
            if document.get("next_collection_link")
            else ()
        )
        return Answer(tuple(_announce(project, entry) for entry in entries), notes)


def _announce(project: Project, entry: dict[str, Any]) -> Announcement:
    tag = read_word(project, entry.get("version"), "a version")
    return Announcement(tag.removeprefix(project.tag_prefix) or tag, tag, read_moment(entry.get("date_released")))
