"""What every page needs: the desk, who is there, in which language, and the answer as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from headrace.web import language
from headrace.web.accounts import Accounts
from headrace.web.live import Live
from headrace.web.render import render
from headrace.web.sessions import Session, Sessions
from headrace.web.throttle import Throttle
from headrace.work.views import Desk


def reader_language(request: Request) -> str:
    """The language of this reader."""
    return language.choose_language(
        request.query_params.get("lang"), request.cookies.get(language.COOKIE), request.headers.get("accept-language")
    )


def page_path(request: Request) -> str:
    """The path of the page that a reader sees; an answer to a form shows the page that the form is on."""
    return request.url.path.removesuffix("/decision")


def switch(request: Request, to: str) -> str:
    """The address of this very page in another language."""
    return f"{page_path(request)}?{request.url.include_query_params(lang=to).query}"


@dataclass(frozen=True, slots=True)
class Door:
    """The ready-made objects that the routes use."""

    desk: Desk
    sessions: Sessions
    accounts: Accounts
    throttle: Throttle
    live: Live
    title: str

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        session: Session | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """A template as an answer, with the cookies for session and language."""
        session = session or self.sessions.read(request)
        tongue = reader_language(request)
        html = render(
            template, tongue, session=session, title=self.title, path=page_path(request), seq=values.pop("seq", 0),
            base_url=str(request.base_url).rstrip("/"),
            languages={"en": switch(request, "en"), "zh_CN": switch(request, "zh_CN")},
            **values,
        )  # fmt: skip
        response = HTMLResponse(
            html, status, headers={"Cache-Control": "private, no-store", "Vary": "Accept-Language, Cookie"}
        )
        secure = request.url.scheme == "https"
        self.sessions.keep(response, session, secure=secure)
        if "lang" in request.query_params:
            response.set_cookie(
                language.COOKIE, tongue, max_age=365 * 86400, samesite="lax", httponly=True, secure=secure
            )
        return response
