"""`headrace compare`: what differs between the packages of two versions, what matters first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from headrace.errors import HeadraceError
from headrace.evidence.compare import compare as differences_of
from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.model import Rpm
from headrace.evidence.packages import read_package

_STYLES = {Weight.BLOCKER: "bold red", Weight.CONCERN: "yellow", Weight.NOTE: ""}


def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD.rpm", help="The old package, or a directory of packages.")],
    new: Annotated[Path, typer.Argument(metavar="NEW.rpm", help="The new package, or a directory of packages.")],
    json_: Annotated[bool, typer.Option("--json", help="As JSON: every difference with its weight.")] = False,
    notes: Annotated[bool, typer.Option("--notes", help="Show what is usual for a new version too.")] = False,
) -> None:
    """Compare two binary packages by their headers; nothing is installed or run."""
    found = differences_of(_packages(old), _packages(new))
    if json_:
        print(json.dumps({"differences": [each.as_data() for each in found]}, ensure_ascii=False, indent=1))
        return
    shown = [each for each in found if notes or each.weight is not Weight.NOTE]
    console = Console()
    if shown:
        console.print(_table(shown))
    hidden = len(found) - len(shown)
    if hidden:
        console.print(f"{hidden} differences that are usual for a new version; see them with --notes")
    elif not found:
        console.print("no differences")


def _packages(place: Path) -> tuple[Rpm, ...]:
    if not place.is_dir():
        return (read_package(place),)
    paths = [path for path in sorted(place.glob("*.rpm")) if not path.name.endswith(".src.rpm")]
    if not paths:
        raise HeadraceError(f"there are no packages in {place}", remedy="name a package or a directory that holds some")
    return tuple(read_package(path) for path in paths)


def _table(differences: list[Difference]) -> Table:
    table = Table("weight", "kind", "what", "old", "new", "why it matters")
    for each in differences:
        cells = (each.weight.value, each.kind, each.subject, each.old, each.new, str(each.remark))
        table.add_row(*(cell.replace("[", r"\[")[:300] for cell in cells), style=_STYLES[each.weight])
    return table
