"""Any JSON document, read along a path that the package's yaml gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from headrace.upstream.ask import MOST_VERSIONS, is_unmodified, nonsense, read_json, read_word
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, UpstreamError, Validator

_PATH = re.compile(r"[^.\[\]\s]{1,100}(?:\.[^.\[\]\s]{1,100}){0,15}")


class JsonPath:
    """The source `json`. `Project.address` is the document; `Project.name` is only shown.

    Option `path`: names and numbers with dots between (`releases.*.version`); `*` is every member, `@` every member's name.
    """

    name = "json"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the document. Raises UpstreamError when there is no path, or one that cannot be followed."""
        _path(project)
        return Request(project.address, headers=(("Accept", "application/json"),))

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every text at the end of the path; none is an error, for the document may have changed."""
        if is_unmodified(reply, validator):
            return Unchanged()
        places: list[Any] = [read_json(project, reply)]
        for name in _path(project):
            places = [inner for place in places for inner in _inside(place, name)]
            if len(places) > MOST_VERSIONS:
                raise nonsense(project, f"its path leads to more than {MOST_VERSIONS} places")
        words = dict.fromkeys(read_word(project, place, "a version") for place in places)
        if not words:
            raise nonsense(project, "its path leads nowhere")
        return Answer(tuple(Announcement(one.removeprefix(project.tag_prefix) or one, one) for one in words))


def _path(project: Project) -> list[str]:
    text = project.options.get("path", "")
    if not _PATH.fullmatch(text):
        raise UpstreamError(
            f"{project.name} cannot be watched",
            "a JSON document needs a path such as a.*.b",
            "add path to the package's yaml",
        )
    return text.split(".")


def _inside(place: Any, name: str) -> Iterator[Any]:
    if name == "*" and isinstance(place, dict | list):
        yield from place.values() if isinstance(place, dict) else place
    elif name == "@" and isinstance(place, dict):
        yield from place
    elif isinstance(place, dict) and name in place:
        yield place[name]
    elif isinstance(place, list) and re.fullmatch(r"[0-9]{1,6}", name) and int(name) < len(place):
        yield place[int(name)]
