"""Folders of releases on any web server, asked through their listing; folders named after versions are read, too."""

from __future__ import annotations

from datetime import datetime

from headrace.upstream.ask import is_unmodified, nonsense
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, UpstreamError, Validator
from headrace.upstream.reading_files import announce_files
from headrace.upstream.reading_pages import MOST_BYTES, read_folders, read_listing


class Folder:
    """The source `folder`. `Project.address` is the folder, `Project.name` how the archives' names begin.

    Option `folders` set to `yes`: the folder holds one folder for each version, named after it.
    """

    name = "folder"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the folder's listing."""
        return Request(f"{project.address}/", max_bytes=MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version that has an archive or a folder of its own."""
        if is_unmodified(reply, validator):
            return Unchanged()
        if project.options.get("folders") != "yes":
            return Answer(announce_files(project, read_listing(project, reply)))
        found = [_announce(project, name, moment) for name, moment in read_folders(project, reply)]
        numbered = tuple(one for one in found if any(sign.isdigit() for sign in one.version))
        if not numbered:
            raise nonsense(project, "it lists no folder named after a version")
        return Answer(numbered)


def _announce(project: Project, name: str, moment: datetime | None) -> Announcement:
    if len(name) > 255 or not name.isprintable():
        raise UpstreamError(f"{project.name}'s folder cannot be read", "a name in it is not a short readable text")
    return Announcement(name.removeprefix(project.tag_prefix) or name, name, moment)
