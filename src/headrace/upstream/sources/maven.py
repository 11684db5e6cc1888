"""Java artifacts, asked through the metadata of a Maven repository."""

from __future__ import annotations

import re

from headrace.upstream.ask import MOST_VERSIONS, is_unmodified, nonsense, read_word, require_name
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_xml import MOST_BYTES, child, children, read_tree, text_of

_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){0,15}:[A-Za-z0-9._-]{1,128}")


class MavenRepository:
    """The source `maven`. `Project.name` is `group:artifact`, `Project.address` the repository.

    The metadata names versions only: whether an artifact comes with its sources is not said, so no file is named.
    """

    name = "maven"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the artifact's metadata. Raises UpstreamError for a name that is not `group:artifact`."""
        group, _, artifact = require_name(project, _NAME, "a Maven artifact (group:artifact)").partition(":")
        return Request(
            f"{project.address}/{group.replace('.', '/')}/{artifact}/maven-metadata.xml", max_bytes=MOST_BYTES
        )

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version of the metadata; snapshots count as pre-releases."""
        if is_unmodified(reply, validator):
            return Unchanged()
        tree = read_tree(project, reply, "metadata")
        named = f"{text_of(tree, 'groupId')}:{text_of(tree, 'artifactId')}"
        if named != project.name:
            raise nonsense(project, "it is about another artifact")
        versions = child(tree, "versioning", "versions")
        words = [one.text for one in children(versions, "version")] if versions is not None else []
        if not words or len(words) > MOST_VERSIONS:
            raise nonsense(project, "it lists no versions")
        return Answer(tuple(_announce(read_word(project, word, "a version")) for word in words))


def _announce(version: str) -> Announcement:
    return Announcement(version, version, prerelease=True if version.endswith("-SNAPSHOT") else None)
