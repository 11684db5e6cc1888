"""Repositories on GitHub, asked a hundred at a time through GraphQL; needs a token, which the door adds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from headrace.upstream.ask import nonsense, read_document, read_moment, read_objects, read_word, require_name
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, UpstreamError, Validator
from headrace.upstream.reading_tags import OWNED, Row, git_artefact, row
from headrace.words import Message, Text

MOST_IN_BATCH = 100
"""How many repositories one question may name."""

_FIELDS = """{isArchived nameWithOwner url
 refs(refPrefix:"refs/tags/",first:40,orderBy:{field:TAG_COMMIT_DATE,direction:DESC}){nodes{name target{__typename oid
  ...on Commit{committedDate}...on Tag{tagger{date}target{oid}}}}}
 releases(first:20,orderBy:{field:CREATED_AT,direction:DESC}){nodes{tagName isPrerelease isDraft publishedAt}}}"""


class GitHubGraphQl:
    """The source `github-graphql`. `Project.name` is `owner/repository`, `Project.address` the server of the API."""

    name = "github-graphql"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for one repository. Raises UpstreamError for a name that no repository can have."""
        return ask_many([project])

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:  # noqa: ARG002 - the family's shape
        """The newest tags with commits and dates; releases tell which of them are pre-releases."""
        said = read_many([project], reply)[0]
        if isinstance(said, UpstreamError):
            raise said
        return said


def ask_many(projects: Sequence[Project]) -> Request:
    """One question for up to `MOST_IN_BATCH` repositories of one server. Raises UpstreamError for a bad name."""
    if not 1 <= len(projects) <= MOST_IN_BATCH:
        raise UpstreamError(f"a batch names 1 to {MOST_IN_BATCH} repositories", f"it has {len(projects)}")
    parts = []
    for place, project in enumerate(projects):
        owner, _, name = require_name(project, OWNED, "a repository (owner/name)").partition("/")
        parts.append(f'r{place}:repository(owner:"{owner}",name:"{name}"){_FIELDS}')
    body = json.dumps({"query": f"{{{' '.join(parts)}}}"}).encode()
    return Request(f"{projects[0].address}/graphql", "POST", (("Content-Type", "application/json"),), body)


def read_many(projects: Sequence[Project], reply: Reply) -> list[Answer | UpstreamError]:
    """What the reply says about each project, in their order. Raises UpstreamError when it answers for none."""
    data = read_document(projects[0], reply).get("data")
    if not isinstance(data, dict):
        raise nonsense(projects[0], "it holds no data")
    return [_one(project, data.get(f"r{place}")) for place, project in enumerate(projects)]


def _one(project: Project, entry: object) -> Answer | UpstreamError:
    if entry is None:
        return UpstreamError(
            f"{project.name} is gone from {project.source}", "no such repository", "correct the name in the yaml"
        )
    try:
        if not isinstance(entry, dict):
            raise nonsense(project, "a repository is no object")
        return _answer(project, entry)
    except UpstreamError as error:
        return error


def _nodes(project: Project, entry: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    part = entry.get(key)
    return read_objects(project, part.get("nodes") if isinstance(part, dict) else None, key)


def _answer(project: Project, entry: dict[str, Any]) -> Answer:
    releases = {
        read_word(project, one.get("tagName"), "a tag"): one
        for one in _nodes(project, entry, "releases")
        if not one.get("isDraft")
    }
    rows = [_row(project, node) for node in _nodes(project, entry, "refs")]
    named = read_word(project, entry.get("nameWithOwner"), "the repository's name")
    repository = read_word(project, entry.get("url"), "the repository's address")
    return Answer(tuple(_announce(project, one, releases, repository) for one in rows), _notes(project, entry, named))


def _row(project: Project, node: dict[str, Any]) -> Row:
    target = node.get("target")
    if not isinstance(target, dict):
        raise nonsense(project, "a tag names nothing")
    inner, tagger = target.get("target"), target.get("tagger")
    commit = inner.get("oid") if isinstance(inner, dict) else target.get("oid")
    day = tagger.get("date") if isinstance(tagger, dict) else target.get("committedDate")
    return row(project, node.get("name"), commit, day)


def _announce(project: Project, one: Row, releases: Mapping[str, dict[str, Any]], repository: str) -> Announcement:
    tag, commit, day = one
    version = tag.removeprefix(project.tag_prefix) or tag
    release = releases.get(tag)
    released = read_moment(release.get("publishedAt")) if release else None
    early = release.get("isPrerelease") if release else None
    return Announcement(
        version,
        tag,
        released or read_moment(day),
        git_artefact(repository, version),
        prerelease=early if isinstance(early, bool) else None,
        commit=commit,
    )


def _notes(project: Project, entry: dict[str, Any], named: str) -> tuple[Text, ...]:
    notes = []
    if entry.get("isArchived") is True:
        notes.append(Message("The repository is archived"))
    if named.lower() != project.name.lower():
        notes.append(Message("The repository has moved to {name}", name=named))
    return tuple(notes)
