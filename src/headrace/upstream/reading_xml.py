"""XML from strangers: parsed only when it defines nothing of its own, and read without its namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from headrace.upstream.ask import nonsense, require_success
from headrace.upstream.model import Project, Reply

MOST_BYTES = 32 * 1024**2
"""The largest XML document that is parsed whole."""

_DEFINITION = re.compile(r"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)", re.IGNORECASE)

Element = ET.Element


def read_tree(project: Project, reply: Reply, root: str, statuses: tuple[int, ...] = ()) -> Element:
    """The document whose outermost element is `root`. Raises UpstreamError for anything else, definitions included.

    Replies with one of `statuses` count as successes, too.
    """
    if reply.status not in statuses:
        require_success(project, reply)
    return parse_tree(project, reply.body, root)


def parse_tree(project: Project, body: bytes, root: str) -> Element:
    """As `read_tree`, for a document that came packed in a reply."""
    # Decoded here: an encoding of the document's own choice could hide a definition from the search below.
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    if len(body) > MOST_BYTES or _DEFINITION.search(text):
        raise nonsense(project, "it is XML that is too long or defines entities")
    try:
        tree = ET.fromstring(text)  # noqa: S314 - nothing that expands is left in it
    except (ET.ParseError, ValueError):
        raise nonsense(project, "it is not XML") from None
    if name_of(tree) != root:
        raise nonsense(project, f"it is XML, but no {root}")
    return tree


def name_of(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """The element's direct children of that name, whatever their namespace."""
    return (child for child in element if name_of(child) == name)


def child(element: Element | None, *path: str) -> Element | None:
    """The first element along a path of names, or None."""
    for name in path:
        element = next(children(element, name), None) if element is not None else None
    return element


def text_of(element: Element | None, *path: str) -> str:
    """The stripped text at the end of a path of names; "" when there is none."""
    found = child(element, *path)
    return (found.text or "").strip() if found is not None else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed, Atom or RSS: its texts as they are, "" for what it does not say."""

    title: str
    link: str
    identity: str
    moment: str
    element: Element


def read_feed(project: Project, reply: Reply) -> list[Entry]:
    """The entries of an Atom or RSS feed. Raises UpstreamError for anything else."""
    require_success(project, reply)
    kind = "rss" if b"<rss" in reply.body[:4096] else "feed"
    tree = parse_tree(project, reply.body, kind)
    if kind == "rss":
        channel = child(tree, "channel")
        if channel is None:
            raise nonsense(project, "it is a feed without a channel")
        return [
            Entry(text_of(e, "title"), text_of(e, "link"), text_of(e, "guid"), text_of(e, "pubDate"), e)
            for e in children(channel, "item")
        ]
    return [
        Entry(text_of(e, "title"), _linked(e), text_of(e, "id"), text_of(e, "published") or text_of(e, "updated"), e)
        for e in children(tree, "entry")
    ]


def _linked(entry: Element) -> str:
    links = [one for one in children(entry, "link") if one.get("rel", "alternate") == "alternate"]
    return links[0].get("href", "") if links else ""
