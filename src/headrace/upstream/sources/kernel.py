"""The Linux kernel, asked through the list of its maintained releases."""

from __future__ import annotations

from typing import Any

from headrace.upstream.ask import (
    is_unmodified,
    read_address,
    read_document,
    read_objects,
    read_seconds,
    read_word,
)
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator
from headrace.words import Message


class Kernel:
    """The source `kernel`. `Project.address` is the site; `Project.name` is only shown."""

    name = "kernel"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the list."""
        return Request(f"{project.address}/releases.json")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The newest release of every maintained line; snapshots between releases are left out, ended lines noted."""
        if is_unmodified(reply, validator):
            return Unchanged()
        entries = read_objects(project, read_document(project, reply).get("releases"), "releases")
        entries = [entry for entry in entries if entry.get("moniker") != "linux-next"]
        notes = tuple(
            Message(
                "Upstream ended the line of {version}", version=read_word(project, entry.get("version"), "a version")
            )
            for entry in entries
            if entry.get("iseol") is True
        )
        return Answer(tuple(_announce(project, reply, entry) for entry in entries), notes)


def _announce(project: Project, reply: Reply, entry: dict[str, Any]) -> Announcement:
    version = read_word(project, entry.get("version"), "a version")
    released = entry.get("released")
    artefacts: tuple[Artefact, ...] = ()
    if entry.get("source"):
        url = read_address(project, reply.request.url, entry["source"])
        signature = read_address(project, reply.request.url, entry["pgp"]) if entry.get("pgp") else ""
        filename = read_word(project, url.rpartition("/")[2].partition("?")[0], "a file name")
        artefacts = (Artefact(url, filename, signature_url=signature),)
    return Announcement(
        version,
        version,
        read_seconds(released.get("timestamp")) if isinstance(released, dict) else None,
        artefacts,
        prerelease="-rc" in version,
    )
