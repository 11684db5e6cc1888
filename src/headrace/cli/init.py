"""`headrace init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from headrace.assembly import Settings, make_key
from headrace.cli.place import Database
from headrace.outside.clock import now
from headrace.work.create import create_workspace


def init(
    workspace: Annotated[Path, typer.Argument(help="The folder to make.")],
    origin: Annotated[Path, typer.Option("--from", help="A distribution in openEuler's layout.")],
    database: Database = "",
) -> None:
    """Make a workspace: a bare git repository a package, a database, a signing key. Twice is once."""
    console = Console(stderr=True)
    made = create_workspace(
        workspace, origin, int(now().timestamp()), lambda what: console.print(f"  {what}", highlight=False)
    )
    key = make_key(Settings(workspace, database))
    console.print(
        f"{made.root} is ready: {len(made.distribution.packages)} packages, signing key {key.fingerprint}",
        highlight=False,
    )
