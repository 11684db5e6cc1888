"""Extensions of PHP, asked through the list of releases that PECL's channel keeps."""

from __future__ import annotations

import re

from headrace.upstream.ask import is_unmodified, nonsense, read_word, require_name
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_xml import MOST_BYTES, children, read_tree, text_of

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.]{0,63}")


class Pecl:
    """The source `pecl`. `Project.name` is the extension, `Project.address` the channel."""

    name = "pecl"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for all releases. Raises UpstreamError for a name that no extension can have."""
        name = require_name(project, _NAME, "a PECL extension").lower()
        return Request(f"{project.address}/rest/r/{name}/allreleases.xml", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every release; what its author does not call stable is a pre-release."""
        if is_unmodified(reply, validator):
            return Unchanged()
        tree = read_tree(project, reply, "a")
        if text_of(tree, "p").lower() != project.name.lower():
            raise nonsense(project, "it is about another extension")
        found = []
        for release in children(tree, "r"):
            version = read_word(project, text_of(release, "v"), "a version")
            if not _VERSION.fullmatch(version):
                raise nonsense(project, "a version is none of an extension")
            filename = f"{text_of(tree, 'p')}-{version}.tgz"
            artefact = Artefact(f"{project.address}/get/{filename}", filename)
            early = text_of(release, "s") != "stable"
            found.append(Announcement(version, version, artefacts=(artefact,), prerelease=early))
        return Answer(tuple(found))
