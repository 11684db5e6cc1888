"""One upstream asked: a dialogue of bounded questions, conditional where the last reply gave something to compare."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from headrace.errors import HeadraceError
from headrace.outside.http import Outside, Response
from headrace.upstream.model import Answer, Project, Reply, Request, Source, Unchanged, UpstreamError, Validator

MAX_STEPS = 12
"""How many questions one dialogue may take."""

SMALL = 64 * 1024
"""Replies up to so many bytes are read at once; longer ones on a thread, so that they hold up no other conversation."""

SECONDS = 60.0
"""How long one question may take."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: `answer` None means that nothing changed. `validators` maps a request's URL to its validator."""

    answer: Answer | None
    validators: Mapping[str, Validator]
    requests: int = 0
    conditional: int = 0


@dataclass(slots=True)
class Conversation:
    """The questions of one watch. Equal questions of many packages go out once."""

    outside: Outside
    _sent: dict[tuple[object, ...], asyncio.Future[Response]] = field(default_factory=dict)
    requests: int = 0
    conditional: int = 0

    async def ask(self, source: Source, project: Project, known: Mapping[str, Validator]) -> Asked:
        """Ask until the source is satisfied. Raises HeadraceError: UpstreamError for nonsense, OutsideError for silence."""
        validators: dict[str, Validator] = {}
        extra = known.get("", Validator())
        # A dialogue of one question needs no reading when the reply is the same; a longer one must be led to its end.
        alone = sum(1 for key in known if key) == 1
        request = _first(source, project, extra if known else None)
        for _ in range(MAX_STEPS):
            before = known.get(_key(request))
            response = await self._send(request, before)
            if alone and before is not None and _unchanged(response, before):
                return Asked(None, known)
            said, response = await self._read(source, project, response, request, extra if known else None)
            validators[_key(request)] = _validator(response, before)
            if isinstance(said, Unchanged):
                return Asked(None, {**known, **validators})
            if isinstance(said, Answer):
                if before is not None and _unchanged(response, before):
                    return Asked(None, known)
                return Asked(said, {**validators, "": Validator(extra=said.extra)})
            request = said
        raise UpstreamError(
            f"{project.name} asks for too many questions", f"more than {MAX_STEPS}", "report this defect"
        )

    async def _read(
        self, source: Source, project: Project, response: Response, request: Request, extra: Validator | None
    ) -> tuple[Answer | Request | Unchanged, Response]:
        """What a reply says; a source that cannot do without a reply that has not changed gets it after all."""
        try:
            return await _understand(source, project, response, request, extra), response
        except UpstreamError:
            if response.status != 304:
                raise
        response = await self._send(request, None)
        return await _understand(source, project, response, request, extra), response

    async def _send(self, request: Request, before: Validator | None) -> Response:
        condition: list[tuple[str, str]] = []
        if before is not None and request.method == "GET":
            if before.etag:
                condition.append(("If-None-Match", before.etag))
            if before.last_modified:
                condition.append(("If-Modified-Since", before.last_modified))
        # What a source remembers between its questions does not change what is asked.
        key = (request.method, request.url, request.headers, request.body, tuple(condition))
        under_way = self._sent.get(key)
        if under_way is not None:
            # Whoever waits may be cancelled; the reply is the others' too.
            return await asyncio.shield(under_way)
        self.requests += 1
        self.conditional += bool(condition)
        self._sent[key] = promise = asyncio.get_running_loop().create_future()
        try:
            response = await self.outside.ask(
                request.url, method=request.method, headers=(*request.headers, *condition), body=request.body,
                max_bytes=request.max_bytes, seconds=SECONDS,
            )  # fmt: skip
        except BaseException as error:
            told = _told(request, error)
            promise.set_exception(told)
            promise.exception()
            if told is error or not isinstance(error, Exception):
                raise
            raise told from error
        promise.set_result(response)
        return response


def _told(request: Request, error: BaseException) -> HeadraceError:
    if isinstance(error, HeadraceError):
        return error
    return UpstreamError(f"asking {request.url} broke", type(error).__name__, "try again later")


async def _understand(
    source: Source, project: Project, response: Response, request: Request, extra: Validator | None
) -> Answer | Request | Unchanged:
    reply = Reply(request, response.status, response.headers, response.body)
    try:
        if len(response.body) <= SMALL:
            return source.read(project, reply, extra)
        return await asyncio.to_thread(source.read, project, reply, extra)
    except HeadraceError:
        raise
    except Exception as error:
        raise _defect(source, project, error) from error


def _first(source: Source, project: Project, extra: Validator | None) -> Request:
    try:
        return source.ask(project, extra)
    except HeadraceError:
        raise
    except Exception as error:
        raise _defect(source, project, error) from error


def _defect(source: Source, project: Project, error: Exception) -> UpstreamError:
    """A defect of one source, met through one hostile upstream: it must not end the watch of all the others."""
    return UpstreamError(f"{project.name} broke the source {source.name}", type(error).__name__, "report this defect")


def _key(request: Request) -> str:
    return f"{request.method} {request.url}" + (f" {request.step}" if request.step else "")


def _validator(response: Response, before: Validator | None) -> Validator:
    if response.status == 304 and before is not None:
        return before
    # Without Last-Modified, RFC 9110 lets the reply's own Date stand for it.
    since = response.headers.get("last-modified", "") or response.headers.get("date", "")
    return Validator(response.headers.get("etag", ""), since, hashlib.sha256(response.body).hexdigest())


def _unchanged(response: Response, before: Validator) -> bool:
    return response.status == 304 or hashlib.sha256(response.body).hexdigest() == before.digest
