"""Any page, searched with a pattern that the package's yaml gives."""

from __future__ import annotations

from headrace.upstream.ask import MOST_VERSIONS, is_unmodified, nonsense, read_word
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, UpstreamError, Validator
from headrace.upstream.reading_pages import read_page
from headrace.upstream.reading_patterns import Pattern, compile_pattern

_MOST_BYTES = 2 * 1024**2


class Page:
    """The source `page`. `Project.address` is the page; `Project.name` is only shown.

    Option `pattern`: a regular expression of the small language of `reading_patterns`, whose group captures the version.
    It is searched in every line of the page by itself.
    """

    name = "page"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the page. Raises UpstreamError when there is no pattern, or one that cannot be used."""
        _pattern(project)
        return Request(project.address, max_bytes=_MOST_BYTES)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """Every version that the pattern captures; a page without a match is an error, for the page may have changed."""
        if is_unmodified(reply, validator):
            return Unchanged()
        found = dict.fromkeys(_pattern(project).find(read_page(project, reply).splitlines()))
        if not 1 <= len(found) <= MOST_VERSIONS:
            raise nonsense(project, "the pattern finds no version on the page")
        return Answer(tuple(_announce(project, read_word(project, one, "a version")) for one in found))


def _pattern(project: Project) -> Pattern:
    text = project.options.get("pattern", "")
    if not text:
        raise UpstreamError(
            f"{project.name} cannot be watched", "a page needs a pattern", "add pattern to the package's yaml"
        )
    return compile_pattern(text)


def _announce(project: Project, tag: str) -> Announcement:
    return Announcement(tag.removeprefix(project.tag_prefix) or tag, tag)
