"""The same views as JSON, with an OpenAPI description. Only reading: decisions are taken on the pages."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from headrace.change.model import ChangeState
from headrace.web.door import Door, reader_language
from headrace.work.views import ChangeBrief, ChangeView, LineView, PackageView, ReleaseView, to_json


class Api:
    """The handlers over one door."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def _give(self, request: Request, view: object) -> Response:
        if view is None:
            raise HTTPException(404)
        return JSONResponse(to_json(view, reader_language(request)), headers={"Cache-Control": "no-store"})

    def line(self, request: Request) -> Response:
        """Where every package stands on every branch."""
        return self._give(request, self._door.desk.line())

    def changes(self, request: Request, state: ChangeState | None = None) -> Response:
        """The changes, those that wait for a person first."""
        return self._give(request, self._door.desk.changes(state))

    def change(self, request: Request, change_id: str) -> Response:
        """One change with all its evidence."""
        return self._give(request, self._door.desk.change(change_id))

    def package(self, request: Request, name: str) -> Response:
        """One package with upstream, branches and choices."""
        return self._give(request, self._door.desk.package(name))

    def release(self, request: Request, branch: str) -> Response:
        """What is published of a branch."""
        return self._give(request, self._door.desk.release(branch))


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; a sentence is a string there, for `to_json` fills it in."""
    document = get_openapi(title=app.title, version="1", routes=app.routes)
    schemas = document.get("components", {}).get("schemas", {})
    if "Text" in schemas:
        schemas["Text"] = {"type": "string", "title": "Text", "description": "A sentence in the reader's language."}
    if "Strength" in schemas:
        schemas["Strength"] = {
            "type": "string",
            "title": "Strength",
            "enum": ["none", "text", "host_root", "clean_buildroot"],
        }
    return document


def add_routes(app: FastAPI, door: Door) -> None:
    """The addresses of the JSON documents."""
    api = Api(door)
    routes: tuple[tuple[str, Any, Any], ...] = (
        ("/api/line", api.line, LineView), ("/api/changes", api.changes, list[ChangeBrief]),
        ("/api/changes/{change_id}", api.change, ChangeView),
        ("/api/packages/{name}", api.package, PackageView), ("/api/release/{branch}", api.release, ReleaseView),
    )  # fmt: skip
    for path, handler, model in routes:
        app.add_api_route(path, handler, methods=["GET"], response_model=model)

    def document() -> Response:
        return JSONResponse(describe(app))

    app.add_api_route("/openapi.json", document, methods=["GET"], include_in_schema=False, response_model=None)
