"""Bare git repositories over smart HTTP, for reading only: `git fetch` and `git clone` work, nothing else does."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from headrace.outside.git_http import GitHttpError, GitQuestion, ask

_PATH = re.compile(r"/(?P<name>[A-Za-z0-9][A-Za-z0-9._+-]{0,127})\.git/(?P<service>info/refs|git-upload-pack)\Z")
_TYPE = "application/x-git-upload-pack-request"
MAX_BODY = 8 * 1024 * 1024
"""Bytes of what a client may send: the list of what it wants and has."""


class Repositories:
    """ASGI application over a directory of `<name>.git`; mount it, or run it alone.

    `seconds` bounds one request, `at_once` how many programs run at the same time (others wait).
    """

    def __init__(self, root: Path, *, seconds: float = 600.0, at_once: int = 8) -> None:
        self._root = root
        self._seconds = seconds
        self._gate = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of a git client."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        refusal = self._refusal(request)
        if refusal:
            await refusal(scope, receive, send)
            return
        with contextlib.suppress(TimeoutError):
            async with self._gate, asyncio.timeout(self._seconds):
                await self._answer(request, send)

    def _path(self, scope: Scope) -> str:
        path: str = scope["path"]
        return path.removeprefix(scope.get("root_path", ""))

    def _repository(self, scope: Scope) -> tuple[Path, str] | None:
        """The repository's directory and the service, None for every path that is not exactly one of ours."""
        match = _PATH.match(self._path(scope))
        if not match or ".." in match["name"]:
            return None
        directory = self._root / f"{match['name']}.git"
        if not directory.is_dir() or directory.resolve().parent != self._root.resolve():
            return None
        return directory.resolve(), match["service"]

    def _refusal(self, request: Request) -> PlainTextResponse | None:
        found = self._repository(request.scope)
        if found is None:
            return PlainTextResponse("There is no such repository.\n", 404)
        if found[1] == "info/refs":
            asked = (
                parse_qs(request.url.query, max_num_fields=10).get("service") if len(request.url.query) < 200 else None
            )
            allowed = request.method == "GET" and asked == ["git-upload-pack"]
        else:
            allowed = request.method == "POST" and request.headers.get("content-type") == _TYPE
        return None if allowed else PlainTextResponse("These repositories can be fetched from, and no more.\n", 403)

    async def _answer(self, request: Request, send: Send) -> None:
        found = self._repository(request.scope)
        body = await _body(request)
        if found is None or body is None:
            await PlainTextResponse("The request is too large.\n", 413)(request.scope, request.receive, send)
            return
        question = _question(request.headers, found, request.method, body)
        try:
            reply = await ask(question, self._seconds)
        except GitHttpError:
            await PlainTextResponse("The repository cannot be read now.\n", 503)(request.scope, request.receive, send)
            return
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        async with contextlib.aclosing(reply.body) as chunks:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                if await request.is_disconnected():
                    return
        await send({"type": "http.response.body", "body": b""})


def _question(headers: Headers, found: tuple[Path, str], method: str, body: bytes) -> GitQuestion:
    repository, service = found
    return GitQuestion(
        repository, service, method,
        query="service=git-upload-pack" if service == "info/refs" else "",
        content_type=headers.get("content-type", "") if method == "POST" else "",
        content_encoding=headers.get("content-encoding", ""),
        protocol=headers.get("git-protocol", ""),
        body=body,
    )  # fmt: skip


async def _body(request: Request) -> bytes | None:
    """The body, None when it is too large or the client went away."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MAX_BODY:
                return None
            parts.append(part)
    except ClientDisconnect:
        return None
    return b"".join(parts)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
