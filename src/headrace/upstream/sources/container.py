"""Container registries, asked for an image's tags; a registry that wants a token gives one to everybody."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from headrace.upstream.ask import (
    is_unmodified,
    nonsense,
    read_address,
    read_document,
    read_words,
    require_name,
    require_success,
)
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, UpstreamError, Validator
from headrace.upstream.reading_tags import next_link, row, turn

_NAME = re.compile(r"[a-z0-9]+(?:[._-]{1,2}[a-z0-9]+){0,20}(?:/[a-z0-9]+(?:[._-]{1,2}[a-z0-9]+){0,20}){0,8}")
_CHALLENGE = re.compile(r'(realm|service|scope)="([^"]{1,1000})"')
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}")


class ContainerRegistry:
    """The source `container`. `Project.name` is the image's repository, `Project.address` the registry."""

    name = "container"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the tags. Raises UpstreamError for a name that no image can have."""
        return Request(f"{project.address}/v2/{require_name(project, _NAME, 'an image')}/tags/list?n=1000")

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The question for a token, the next page, or every tag."""
        if is_unmodified(reply, validator):
            return Unchanged()
        if reply.status == 401 and not reply.request.headers:
            return _ask_token(project, reply)
        if reply.request.step == "token":
            document = read_document(project, reply)
            token = document.get("token") or document.get("access_token")
            if not isinstance(token, str) or not _TOKEN.fullmatch(token):
                raise nonsense(project, "it gives no token")
            request = self.ask(project, None)
            return Request(request.url, headers=(("Authorization", f"Bearer {token}"),), step="page 1")
        require_success(project, reply)
        document = read_document(project, reply)
        if document.get("name") != project.name:
            raise nonsense(project, "it is about another image")
        rows = [row(project, tag) for tag in read_words(project, document.get("tags"), "tags")]
        return turn(project, reply, rows, next_link(project, reply), validator, "")


def _ask_token(project: Project, reply: Reply) -> Request:
    header = reply.headers.get("www-authenticate", "")[:4096]
    said = dict(_CHALLENGE.findall(header))
    if not header.lower().startswith("bearer ") or "realm" not in said:
        raise UpstreamError(
            f"{project.source} does not let us ask about {project.name}",
            "the answer is 401 and offers no token",
            "check the configured credentials",
        )
    realm = read_address(project, reply.request.url, said.pop("realm"))
    # What is asked for is ours to say: the right to read this one image.
    query = {"service": said.get("service", ""), "scope": f"repository:{project.name}:pull"}
    return Request(f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}", max_bytes=1024**2, step="token")
