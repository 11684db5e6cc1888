"""Web pages read for what they link to; every search takes time in proportion to the page's length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

from headrace.upstream.ask import nonsense, require_success
from headrace.upstream.model import Project, Reply
from headrace.upstream.reading_files import File

MOST_BYTES = 8 * 1024**2
"""The longest page that is read."""

_MOST_LINKS = 50_000
# No part can run across the next tag, so that unfinished tags cost no more than finished ones.
_HREF = re.compile(
    r"""<a\s[^<>]{0,500}?\bhref\s*=\s*(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})'|([^\s"'<>]{1,2000}))""", re.IGNORECASE
)
_BEHIND = 600
_NUMBERED = re.compile(r"\b(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})")
_NAMED = re.compile(r"\b(\d{2}-[A-Z][a-z]{2}-\d{4})[ T](\d{2}:\d{2})")
_LONG_FORM = re.compile(
    r"-[rwxstST-]{9}[.+]?[ ]+\d+[ ]+\S{1,64}[ ]+\S{1,64}[ ]+(\d{1,16})[ ]+[A-Z][a-z]{2}[ ]+\d{1,2}[ ]+[\d:]{4,5}[ ]+(\S{1,255})"
)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a page: its absolute address, the text after it up to the next link, still in HTML."""

    address: str
    behind: str

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of the address's path, decoded, without empty ones."""
        return tuple(unquote(part) for part in urlsplit(self.address).path.split("/") if part)

    @property
    def is_folder(self) -> bool:
        """Whether the address ends with a slash, as those of folders do in listings."""
        return urlsplit(self.address).path.endswith("/")


def read_page(project: Project, reply: Reply) -> str:
    """The page's text. Raises UpstreamError for an unsuccessful reply and for what is no text."""
    require_success(project, reply)
    text = reply.body[:MOST_BYTES].decode("utf-8", "replace")
    if not text.strip() or "\0" in text:
        raise nonsense(project, "it is no web page")
    return text


def read_links(project: Project, reply: Reply) -> list[Link]:
    """The page's links to HTTP addresses. Raises UpstreamError when there are none."""
    page = read_page(project, reply)
    links = list(_links(reply.request.url, page))
    if not links:
        raise nonsense(project, "it is a page without links")
    return links


def _links(base: str, page: str) -> Iterator[Link]:
    found = []
    for match in _HREF.finditer(page):
        found.append((match.end(), match.start(), match[1] or match[2] or match[3]))
        if len(found) >= _MOST_LINKS:
            break
    for place, (end, _, href) in enumerate(found):
        following = found[place + 1][1] if place + 1 < len(found) else len(page)
        try:
            address = urljoin(base, unescape(href).strip())
            parts = urlsplit(address)
        except ValueError:
            continue
        if parts.scheme in {"http", "https"} and parts.hostname and address.isprintable() and " " not in address:
            host = parts.netloc.rpartition("@")[2]
            yield Link(parts._replace(netloc=host, fragment="").geturl(), page[end : min(following, end + _BEHIND)])


def listed_moment(behind: str) -> datetime | None:
    """When a file was changed, as listings by Apache, nginx and lighttpd write it after the name; None when they do not."""
    for form, pattern in ((_NUMBERED, "%Y-%m-%d %H:%M"), (_NAMED, "%d-%b-%Y %H:%M")):
        match = form.search(behind)
        if match:
            try:
                return datetime.strptime(f"{match[1]} {match[2]}", pattern).replace(tzinfo=UTC)
            except ValueError:
                return None
    return None


def read_listing(project: Project, reply: Reply) -> list[File]:
    """The files that a folder's page lists: as links, or in the long form that FTP servers send."""
    page = read_page(project, reply)
    base = reply.request.url.rstrip("/") + "/"
    long_form = [
        File(m[2], urljoin(base, m[2]), size=int(m[1])) for m in map(_LONG_FORM.fullmatch, page.splitlines()) if m
    ]
    if long_form:
        return [file for file in long_form if "/" not in file.name and file.name.isprintable()]
    links = [link for link in read_links(project, reply) if link.segments and not link.is_folder]
    return [File(link.segments[-1], link.address, listed_moment(link.behind)) for link in links]


def read_folders(project: Project, reply: Reply) -> list[tuple[str, datetime | None]]:
    """The folders directly below the page's own that it links to: their names, and when they were changed."""
    here = urlsplit(reply.request.url).path.rstrip("/").count("/")
    below = [
        link
        for link in read_links(project, reply)
        if link.is_folder and len(link.segments) == here + 1 and link.address.startswith(reply.request.url.rstrip("/"))
    ]
    return [(link.segments[-1], listed_moment(link.behind)) for link in below]
