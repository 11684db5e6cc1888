""".NET packages, asked through the flat container of a NuGet feed."""

from __future__ import annotations

import re

from headrace.upstream.ask import is_unmodified, nonsense, read_document, read_words, require_name
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator
from headrace.words import Message

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


class NuGet:
    """The source `nuget`. `Project.name` is the package, `Project.address` the feed's server."""

    name = "nuget"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the package's versions. Raises UpstreamError for a name that no NuGet package can have."""
        return Request(f"{_place(project)}/index.json")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version, unlisted ones too: the container does not tell them apart."""
        if is_unmodified(reply, validator):
            return Unchanged()
        versions = read_words(project, read_document(project, reply).get("versions"), "versions")
        if not versions:
            raise nonsense(project, "it lists no versions")
        note = Message("The feed does not say which versions were unlisted")
        return Answer(tuple(_announce(project, version) for version in versions), (note,))


def _place(project: Project) -> str:
    return f"{project.address}/v3-flatcontainer/{require_name(project, _NAME, 'a NuGet package').lower()}"


def _announce(project: Project, version: str) -> Announcement:
    filename = f"{project.name.lower()}.{version.lower()}.nupkg"
    artefact = Artefact(f"{_place(project)}/{version.lower()}/{filename}", filename, kind="binary")
    # The feed takes semantic versions, in which a dash marks a pre-release.
    return Announcement(version, version, artefacts=(artefact,), prerelease="-" in version.partition("+")[0])
