"""Tags as forges list them: pages that are turned a bounded number of times, then announcements with their commits."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from headrace.upstream.ask import MOST_VERSIONS, nonsense, read_moment
from headrace.upstream.model import Announcement, Answer, Artefact, Project, Reply, Request, Unchanged, Validator
from headrace.words import Message

MOST_PAGES = 10
"""How many pages of one list are asked for; the watch job allows a dialogue twelve questions."""

_LONGEST_TAG = 255
_LONGEST_LINK = 8192
_COMMIT = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")
_LINK = re.compile(r"<([^<>]{1,2048})>([^<>]{0,500})")
_NEXT = re.compile(r";\s*rel=\"?next\"?")

Row = tuple[str, str, str]
"""One tag as it travels from page to page: its name, its commit ("" when not said), its moment (ISO 8601 or "")."""


def row(project: Project, name: object, commit: object = "", moment: object = "") -> Row:
    """One tag. Raises UpstreamError for a name that no tag has and for a commit that is none."""
    if not isinstance(name, str) or not name or len(name) > _LONGEST_TAG or not name.isprintable():
        raise nonsense(project, "a tag is not a short readable text")
    if commit and not (isinstance(commit, str) and _COMMIT.fullmatch(commit)):
        raise nonsense(project, "a tag names no commit")
    read = read_moment(moment)
    return name, commit if isinstance(commit, str) else "", read.isoformat() if read is not None else ""


def next_link(project: Project, reply: Reply) -> str:
    """The address of the next page as the reply's Link header names it; "" for the last page."""
    header = reply.headers.get("link", "")[:_LONGEST_LINK]
    found = next((m[1] for m in _LINK.finditer(header) if _NEXT.search(m[2])), "")
    return on_same_server(project, reply, found) if found else ""


def on_same_server(project: Project, reply: Reply, link: str) -> str:
    """`link` as an absolute address on the server that replied. Raises UpstreamError when it leads elsewhere."""
    try:
        address = urljoin(reply.request.url, link)
        here, there = urlsplit(reply.request.url), urlsplit(address)
    except ValueError:
        raise nonsense(project, "its next page has no address") from None
    if (here.scheme, here.netloc) != (there.scheme, there.netloc) or not address.isprintable() or " " in address:
        raise nonsense(project, "its next page lies on another server")
    return address


def turn(
    project: Project, reply: Reply, rows: Sequence[Row], following: str, validator: Validator | None, repository: str
) -> Answer | Request | Unchanged:
    """The next page to ask for, or the answer of all pages.

    `following` is the next page's address ("" for none). A first page that is equal to the remembered one proves that
    nothing changed: lists begin with the newest tag. A list that goes on beyond `MOST_PAGES` is told in a note.
    """
    page, seen, before = _recall(reply.request)
    if page == 1:
        seen = _digest(project, rows)
        if validator is not None and validator.extra == seen:
            return Unchanged()
    known = set(before)
    fresh = [one for one in rows if one not in known]
    collected = [*before, *fresh]
    if following and fresh and page < MOST_PAGES:
        memory = json.dumps([page + 1, seen, collected])
        return replace(reply.request, url=following, step=f"page {page + 1}", memory=memory)
    notes = (
        (Message("Only the {count} newest tags were asked for", count=len(collected)),) if following and fresh else ()
    )
    return Answer(announce(project, collected, repository), notes, seen)


def _recall(request: Request) -> tuple[int, str, list[Row]]:
    if not request.memory:
        return 1, "", []
    page, seen, rows = json.loads(request.memory)
    return page, seen, [(tag, commit, moment) for tag, commit, moment in rows]


def announce(project: Project, rows: Iterable[Row], repository: str = "") -> tuple[Announcement, ...]:
    """One announcement for each tag; a repository's address makes each one something that git can fetch."""
    tags: dict[str, Announcement] = {}
    for tag, commit, moment in rows:
        version = tag.removeprefix(project.tag_prefix) or tag
        tags.setdefault(
            tag, Announcement(version, tag, _moment(moment), git_artefact(repository, version), commit=commit)
        )
    if len(tags) > MOST_VERSIONS:
        raise nonsense(project, f"it has more than {MOST_VERSIONS} tags")
    return tuple(tags.values())


def git_artefact(repository: str, version: str) -> tuple[Artefact, ...]:
    """The archive that can be made from a version's tag in a repository; nothing when there is no repository."""
    if not repository:
        return ()
    short = repository.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return (Artefact(repository, f"{short}-{version.replace('/', '-')}.tar.gz", kind="git"),)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _digest(project: Project, rows: Sequence[Row]) -> str:
    # The prefix shapes the answer, so a changed one makes the remembered answer stale.
    return hashlib.sha256(json.dumps([project.tag_prefix, rows]).encode()).hexdigest()


def next_number(reply: Reply, count: int, per_page: int) -> str:
    """The next page's address where pages have numbers and no links; "" after a page that is not full."""
    base, _, number = reply.request.url.rpartition("page=")
    return f"{base}page={int(number) + 1}" if base and number.isdigit() and count >= per_page else ""


OWNED = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}/[A-Za-z0-9_.-]{1,100}")
"""A repository's name on forges where it is an owner and a name."""
