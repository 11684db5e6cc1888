"""Rust crates, asked through a registry's sparse index: one file for each crate, one line for each version."""

from __future__ import annotations

import json
import re

from headrace.upstream.ask import (
    MOST_VERSIONS,
    is_unmodified,
    nonsense,
    read_digest,
    read_moment,
    read_text,
    read_word,
    require_name,
)
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class SparseIndex:
    """The source `crates`. `Project.name` is the crate, `Project.address` the sparse index.

    Option `downloads`: the address below which the crates' files lie; without it no file is named.
    """

    name = "crates"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the crate's file. Raises UpstreamError for a name that no crate can have."""
        lower = require_name(project, _NAME, "a crate").lower()
        folder = {1: "1", 2: "2", 3: f"3/{lower[0]}"}.get(len(lower), f"{lower[:2]}/{lower[2:4]}")
        return Request(f"{project.address}/{folder}/{lower}")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version; a yanked one counts as withdrawn."""
        if is_unmodified(reply, validator):
            return Unchanged()
        lines = [line for line in read_text(project, reply).splitlines() if line.strip()]
        if len(lines) > MOST_VERSIONS:
            raise nonsense(project, f"it has more than {MOST_VERSIONS} versions")
        return Answer(tuple(_announce(project, line) for line in lines))


def _announce(project: Project, line: str) -> Announcement:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise nonsense(project, "a line is not JSON") from None
    if not isinstance(entry, dict) or str(entry.get("name")).lower() != project.name.lower():
        raise nonsense(project, "it is about another crate")
    version = read_word(project, entry.get("vers"), "a version")
    name, downloads = read_word(project, entry["name"], "a name"), project.options.get("downloads", "")
    filename = f"{name}-{version}.crate"
    digests = {"sha256": read_digest(project, "sha256", entry.get("cksum"))}
    return Announcement(
        version,
        version,
        read_moment(entry.get("pubtime")),
        (Artefact(f"{downloads}/{name}/{filename}", filename, digests),) if downloads else (),
        withdrawn="" if entry.get("yanked") else None,
        # Cargo enforces semantic versioning, which marks a pre-release by the dash.
        prerelease="-" in version.partition("+")[0],
    )
