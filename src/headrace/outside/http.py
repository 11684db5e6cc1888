"""Questions over HTTP, each with a limit on bytes, time, redirects and on where it may lead."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl
import urllib.request
from asyncio import Semaphore
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakValueDictionary

import aiohttp
from yarl import URL

from headrace.outside.addresses import is_inside, is_inside_host, is_this_machine
from headrace.outside.bodies import Body, FileBody, TooManyBytes
from headrace.outside.names import Names
from headrace.outside.trouble import OutsideError, Trouble

__all__ = ["Downloaded", "Outside", "OutsideError", "Response", "Trouble", "endpoint", "shown"]

_AGENT = "headrace"
_CHUNK = 256 * 1024
_REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_REFUSED = "inside address"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. Header names are lower case, repeated ones joined by `, `; `url` is where the redirects ended.

    `body` is decoded (no content encoding) and no longer than the `max_bytes` asked for. Any status comes back as it is.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that lies complete and synced on the disk: its digests as lower-case hex and its size in bytes."""

    sha256: str
    sha512: str
    size: int
    url: str = ""
    """Where the redirects ended."""


@dataclass(frozen=True, slots=True)
class _Question:
    method: str
    url: URL
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def moved(self, status: int, location: str) -> _Question:
        """The question that a redirect leads to. Secrets stay with the origin that they were meant for."""
        try:
            target = _parsed(str(self.url.join(URL(location))))
        except ValueError:
            raise OutsideError(Trouble.BROKEN, shown(str(self.url)), "it redirects to no readable URL") from None
        if self.url.scheme == "https" and target.scheme != "https":
            raise OutsideError(
                Trouble.REFUSED, shown(str(self.url)), f"it redirects from https to plain {shown(str(target))}"
            )
        headers = self.headers
        if target.origin() != self.url.origin():
            headers = tuple((name, value) for name, value in headers if name.lower() not in _SECRET_HEADERS)
        if status == 303 and self.method != "HEAD":
            return _Question("GET", target, headers, b"")
        return replace(self, url=target, headers=headers)


