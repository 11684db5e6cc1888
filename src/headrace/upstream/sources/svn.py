"""Subversion repositories over WebDAV: the folders in `tags`, with their revisions and days."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from headrace.upstream.ask import nonsense, read_mail_date, read_moment
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, UpstreamError, Validator
from headrace.upstream.reading_pages import MOST_BYTES, read_folders
from headrace.upstream.reading_xml import Element, child, children, read_tree, text_of

_QUESTION = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><creationdate/><getlastmodified/><resourcetype/>'
    b"</prop></propfind>"
)
_REFUSALS = (405, 501)


class Subversion:
    """The source `svn`. `Project.address` is the folder of tags; `Project.name` is only shown."""

    name = "svn"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the folder's members. Raises UpstreamError for an address that HTTP does not reach."""
        if urlsplit(project.address).scheme not in {"http", "https"}:
            raise UpstreamError(
                f"{project.name} cannot be watched",
                "its repository is not reached over HTTP",
                "name an http or https URL",
            )
        headers = (("Depth", "1"), ("Content-Type", "application/xml"))
        return Request(f"{project.address}/", "PROPFIND", headers, _QUESTION, MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:  # noqa: ARG002 - the family's shape
        """Every folder with its day; a server that does not speak WebDAV is asked for its page."""
        if reply.request.step:
            names = read_folders(project, reply)
            if not names:
                raise nonsense(project, "its page lists no folder")
            return Answer(tuple(Announcement(_version(project, name), name, moment) for name, moment in names))
        if reply.status in _REFUSALS:
            return Request(reply.request.url, max_bytes=MOST_BYTES, step="page")
        tree = read_tree(project, reply, "multistatus", (207,))
        here = urlsplit(reply.request.url).path.rstrip("/")
        found = [_announce(project, member, here) for member in children(tree, "response")]
        return Answer(tuple(one for one in found if one is not None))


def _announce(project: Project, member: Element, here: str) -> Announcement | None:
    path = unquote(urlsplit(text_of(member, "href")).path).rstrip("/")
    folder, _, name = path.rpartition("/")
    prop = child(member, "propstat", "prop")
    if path == unquote(here) or child(prop, "resourcetype", "collection") is None:
        return None
    if folder != unquote(here) or not name.isprintable() or not 1 <= len(name) <= 255:
        raise nonsense(project, "a member lies elsewhere")
    moment = read_moment(text_of(prop, "creationdate")) or read_mail_date(text_of(prop, "getlastmodified"))
    return Announcement(_version(project, name), name, moment)


def _version(project: Project, name: str) -> str:
    return name.removeprefix(project.tag_prefix) or name
