"""OCaml packages, asked through the package's page on an opam site."""

from __future__ import annotations

import re

from headrace.upstream.ask import MOST_VERSIONS, is_unmodified, nonsense, require_name
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_pages import MOST_BYTES, read_links

_NAME = re.compile(r"[A-Za-z0-9_+-]{1,128}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_-]{0,127}")


class Opam:
    """The source `opam`. `Project.name` is the package, `Project.address` the site.

    The repository itself is one archive of all packages; the page of one package is smaller a thousand times.
    """

    name = "opam"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the package's page. Raises UpstreamError for a name that no opam package can have."""
        name = require_name(project, _NAME, "an opam package")
        return Request(f"{project.address}/packages/{name}/", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version that the page links to."""
        if is_unmodified(reply, validator):
            return Unchanged()
        names = (link.segments[-1] for link in read_links(project, reply) if link.segments)
        begin = f"{project.name}."
        versions = dict.fromkeys(name.removeprefix(begin) for name in names if name.startswith(begin))
        found = tuple(Announcement(version, version) for version in versions if _VERSION.fullmatch(version))
        if not 1 <= len(found) <= MOST_VERSIONS:
            raise nonsense(project, "its page links to no version")
        return Answer(found)
