"""Repology: the versions that other distributions carry, as a second opinion."""

from __future__ import annotations

import re

from headrace.upstream.ask import is_unmodified, nonsense, read_json, read_objects, read_word, require_name
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, UpstreamError, Validator

_NAME = re.compile(r"[a-z0-9][a-z0-9:._+-]{0,127}")
_TRUSTED = frozenset({"newest", "devel", "unique", "outdated", "legacy"})
"""Statuses of versions that exist upstream; the others are snapshots, wrong or doubted there."""


class Repology:
    """The source `repology`. `Project.name` is the project there, `Project.address` the server."""

    name = "repology"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for all packages of the project. Raises UpstreamError for a name that no project can have."""
        return Request(f"{project.address}/api/v1/project/{require_name(project, _NAME, 'a Repology project')}")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version that some distribution carries; `devel` ones are pre-releases."""
        if is_unmodified(reply, validator):
            return Unchanged()
        packages = read_objects(project, read_json(project, reply), "packages")
        if not packages:
            raise UpstreamError(
                f"{project.name} is gone from {project.source}", "nobody packages it", "correct the name"
            )
        found: dict[str, bool] = {}
        for package in packages:
            status = read_word(project, package.get("status"), "a status")
            if status in _TRUSTED:
                version = read_word(project, package.get("version"), "a version")
                found[version] = found.get(version, True) and status == "devel"
        if not found:
            raise nonsense(project, "it trusts none of the versions")
        return Answer(tuple(Announcement(version, version, prerelease=early) for version, early in found.items()))
