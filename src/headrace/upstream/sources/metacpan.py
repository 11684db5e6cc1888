"""Perl distributions, asked through MetaCPAN's list of a distribution's releases."""

from __future__ import annotations

import re
from typing import Any

from headrace.upstream.ask import (
    is_unmodified,
    nonsense,
    read_address,
    read_digest,
    read_document,
    read_moment,
    read_objects,
    read_word,
    require_name,
)
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,127}")


class MetaCpan:
    """The source `metacpan`. `Project.name` is the distribution (`::` is read as `-`), `Project.address` the API."""

    name = "metacpan"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the distribution's releases. Raises UpstreamError for a name that no distribution can have."""
        return Request(f"{project.address}/release/versions/{require_name(project, _NAME, 'a Perl distribution')}")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every release by someone who may release; what only the back archive keeps counts as withdrawn."""
        if is_unmodified(reply, validator):
            return Unchanged()
        entries = read_objects(project, read_document(project, reply).get("releases"), "releases")
        if not entries:
            raise nonsense(project, "it lists no releases")
        # Anyone may upload anything; the index takes only what its maintainers did.
        rightful = [entry for entry in entries if entry.get("authorized") is not False]
        return Answer(tuple(_announce(project, reply, entry) for entry in rightful))


def _announce(project: Project, reply: Reply, entry: dict[str, Any]) -> Announcement:
    tag = read_word(project, entry.get("version"), "a version")
    url = read_address(project, reply.request.url, entry.get("download_url"))
    digest = entry.get("checksum_sha256")
    digests = {"sha256": read_digest(project, "sha256", digest)} if digest else {}
    return Announcement(
        tag.removeprefix("v"),
        tag,
        read_moment(entry.get("date")),
        (Artefact(url, read_word(project, url.rpartition("/")[2], "a file name"), digests),),
        withdrawn="kept by the back archive only" if entry.get("status") == "backpan" else None,
        prerelease=entry.get("maturity") == "developer",
    )
