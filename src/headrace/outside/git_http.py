"""Runs `git http-backend` for one request: bounded input, bounded time, reading only. Knows nothing of any web framework."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path

from headrace.errors import HeadraceError

CHUNK = 64 * 1024
MAX_HEAD = 16 * 1024
"""Bytes of the header that the program may write before its body."""
_PROTOCOL = re.compile(r"[a-z0-9=:.,-]{1,64}\Z")


class GitHttpError(HeadraceError):
    """The program did not answer, or not with a header."""


@dataclass(frozen=True, slots=True)
class GitQuestion:
    """One request to one bare repository. `service_path` is `info/refs` or `git-upload-pack`, nothing else is asked."""

    repository: Path
    service_path: str
    method: str
    query: str = ""
    content_type: str = ""
    content_encoding: str = ""
    protocol: str = ""
    """The client's Git-Protocol header (`version=2`); an odd one is left out."""
    body: bytes = b""


def environment(question: GitQuestion) -> dict[str, str]:
    """The program's whole environment: nothing of ours is inherited but the search path, and no file of a user is read."""
    settings = (
        ("safe.directory", "*"),
        ("http.receivepack", "false"),
        ("http.uploadpack", "true"),
        ("http.getanyfile", "false"),
    )
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROJECT_ROOT": str(question.repository.parent),
        "PATH_INFO": f"/{question.repository.name}/{question.service_path}",
        "REQUEST_METHOD": question.method,
        "QUERY_STRING": question.query,
        "CONTENT_TYPE": question.content_type,
        "CONTENT_LENGTH": str(len(question.body)),
    }
    for number, (name, value) in enumerate(settings):
        env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    if question.content_encoding in {"gzip", "x-gzip"}:
        env["HTTP_CONTENT_ENCODING"] = question.content_encoding
    if _PROTOCOL.match(question.protocol):
        env["GIT_PROTOCOL"] = question.protocol
    return env


@dataclass(frozen=True, slots=True)
class GitReply:
    """The start of an answer; `body` streams the rest and must be read to its end or closed."""

    status: int
    headers: Mapping[str, str]
    body: AsyncGenerator[bytes, None]


def read_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers of a CGI answer. Raises GitHttpError when it is none."""
    headers: dict[str, str] = {}
    status = 200
    for line in head.decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            raise GitHttpError("git http-backend gave no proper header", line[:100])
        if name.lower() == "status":
            status = int(value.split()[0]) if value.split() and value.split()[0].isdigit() else 500
        else:
            headers[name.strip().lower()] = value.strip()
    return status, headers


async def ask(question: GitQuestion, seconds: float) -> GitReply:
    """Start the program and read its header; it is killed with all its children when that takes more
    than `seconds`, or when the body is closed.

    Raises GitHttpError when it cannot be started, writes no header, or is too slow.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            "git", "http-backend", env=environment(question), cwd="/", start_new_session=True,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            limit=MAX_HEAD,
        )  # fmt: skip
    except OSError as error:
        raise GitHttpError("git http-backend cannot be started", str(error), "install git") from error
    feeding = asyncio.create_task(_feed(process, question.body))
    try:
        async with asyncio.timeout(seconds):
            status, headers = read_head(await _head(process))
    except BaseException as error:
        await _end(process, feeding)
        if isinstance(error, TimeoutError | asyncio.IncompleteReadError | asyncio.LimitOverrunError):
            raise GitHttpError(
                "git http-backend gave no answer", f"within {seconds:g} s and {MAX_HEAD} bytes"
            ) from error
        raise
    return GitReply(status, headers, _body(process, feeding))


async def _feed(process: asyncio.subprocess.Process, body: bytes) -> None:
    if process.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(body)
        await process.stdin.drain()
    process.stdin.close()


async def _head(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:
        return b""
    return (await process.stdout.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n")


async def _body(process: asyncio.subprocess.Process, feeding: asyncio.Task[None]) -> AsyncGenerator[bytes, None]:
    try:
        while process.stdout is not None:
            chunk = await process.stdout.read(CHUNK)
            if not chunk:
                return
            yield chunk
    finally:
        await _end(process, feeding)


async def _end(process: asyncio.subprocess.Process, feeding: asyncio.Task[None]) -> None:
    """Leave nothing behind: upload-pack is a child of the program, so the whole group goes."""
    feeding.cancel()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await asyncio.shield(process.wait())
