"""Folders of FTP servers, asked through the web address that mirrors and gateways give them."""

from __future__ import annotations

from urllib.parse import urlsplit

from headrace.upstream.ask import is_unmodified
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, UpstreamError, Validator
from headrace.upstream.reading_files import announce_files
from headrace.upstream.reading_pages import MOST_BYTES, read_listing


class FtpFolder:
    """The source `ftp`. `Project.address` is the folder's web address, `Project.name` how the archives' names begin.

    Both pages with links and the long form of listings that FTP servers send (`-rw-r--r-- ...`) are understood.
    """

    name = "ftp"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the folder's listing. Raises UpstreamError for an address that only FTP reaches."""
        if urlsplit(project.address).scheme not in {"http", "https"}:
            raise UpstreamError(
                f"{project.name} cannot be watched", "its folder is reached by FTP only", "name a mirror's web address"
            )
        return Request(f"{project.address}/", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version that has an archive in the folder."""
        if is_unmodified(reply, validator):
            return Unchanged()
        return Answer(announce_files(project, read_listing(project, reply)))
