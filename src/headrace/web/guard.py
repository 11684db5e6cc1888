"""The gate before every page: whose name the browser called, where a form came from, how much it may send, and the headers."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_FORM = 64 * 1024
"""Bytes of a form."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class _TooLargeError(Exception):
    pass


def host_of(header: str) -> str:
    """The name in a Host header, without the port, in lower case; "" when it is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "") if header and "@" not in header and "/" not in header else ""
    except ValueError:
        return ""


class Guard:
    """ASGI middleware. `open_prefixes` are paths of programs (git), which send no Origin and carry no cookie."""

    def __init__(
        self, app: ASGIApp, *, allowed_hosts: Sequence[str], open_prefixes: Sequence[str] = ("/git/",)
    ) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self._open = tuple(open_prefixes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it before any page sees it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    found.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal:
            await refusal(scope, receive, guarded)
            return
        if scope["path"].startswith(self._open):
            await self._app(scope, receive, guarded)
            return
        try:
            await self._app(scope, _limited(receive), guarded)
        except _TooLargeError:
            await PlainTextResponse("The form is too large.\n", 413)(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if host_of(host) not in self._hosts:
            return PlainTextResponse("This server is not known by that name.\n", 421)
        if scope["method"] in _SAFE or scope["path"].startswith(self._open):
            return None
        origin = headers.get("origin")
        if origin is None or urlsplit(origin).netloc.lower() != host.lower():
            return PlainTextResponse("A form must come from this server's own pages.\n", 403)
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return PlainTextResponse("A form must come from this server's own pages.\n", 403)
        return None


def _limited(receive: Receive) -> Receive:
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_FORM:
            raise _TooLargeError
        return message

    return limited