class Outside:
    """The door for HTTP: an asynchronous context manager that shares connections and keeps hosts apart.

    Every address is judged after its name is resolved and at each redirect; inside addresses are refused unless the
    `host:port` of the URL is in `allowed`. At most `per_host` exchanges go on with one host, so that a hanging host
    holds up nobody else. When the environment configures a proxy (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`), the proxy
    resolves the names and must itself enforce what they may lead to; only hosts given as addresses are judged then.
    Certificates are checked against the machine's own bundle (`SSL_CERT_FILE`, `SSL_CERT_DIR` or the system's).
    `credentials` maps `host:port` to `user:password`; they are sent to that end point only.
    """

    def __init__(
        self,
        *,
        allowed: Iterable[str] = (),
        credentials: Mapping[str, str] | None = None,
        per_host: int = 4,
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        self._allowed = frozenset(item.lower() for item in allowed)
        self._credentials = {name.lower(): value for name, value in (credentials or {}).items()}
        self._per_host = per_host
        self._proxies = dict(urllib.request.getproxies_environment() if proxies is None else proxies)
        self._lanes: WeakValueDictionary[str, Semaphore] = WeakValueDictionary()
        self._names: Names | None = None
        self._sessions: dict[tuple[bool, str], aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        """Open the door; nothing is connected yet."""
        self._names = Names()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        sessions, names = tuple(self._sessions.values()), self._names
        self._sessions, self._names = {}, None
        for session in sessions:
            await session.close()
        if names is not None:
            await names.close()

    async def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        max_bytes: int,
        seconds: float,
    ) -> Response:
        """Ask and read the whole reply into memory.

        `max_bytes` bounds the body before and after decompression, `seconds` the whole exchange with its redirects
        (waiting for a free lane to the host not counted). Raises OutsideError with its kind.
        """
        asked = (*headers, ("Accept-Encoding", "gzip, deflate"))

        async def receive(response: aiohttp.ClientResponse) -> Response:
            content = Body(response.headers.get("Content-Encoding", ""), max_bytes)
            if method != "HEAD":
                content.expect(response.content_length)
            async for chunk in response.content.iter_chunked(_CHUNK):
                content.feed(chunk)
            return Response(response.status, _headers(response), content.finish(), _without_user(response.url))

        return await self._follow(_Question(method, _parsed(url), tuple(asked), body), seconds, receive)

    async def download(
        self,
        url: str,
        path: Path,
        *,
        max_bytes: int,
        seconds: float,
        headers: Iterable[tuple[str, str]] = (),
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> Downloaded:
        """Fetch a file as it is served (no decoding) to `path`, which appears only when it is complete and synced.

        The bytes go to a hidden `.part` file beside `path` first; on failure it is removed and `path` is as before.
        `on_progress` is told the bytes so far and the expected total, if known. Any status but 200 is an OutsideError
        of kind STATUS.
        """

        async def receive(response: aiohttp.ClientResponse) -> Downloaded:
            if response.status != 200:
                raise OutsideError(
                    Trouble.STATUS, shown(url), f"it answers with status {response.status}", status=response.status
                )
            with FileBody(path, max_bytes) as content:
                content.expect(response.content_length)
                async for chunk in response.content.iter_chunked(_CHUNK):
                    content.feed(chunk)
                    if on_progress is not None:
                        on_progress(content.size, response.content_length)
                await asyncio.to_thread(content.commit)
                return Downloaded(content.sha256, content.sha512, content.size, _without_user(response.url))

        asked = (*headers, ("Accept-Encoding", "identity"))
        return await self._follow(_Question("GET", _parsed(url), tuple(asked), b""), seconds, receive)

    async def _follow(
        self, question: _Question, seconds: float, receive: Callable[[aiohttp.ClientResponse], Awaitable[T]]
    ) -> T:
        first, left = question.url, seconds
        loop = asyncio.get_running_loop()
        for _ in range(_REDIRECTS + 1):
            lane = self._lanes.setdefault(question.url.host or "", Semaphore(self._per_host))
            async with lane:
                started = loop.time()
                with _told(question.url, seconds):
                    async with asyncio.timeout(left), self._hop(question) as response:
                        location = response.headers.get("Location")
                        if response.status not in _MOVED or location is None:
                            return await receive(response)
                left -= loop.time() - started
            question = question.moved(response.status, location)
        raise OutsideError(Trouble.REDIRECTS, shown(str(first)), f"it redirects more than {_REDIRECTS} times")

    def _hop(self, question: _Question) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        session, proxy = self._route(question.url)
        headers = [("User-Agent", _AGENT), *question.headers]
        known = self._credentials.get(_endpoint(question.url)) if self._credentials else None
        if (
            known is not None
            and question.url.user is None
            and not any(name.lower() == "authorization" for name, _ in headers)
        ):
            headers.append(("Authorization", "Basic " + b64encode(known.encode()).decode()))
        options: dict[str, Any] = {"headers": headers, "data": question.body or None, "proxy": proxy}
        # aiohttp itself asks once more when the connection is cut before the reply and the method may be repeated.
        return session.request(question.method, question.url, allow_redirects=False, **options)

    def _route(self, url: URL) -> tuple[aiohttp.ClientSession, URL | None]:
        host = url.host or ""
        allowed = _endpoint(url) in self._allowed
        if is_inside_host(host) and not allowed:
            raise OutsideError(Trouble.REFUSED, shown(str(url)), f"{host} is an {_REFUSED}")
        proxy = self._proxies.get(url.scheme)
        if proxy and not is_this_machine(host):
            bypass = urllib.request.proxy_bypass_environment(host, self._proxies)  # type: ignore[attr-defined]
            if not bypass:
                return self._session(False, url.scheme), URL(proxy if "://" in proxy else f"http://{proxy}")
        return self._session(not allowed, url.scheme), None

    def _session(self, guarded: bool, scheme: str) -> aiohttp.ClientSession:
        """The session for one kind of address. Reading the machine's certificates takes long: only https needs them."""
        found = self._sessions.get((guarded, scheme))
        if found is None:
            if self._names is None:
                raise RuntimeError("Outside is used as an asynchronous context manager")
            trust = ssl.create_default_context() if scheme == "https" else True
            found = _session(trust, self._names, _guarded_socket if guarded else None)
            self._sessions[guarded, scheme] = found
        return found


def endpoint(url: str) -> str:
    """The `host:port` that a URL leads to, lower case, as `allowed` and `credentials` spell it."""
    return _endpoint(URL(url))


def _endpoint(url: URL) -> str:
    host = url.host or ""
    return f"[{host}]:{url.port}" if ":" in host else f"{host}:{url.port}"


def _without_user(url: URL) -> str:
    return str(url) if url.raw_user is None and url.raw_password is None else str(url.with_user(None))


def shown(url: str) -> str:
    """A URL fit for people's eyes: without user, password, query and fragment."""
    try:
        parsed = URL(url)
        return str(parsed.with_user(None).with_query(None).with_fragment(None)) if parsed.host else "an unreadable URL"
    except ValueError:
        return "an unreadable URL"


def _parsed(url: str) -> URL:
    try:
        parsed = URL(url)
        usable = parsed.scheme in {"http", "https"} and bool(parsed.host) and parsed.port is not None
    except ValueError:
        usable = False
    if not usable or _UNPRINTABLE.search(url):
        raise OutsideError(Trouble.REFUSED, shown(url), "only plain http and https URLs are asked")
    return parsed.with_fragment(None)


def _session(
    trust: ssl.SSLContext | bool,
    names: Names,
    sockets: Callable[[tuple[Any, Any, int, str, Any]], socket.socket] | None,
) -> aiohttp.ClientSession:
    # limit=0: the lanes bound each host; a common limit would let some hanging hosts hold up the others.
    connector = aiohttp.TCPConnector(limit=0, ssl=trust, resolver=names, socket_factory=sockets, ttl_dns_cache=60)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=False,
    )


def _guarded_socket(target: tuple[Any, Any, int, str, Any]) -> socket.socket:
    family, kind, protocol, _, address = target
    if is_inside(str(address[0])):
        raise OSError(errno.EACCES, f"{address[0]} is an {_REFUSED}")
    return socket.socket(family=family, type=kind, proto=protocol)


def _headers(response: aiohttp.ClientResponse) -> Mapping[str, str]:
    joined: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


class _told:  # noqa: N801 - reads as what it does at its one use
    """Turn what the network library raises into one OutsideError about `url`."""

    def __init__(self, url: URL, seconds: float) -> None:
        self._url = url
        self._seconds = seconds

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise the told error in place of the raw one."""
        found = None if error is None else _trouble(error, self._seconds)
        if found is not None:
            raise OutsideError(found[0], shown(str(self._url)), found[1]) from error


def _trouble(error: BaseException | None, seconds: float) -> tuple[Trouble, str] | None:
    match error:
        case TooManyBytes():
            return Trouble.TOO_LARGE, f"it sends more than {error.limit} bytes"
        case TimeoutError():
            return Trouble.TIMEOUT, f"it did not finish within {seconds:g} s"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return Trouble.UNREACHABLE, "its certificate or TLS is not accepted"
        case aiohttp.ClientConnectorError() if _REFUSED in str(error):
            return Trouble.REFUSED, f"its name leads to an {_REFUSED}"
        case aiohttp.ClientConnectorDNSError():
            return Trouble.UNREACHABLE, "its name cannot be resolved"
        case aiohttp.ClientConnectorError():
            return Trouble.UNREACHABLE, error.os_error.strerror or "no connection"
        case aiohttp.ClientPayloadError():
            return Trouble.BROKEN, "the reply ended before it was complete"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | ConnectionError():
            return Trouble.UNREACHABLE, "the connection was cut"
        case aiohttp.ClientError() | ValueError():
            return Trouble.BROKEN, f"the reply is not HTTP that can be read ({type(error).__name__})"
        case OSError():
            return Trouble.DISK, error.strerror or type(error).__name__
    return None
