"""Projects on SourceForge, asked through the feed of their files."""

from __future__ import annotations

import re

from headrace.upstream.ask import is_unmodified, nonsense, read_address, read_digest, read_mail_date, require_name
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, Validator
from headrace.upstream.reading_files import File, announce_files
from headrace.upstream.reading_xml import MOST_BYTES, Entry, child, name_of, read_feed
from headrace.words import Message

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:/[A-Za-z0-9][A-Za-z0-9._+-]{0,99}){0,5}")


class SourceForge:
    """The source `sourceforge`. `Project.name` is the project, or `project/folder` for one of several products.

    Option `files`: how the archives' names begin, where it is not the last part of the project's name.
    """

    name = "sourceforge"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the feed. Raises UpstreamError for a name that no project can have."""
        name, _, folder = require_name(project, _NAME, "a SourceForge project").partition("/")
        return Request(f"{project.address}/projects/{name}/rss?path=/{folder}", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version that has an archive in the feed; the feed holds the newest files only."""
        if is_unmodified(reply, validator):
            return Unchanged()
        files = [_file(project, reply, entry) for entry in read_feed(project, reply)]
        begin = project.options.get("files") or project.name.rpartition("/")[2]
        return Answer(announce_files(project, files, begin), (Message("The feed of files lists the newest ones only"),))


def _file(project: Project, reply: Reply, entry: Entry) -> File:
    name = entry.title.rpartition("/")[2]
    if not name.isprintable() or not 1 <= len(name) <= 255:
        raise nonsense(project, "a file's name is not a short readable text")
    content = child(entry.element, "content")
    digests = {}
    size = content.get("fileSize", "") if content is not None else ""
    for hashed in content if content is not None else ():
        algorithm = hashed.get("algo", "")
        if name_of(hashed) == "hash" and algorithm in {"md5", "sha1", "sha256"}:
            digests[algorithm] = read_digest(project, algorithm, (hashed.text or "").strip())
    url = read_address(project, reply.request.url, entry.link)
    return File(
        name, url, read_mail_date(entry.moment), int(size) if size.isdigit() and len(size) < 16 else None, digests
    )
