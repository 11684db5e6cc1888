"""R packages, asked through CRAN's description of the newest version and its folder of older ones."""

from __future__ import annotations

import re

from headrace.upstream.ask import nonsense, read_moment, read_text, read_word, require_name
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_files import announce_files
from headrace.upstream.reading_pages import read_listing

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,127}")
_VERSION = re.compile(r"[0-9]+(?:[.-][0-9]+){1,15}")


class Cran:
    """The source `cran`. `Project.name` is the package, `Project.address` a mirror of CRAN."""

    name = "cran"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the package's description. Raises UpstreamError for a name that no R package can have."""
        name = require_name(project, _NAME, "an R package")
        return Request(f"{project.address}/web/packages/{name}/DESCRIPTION", max_bytes=1024**2)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The newest version and what the archive keeps; an archive that is not there keeps nothing."""
        if not reply.request.step:
            version, moment = _described(project, read_text(project, reply))
            if validator is not None and validator.extra == version:
                return Unchanged()
            url = f"{project.address}/src/contrib/Archive/{project.name}/"
            return Request(url, step="archive", memory=f"{version} {moment}")
        version, _, moment = reply.request.memory.partition(" ")
        url = f"{project.address}/src/contrib/{project.name}_{version}.tar.gz"
        artefact = Artefact(url, url.rpartition("/")[2])
        newest = Announcement(version, version, read_moment(moment), (artefact,))
        older = announce_files(project, read_listing(project, reply)) if reply.status != 404 else ()
        return Answer((newest, *(one for one in older if one.version != version)), extra=version)


def _described(project: Project, text: str) -> tuple[str, str]:
    """(version, publication) of a description."""
    fields = dict(line.partition(":")[::2] for line in text.splitlines() if not line[:1].isspace())
    if fields.get("Package", "").strip() != project.name:
        raise nonsense(project, "it is no description of the package")
    version = read_word(project, fields.get("Version"), "the version")
    if not _VERSION.fullmatch(version):
        raise nonsense(project, "the version is none of an R package")
    return version, fields.get("Date/Publication", "").strip().removesuffix(" UTC")
