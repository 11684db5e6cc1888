"""Go modules, asked through a module proxy: the list of versions, and the latest one where no version is tagged."""

from __future__ import annotations

import re

from headrace.upstream.ask import (
    MOST_VERSIONS,
    is_unmodified,
    nonsense,
    read_document,
    read_moment,
    read_word,
    require_name,
    require_success,
)
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator

_NAME = re.compile(r"[A-Za-z0-9.~_-]{1,100}(?:/[A-Za-z0-9.~_+-]{1,100}){0,15}")
_VERSION = re.compile(r"v[0-9][0-9A-Za-z.+-]{0,127}")


class ModuleProxy:
    """The source `go`. `Project.name` is the module's path, `Project.address` the proxy."""

    name = "go"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the list of versions. Raises UpstreamError for a path that no module can have."""
        return Request(f"{_place(project)}/@v/list", max_bytes=8 * 1024**2)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every tagged version, or the one that the proxy made for a module without tags."""
        if is_unmodified(reply, validator):
            return Unchanged()
        require_success(project, reply)
        if reply.request.step:
            latest = read_document(project, reply)
            return Answer((_announce(project, latest.get("Version"), latest.get("Time")),))
        lines = reply.body.decode("utf-8", "replace").split("\n")
        words = [line for line in lines if line]
        if len(words) > MOST_VERSIONS:
            raise nonsense(project, f"it has more than {MOST_VERSIONS} versions")
        if not words:
            return Request(f"{_place(project)}/@latest", step="latest")
        return Answer(tuple(_announce(project, word) for word in words))


def _place(project: Project) -> str:
    # Proxies write capitals as `!` and the small letter, for file systems that do not tell them apart.
    path = re.sub(r"[A-Z]", lambda m: f"!{m[0].lower()}", require_name(project, _NAME, "a Go module"))
    return f"{project.address}/{path}"


def _announce(project: Project, value: object, moment: object = None) -> Announcement:
    tag = read_word(project, value, "a version")
    if not _VERSION.fullmatch(tag):
        raise nonsense(project, "a version is none of a Go module")
    version = tag.removeprefix("v").removesuffix("+incompatible")
    url = f"{_place(project)}/@v/{re.sub(r'[A-Z]', lambda m: f'!{m[0].lower()}', tag)}.zip"
    filename = f"{project.name.rpartition('/')[2]}-{version}.zip"
    return Announcement(
        version, tag, read_moment(moment), (Artefact(url, filename),), prerelease="-" in version.partition("+")[0]
    )
