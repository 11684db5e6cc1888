"""`headrace changes` and `headrace change`: what the desk shows, on the terminal."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from headrace.assembly import make_desk, make_services
from headrace.cli.place import AsJson, Database, Named, Place, settings
from headrace.cli.tell import wide_console
from headrace.errors import HeadraceError
from headrace.words import say
from headrace.work.report import markdown
from headrace.work.views import to_json


def changes(workspace: Place = None, named: Named = None, database: Database = "", json_: AsJson = False) -> None:
    """Every change: those that wait for a person first."""
    desk = make_desk(make_services(settings(workspace, named, database)))
    briefs = desk.changes()
    if json_:
        print(json.dumps([to_json(brief) for brief in briefs], ensure_ascii=False, indent=1))
        return
    table = Table("change", "from", "to", "state", "verdict", "why")
    for brief in briefs:
        verdict = brief.verdict.value if brief.verdict else "-"
        table.add_row(
            brief.id, brief.from_evr, brief.to_evr, brief.state.value, verdict, say(brief.why) if brief.why else ""
        )
    wide_console().print(table)


def change(
    change_id: Annotated[str, typer.Argument(metavar="CHANGE", help="The change's id.")],
    workspace: Place = None,
    named: Named = None,
    database: Database = "",
    json_: AsJson = False,
    language: Annotated[str, typer.Option("--language", help="en or zh_CN.")] = "en",
) -> None:
    """One change with all its evidence."""
    view = make_desk(make_services(settings(workspace, named, database))).change(change_id)
    if view is None:
        raise HeadraceError(f"there is no change {change_id}", remedy="see headrace changes")
    if json_:
        print(json.dumps(to_json(view, language), ensure_ascii=False, indent=1))
    else:
        from rich.markdown import Markdown

        wide_console().print(Markdown(markdown(view, language)))
