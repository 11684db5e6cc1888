"""Packages for TeX, asked through CTAN's API; it tells the newest version only."""

from __future__ import annotations

import re

from headrace.upstream.ask import is_unmodified, nonsense, read_document, read_moment, read_word, require_name
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, Validator
from headrace.words import Message

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}")


class Ctan:
    """The source `ctan`. `Project.name` is the package's id, `Project.address` the site."""

    name = "ctan"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the package. Raises UpstreamError for a name that no package can have."""
        return Request(f"{project.address}/json/2.0/pkg/{require_name(project, _NAME, 'a CTAN package')}")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The newest version; packages without a number have the day of their version instead."""
        if is_unmodified(reply, validator):
            return Unchanged()
        document = read_document(project, reply)
        version = document.get("version")
        if document.get("id") != project.name or not isinstance(version, dict):
            raise nonsense(project, "it is about another package")
        date = version.get("date")
        word = read_word(project, version.get("number") or date, "the version")
        return Answer((Announcement(word, word, read_moment(date)),), (Message("CTAN tells the newest version only"),))
