"""Ruby gems, asked through the compact index: one text for each gem, one line for each version that is not yanked."""

from __future__ import annotations

import re

from headrace.upstream.ask import (
    MOST_VERSIONS,
    is_unmodified,
    nonsense,
    read_digest,
    read_moment,
    read_text,
    read_word,
    require_name,
)
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator

_NAME = re.compile(r"[A-Za-z0-9._-]{1,128}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.]{0,127}")


class CompactIndex:
    """The source `rubygems`. `Project.name` is the gem, `Project.address` the gem server."""

    name = "rubygems"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the gem's text. Raises UpstreamError for a name that no gem can have."""
        return Request(f"{project.address}/info/{require_name(project, _NAME, 'a Ruby gem')}")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version that has a gem for any platform; gems for one platform only are passed over."""
        if is_unmodified(reply, validator):
            return Unchanged()
        begin, _, rest = read_text(project, reply).partition("---")
        lines = [line for line in rest.splitlines() if line.strip()]
        if begin.strip() or not rest or len(lines) > MOST_VERSIONS:
            raise nonsense(project, "it is no text of a compact index")
        found = [_announce(project, line) for line in lines]
        return Answer(tuple(one for one in found if one is not None))


def _announce(project: Project, line: str) -> Announcement | None:
    named, _, rest = line.partition(" ")
    version = read_word(project, named, "a version")
    if "-" in version:
        return None
    if not _VERSION.fullmatch(version):
        raise nonsense(project, "a version is none of a gem")
    facts = dict(fact.partition(":")[::2] for fact in rest.rpartition("|")[2].split(","))
    filename = f"{project.name}-{version}.gem"
    digests = {"sha256": read_digest(project, "sha256", facts["checksum"])} if "checksum" in facts else {}
    return Announcement(
        version,
        version,
        read_moment(facts.get("created_at", "")),
        (Artefact(f"{project.address}/gems/{filename}", filename, digests),),
        # A letter makes a gem's version a pre-release.
        prerelease=any(sign.isalpha() for sign in version),
    )
