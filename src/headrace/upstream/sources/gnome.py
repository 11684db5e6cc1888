"""GNOME's modules, asked through the cache that its download server keeps for each of them."""

from __future__ import annotations

import re
from typing import Any

from headrace.upstream.ask import is_unmodified, nonsense, read_json, read_word, require_name
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")
_PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,100}(?:/[A-Za-z0-9][A-Za-z0-9._+-]{0,200}){0,4}")
_KINDS = ("tar.xz", "tar.gz", "tar.bz2")


class Gnome:
    """The source `gnome`. `Project.name` is the module, `Project.address` the download server."""

    name = "gnome"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the module's cache. Raises UpstreamError for a name that no module can have."""
        return Request(f"{project.address}/sources/{require_name(project, _NAME, 'a GNOME module')}/cache.json")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version with its archives and the file that tells their digests."""
        if is_unmodified(reply, validator):
            return Unchanged()
        cache = read_json(project, reply)
        if (
            not isinstance(cache, list)
            or len(cache) < 2
            or not isinstance(cache[0], int)
            or not isinstance(cache[1], dict)
        ):
            raise nonsense(project, "it is no cache of a module")
        versions = cache[1].get(project.name)
        if not isinstance(versions, dict) or not versions:
            raise nonsense(project, "it lists no versions of the module")
        return Answer(tuple(_announce(project, version, files) for version, files in versions.items()))


def _announce(project: Project, named: str, files: Any) -> Announcement:
    version = read_word(project, named, "a version")
    if not isinstance(files, dict):
        raise nonsense(project, f"version {version} names no files")
    base = f"{project.address}/sources/{project.name}"
    artefacts = []
    for kind in (kind for kind in _KINDS if kind in files):
        place = read_word(project, files[kind], "a file's place")
        if not _PLACE.fullmatch(place):
            raise nonsense(project, "a file's place leads elsewhere")
        artefacts.append(Artefact(f"{base}/{place}", place.rpartition("/")[2]))
    return Announcement(version, version, artefacts=tuple(artefacts))
