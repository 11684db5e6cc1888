"""Haskell packages, asked through the archive's list of preferred and deprecated versions."""

from __future__ import annotations

import re

from headrace.upstream.ask import is_unmodified, nonsense, read_document, read_words, require_name
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,127}")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){0,15}")
_LISTS = {"normal-version": None, "unpreferred-version": None, "deprecated-version": ""}
"""The lists of the document, with what they say about a withdrawal."""


class Hackage:
    """The source `hackage`. `Project.name` is the package, `Project.address` the archive."""

    name = "hackage"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the package's versions. Raises UpstreamError for a name that no Haskell package can have."""
        name = require_name(project, _NAME, "a Haskell package")
        return Request(f"{project.address}/package/{name}/preferred", headers=(("Accept", "application/json"),))

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version; a deprecated one counts as withdrawn."""
        if is_unmodified(reply, validator):
            return Unchanged()
        document = read_document(project, reply)
        if not _LISTS.keys() & document.keys():
            raise nonsense(project, "it lists no versions")
        found = (
            _announce(project, version, withdrawn)
            for key, withdrawn in _LISTS.items()
            for version in read_words(project, document.get(key, []), "versions")
        )
        return Answer(tuple(found))


def _announce(project: Project, version: str, withdrawn: str | None) -> Announcement:
    if not _VERSION.fullmatch(version):
        raise nonsense(project, "a version is none of a Haskell package")
    filename = f"{project.name}-{version}.tar.gz"
    url = f"{project.address}/package/{project.name}-{version}/{filename}"
    return Announcement(version, version, artefacts=(Artefact(url, filename),), withdrawn=withdrawn)
