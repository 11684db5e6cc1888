"""The pages as one ASGI application. It is handed a desk and accounts; it holds no rule of its own."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from headrace.errors import HeadraceError
from headrace.web import api, forms, pages
from headrace.web.accounts import Accounts
from headrace.web.door import Door
from headrace.web.guard import Guard
from headrace.web.live import Live
from headrace.web.published import Published
from headrace.web.repositories import Repositories
from headrace.web.sessions import Sessions
from headrace.web.throttle import Throttle
from headrace.work.views import Desk

_log = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def create_app(
    desk: Desk,
    *,
    accounts: Accounts,
    secret: bytes,
    title: str,
    allowed_hosts: Sequence[str] = LOOPBACK,
    git_root: Path | None = None,
    published_root: Path | None = None,
    throttle: Throttle | None = None,
    poll: float = 1.0,
) -> FastAPI:
    """The application. `secret` signs cookies (32 random bytes, kept across restarts); `title` names the distribution.

    `git_root` holds bare repositories to serve below `/git/`, `published_root` the RPM repositories to serve below
    `/published/`; None serves none. `poll` is how often (seconds) the desk is asked for events while someone listens.
    """
    live = Live(desk, poll=poll)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        live.close()

    app = FastAPI(title=f"Headrace: {title}", docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    door = Door(desk, Sessions(secret, accounts), accounts, throttle or Throttle(), live, title)
    app.state.live = live
    app.add_middleware(Guard, allowed_hosts=allowed_hosts)
    pages.add_routes(app, door)
    forms.add_routes(app, door)
    api.add_routes(app, door)
    app.mount("/static", StaticFiles(directory=_STATIC))
    if git_root is not None:
        app.mount("/git", Repositories(git_root))
    if published_root is not None:
        app.mount("/published", Published(directory=published_root, check_dir=False))

    async def failed(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 503
        if status == 503:
            _log.error("%s could not be answered: %s", request.url.path, error)
        if request.url.path.startswith(("/api/", "/git/", "/static/", "/published/")):
            return PlainTextResponse(f"{status}\n", status)
        return pages.failure(door, request, status)

    app.add_exception_handler(HTTPException, failed)
    app.add_exception_handler(HeadraceError, failed)
    return app
