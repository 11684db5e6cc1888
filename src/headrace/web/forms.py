"""What a person can do: log in, log out, decide. Every form carries the session's token; the guard has seen its origin."""

from __future__ import annotations

from urllib.parse import parse_qs, quote

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headrace.web.door import Door
from headrace.web.sessions import Session
from headrace.words import Message, Text
from headrace.work.views import DeskError, UnknownChangeError

MAX_WHY = 2000
"""Characters of a reason."""


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name; a body that is no form has none."""
    body = await request.body()
    try:
        found = parse_qs(body.decode(), max_num_fields=20, keep_blank_values=True)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def own_path(target: str) -> str:
    """A path of this server to go to after a login; anything else is the first page."""
    fit = target.startswith("/") and not target.startswith(("//", "/\\")) and len(target) < 500
    return target if fit and target.isprintable() and "\\" not in target else "/"


def _see(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})


class Forms:
    """The three forms over one door."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def _genuine(self, request: Request) -> tuple[Session, dict[str, str]]:
        """Who sent the form, and its fields. Refuses a form without this session's own token."""
        form = await fields(request)
        session = await run_in_threadpool(self._door.sessions.read, request)
        if not self._door.sessions.genuine(session, form.get("csrf", "")):
            raise HTTPException(403)
        return session, form

    async def log_in(self, request: Request) -> Response:
        """Exchange a token for a session."""
        session, form = await self._genuine(request)
        address = request.client.host if request.client else ""
        target = own_path(form.get("to", "/"))
        wait = self._door.throttle.wait(address)
        if wait:
            problem = Message("Too many wrong tokens. Try again in {seconds} seconds.", seconds=wait)
            return self._login_again(request, session, target, problem, 429, {"Retry-After": str(wait)})
        account = await run_in_threadpool(self._door.accounts.verify, form.get("token", ""))
        if account is None:
            self._door.throttle.failed(address)
            return self._login_again(request, session, target, Message("This token is not known here."), 403, {})
        self._door.sessions.end(session)
        response = _see(target)
        self._door.sessions.keep(response, self._door.sessions.begin(account), secure=request.url.scheme == "https")
        return response

    def _login_again(
        self, request: Request, session: Session, target: str, problem: Text, status: int, headers: dict[str, str]
    ) -> Response:
        response = self._door.page(request, "login.html", status=status, session=session, to=target, problem=problem)
        response.headers.update(headers)
        return response

    async def log_out(self, request: Request) -> Response:
        """End the session, here and for whoever copied its cookie."""
        session, _ = await self._genuine(request)
        self._door.sessions.end(session)
        response = _see("/")
        self._door.sessions.keep(response, self._door.sessions.begin(None), secure=request.url.scheme == "https")
        return response

    async def decide(self, request: Request) -> Response:
        """Accept or reject a change, with the reason and the commit that the person saw."""
        change_id = str(request.path_params["change_id"])
        session, form = await self._genuine(request)
        page = f"/changes/{quote(change_id, safe='')}"
        if session.account is None:
            return _see(f"/login?to={quote(page)}")
        answer, why = form.get("answer", ""), form.get("why", "").strip()
        if answer not in {"accept", "reject"}:
            raise HTTPException(400)
        if answer == "reject" and not why:
            return await self._again(request, session, change_id, Message("Say why you reject it."), None, 422)
        if len(why) > MAX_WHY:
            problem = Message("The reason is too long: at most {limit} characters.", limit=MAX_WHY)
            return await self._again(request, session, change_id, problem, None, 422)
        try:
            await run_in_threadpool(
                self._door.desk.decide, change_id, accept=answer == "accept", who=session.who, why=why,
                expected=form.get("expected", ""),
            )  # fmt: skip
        except UnknownChangeError as error:
            raise HTTPException(404) from error
        except DeskError as error:
            return await self._again(request, session, change_id, error.message, error.todo, 409)
        return _see(page)

    async def _again(
        self, request: Request, session: Session, change_id: str, problem: Text, todo: Text | None, status: int
    ) -> Response:
        view = await run_in_threadpool(self._door.desk.change, change_id)
        if view is None:
            raise HTTPException(404)
        return await run_in_threadpool(
            lambda: self._door.page(
                request,
                "change.html",
                status=status,
                session=session,
                view=view,
                logs={},
                problem=problem,
                todo=todo,
                seq=view.seq,
            )
        )


def add_routes(app: FastAPI, door: Door) -> None:
    """The addresses that forms are sent to."""
    forms = Forms(door)
    for path, handler in (
        ("/login", forms.log_in), ("/logout", forms.log_out), ("/changes/{change_id}/decision", forms.decide),
    ):  # fmt: skip
        app.add_api_route(path, handler, methods=["POST"], include_in_schema=False, response_model=None)
