"""Which workspace a command means, and how it says what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headrace.assembly import Settings
from headrace.errors import HeadraceError

Place = Annotated[
    Path | None,
    typer.Argument(
        help="The workspace; this folder or ./workspace when it is left out.",
        show_default=False,
        envvar="HEADRACE_WORKSPACE",
    ),
]
Named = Annotated[Path | None, typer.Option("--workspace", "-w", help="The workspace.", show_default=False)]
Database = Annotated[
    str,
    typer.Option(
        "--database", envvar="HEADRACE_DATABASE", help="postgresql://... ; SQLite in the workspace when it is left out."
    ),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="How many packages to work on at once.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def settings(place: Path | None, named: Path | None, database: str, jobs: int = 2) -> Settings:
    """The settings for a command. Raises HeadraceError when no workspace is named and none is near."""
    for path in (named, place):
        if path is not None:
            return Settings(path, database, jobs)
    for path in (Path(), Path("workspace")):
        if (path / "distribution.toml").exists() and (path / "state").exists():
            return Settings(path, database, jobs)
    raise HeadraceError(
        "no workspace is named",
        f"neither {Path.cwd()} nor its folder workspace is one",
        "name one, or make one: headrace init",
    )
