"""The pages that only show: line, package, changes, change, releases, and what happens now."""

from __future__ import annotations

import re

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from headrace.change.model import ChangeState
from headrace.web.door import Door, reader_language
from headrace.web.forms import own_path
from headrace.web.pictures import Station
from headrace.web.plain import plain
from headrace.words import Message, Text, say
from headrace.work.views import LineCounts, LineView, LogText, Stand

RECENT = 8
"""Events on the first page."""
PER_PAGE = 100
LOG_TAIL = 16 * 1024
"""Bytes of a log within a page."""
LOG_WHOLE = 1024 * 1024
"""Bytes of a log on its own."""
_KEY = re.compile(r"[A-Za-z0-9._+~-]{1,200}\Z")


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0


def stations(counts: LineCounts, language: str, branch: str) -> tuple[Station, ...]:
    """The five rooms of the line with their figures, in the reader's language."""
    doubt, behind, waiting, failed = (
        counts.upstreams_in_doubt, counts.packages_behind, counts.changes_waiting, counts.builds_failed,
    )  # fmt: skip

    def tongue(message: Text) -> str:
        return say(message, language)

    release = f"/releases/{branch}" if branch else "/releases"
    return (
        Station(tongue(Message("Upstream")), counts.upstreams, tongue(
            Message("{count} in doubt", count=doubt) if doubt else Message("all answered")),
            "/?show=problems", "ask" if doubt else "good"),
        Station(tongue(Message("Package")), counts.packages, tongue(
            Message("{count} behind", count=behind) if behind else Message("all level")),
            "/?show=behind", "busy" if behind else "good"),
        Station(tongue(Message("Change")), counts.changes_open, tongue(
            Message("{count} waiting for a person", count=waiting) if waiting else Message("none waits")),
            "/changes", "ask" if waiting else "good"),
        Station(tongue(Message("Evidence")), counts.builds, tongue(
            Message("{count} failed", count=failed) if failed else Message("all built")),
            "/changes?state=failed" if failed else "/changes", "bad" if failed else "good"),
        Station(tongue(Message("Release")), counts.released, tongue(Message("packages out")), release, "calm"),
    )  # fmt: skip


def chosen(view: LineView, branch: str, show: str) -> tuple[Stand, ...]:
    """The rows that a reader asked for; an unknown filter shows all."""
    rows = (stand for stand in view.stands if not branch or stand.branch == branch)
    if show == "behind":
        return tuple(stand for stand in rows if stand.behind)
    if show == "problems":
        return tuple(stand for stand in rows if stand.problem or stand.newest is None)
    if show == "waiting":
        return tuple(stand for stand in rows if stand.change and stand.change.waits)
    return tuple(rows)


class Pages:
    """The handlers over one door; each runs in a thread, for the desk reads a database."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def line(self, request: Request) -> Response:
        """Where everything stands."""
        view = self._door.desk.line()
        branch = request.query_params.get("branch", "")
        branch = branch if branch in view.branches else ""
        show = request.query_params.get("show", "all")
        stands = chosen(view, branch, show)
        greatest = max((stand.behind or 0 for stand in view.stands), default=0)
        rooms = stations(view.counts, reader_language(request), branch or (view.branches[0] if view.branches else ""))
        recent = self._door.desk.events(max(0, view.seq - 10 * RECENT), 10 * RECENT)[: -RECENT - 1 : -1]
        return self._door.page(
            request, "line.html", view=view, stands=stands, branch=branch, show=show, greatest=greatest, rooms=rooms,
            recent=recent, seq=view.seq,
        )  # fmt: skip

    def package(self, request: Request, name: str) -> Response:
        """One package."""
        view = self._door.desk.package(name)
        if view is None:
            raise HTTPException(404)
        return self._door.page(request, "package.html", view=view, seq=self._door.desk.last_event())

    def changes(self, request: Request) -> Response:
        """The queue: what waits for a person first."""
        asked = request.query_params.get("state", "")
        state = ChangeState(asked) if asked in set(ChangeState) else None
        rows = self._door.desk.changes(state)
        last = max(1, -(-len(rows) // PER_PAGE))
        number = min(max(1, _number(request.query_params.get("page"))), last)
        shown = rows[(number - 1) * PER_PAGE : number * PER_PAGE]
        return self._door.page(
            request, "changes.html", rows=shown, total=len(rows), number=number, last=last, state=state,
            states=tuple(ChangeState), waiting=sum(row.waits for row in rows), seq=self._door.desk.last_event(),
        )  # fmt: skip

    def change(self, request: Request, change_id: str) -> Response:
        """One change, proof first."""
        view = self._door.desk.change(change_id)
        if view is None:
            raise HTTPException(404)
        logs = {build.key: self._log(build.key, LOG_TAIL) for build in view.builds if build.log}
        return self._door.page(request, "change.html", view=view, logs=logs, problem=None, todo=None, seq=view.seq)

    def _log(self, key: str, max_bytes: int) -> LogText | None:
        return self._door.desk.log_text(key, max_bytes) if _KEY.match(key) else None

    def log(self, key: str) -> Response:
        """The end of a build's log as plain text."""
        found = self._log(key, LOG_WHOLE)
        if found is None:
            raise HTTPException(404)
        head = f"[the last {len(found.text)} characters of {found.total} bytes]\n" if found.cut else ""
        return PlainTextResponse(head + plain(found.text, LOG_WHOLE))

    def releases(self, request: Request) -> Response:
        """Every branch and what is published of it."""
        views = [view for branch in self._door.desk.branches() if (view := self._door.desk.release(branch))]
        return self._door.page(request, "releases.html", views=views, seq=self._door.desk.last_event())

    def release(self, request: Request, branch: str) -> Response:
        """One published repository and how to use it."""
        view = self._door.desk.release(branch)
        if view is None:
            raise HTTPException(404)
        return self._door.page(request, "release.html", view=view, seq=self._door.desk.last_event())

    def login(self, request: Request) -> Response:
        """The form for a token."""
        to = own_path(request.query_params.get("to", "/"))
        return self._door.page(request, "login.html", to=to, problem=None)

    def events(self, request: Request) -> Response:
        """What happens, from `Last-Event-ID` or `?after=` on, else from now."""
        if self._door.live.full:
            return PlainTextResponse("Too many listeners.\n", 503, headers={"Retry-After": "30"})
        asked = request.headers.get("last-event-id") or request.query_params.get("after")
        stream = self._door.live.stream(_number(asked) if asked else None, reader_language(request))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


def failure(door: Door, request: Request, status: int) -> Response:
    """The page for what is not there or not allowed."""
    return door.page(request, "failure.html", status=status, code=status)


def _healthy() -> Response:
    return PlainTextResponse("ok\n")


def add_routes(app: FastAPI, door: Door) -> None:
    """The addresses of the pages."""
    pages = Pages(door)
    for path, handler in (
        ("/", pages.line), ("/packages/{name}", pages.package), ("/changes", pages.changes),
        ("/changes/{change_id}", pages.change),
        ("/builds/{key}/log", pages.log), ("/releases", pages.releases), ("/releases/{branch}", pages.release),
        ("/login", pages.login), ("/events", pages.events), ("/healthz", _healthy),
    ):  # fmt: skip
        app.add_api_route(path, handler, methods=["GET"], include_in_schema=False, response_model=None)
