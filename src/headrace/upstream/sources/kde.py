"""KDE's applications and frameworks, asked through the listing of their folder of stable releases."""

from __future__ import annotations

import re

from headrace.upstream.ask import is_unmodified, nonsense, require_name
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_pages import MOST_BYTES, read_folders

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}(?:/[A-Za-z0-9][A-Za-z0-9._+-]{0,127}){0,2}")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){0,4}[A-Za-z0-9.-]{0,20}")


class Kde:
    """The source `kde`. `Project.name` is `module`, or `collection/module` (`release-service/kate`).

    `Project.address` is the download server. Every version has a folder of its own; archives lie in it, or, for a
    collection, in its folder `src`.
    """

    name = "kde"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the folder of stable releases. Raises UpstreamError for a name that no module can have."""
        collection = require_name(project, _NAME, "a KDE module").partition("/")[0]
        return Request(f"{project.address}/stable/{collection}/", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version that has a folder."""
        if is_unmodified(reply, validator):
            return Unchanged()
        collection, _, module = project.name.partition("/")
        found = []
        for version, moment in read_folders(project, reply):
            if _VERSION.fullmatch(version):
                filename = f"{module or collection}-{version}.tar.xz"
                place = f"{reply.request.url}{version}/{'src/' if module else ''}{filename}"
                artefact = Artefact(place, filename, signature_url=f"{place}.sig")
                found.append(Announcement(version, version, moment, (artefact,)))
        if not found:
            raise nonsense(project, "it lists no folder named after a version")
        return Answer(tuple(found))
