"""`headrace serve`, `headrace worker` and `headrace token`."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from headrace.assembly import make_desk, make_services, start_engine
from headrace.cli.loopback import loopback
from headrace.cli.place import Database, Jobs, Named, Place, settings
from headrace.web.accounts import Accounts, create_token
from headrace.work.workspace import Workspace


def serve(
    workspace: Place = None,
    named: Named = None,
    database: Database = "",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8080,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="A host name under which people reach the pages; may be given again."),
    ] = None,
    jobs: Jobs = 1,
) -> None:
    """Serve the pages, and work on what people decide there."""
    # The pages' framework takes half a second to load; the other commands do without.
    from headrace.web.app import LOOPBACK, create_app
    from headrace.web.serve import serve as serve_app

    chosen = settings(workspace, named, database, jobs)
    services = make_services(chosen)
    engine = start_engine(chosen, services)
    try:
        place = services.workspace
        app = create_app(
            make_desk(services, engine), accounts=Accounts(place.tokens), secret=cookie_secret(place.state / "cookie.secret"),
            title=place.distribution.name, allowed_hosts=(*LOOPBACK, host, *(names or ())), git_root=place.root / "packages",
            published_root=place.root / "release",
        )  # fmt: skip
        with loopback(services):
            serve_app(app, host, port, lambda address: Console().print(f"Headrace is at {address}", highlight=False))
    finally:
        engine.stop()


def worker(workspace: Place = None, named: Named = None, database: Database = "", jobs: Jobs = 2) -> None:
    """Work on what others queue, until it is told to stop (Ctrl-C or SIGTERM)."""
    chosen = settings(workspace, named, database, jobs)
    services = make_services(chosen)
    engine = start_engine(chosen, services)
    done = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with loopback(services):
        Console(stderr=True).print(f"worker {engine.executor} (pid {os.getpid()}) is ready", highlight=False)
        done.wait()
        engine.stop()


def token(
    name: Annotated[str, typer.Argument(help="Who the token is for.")],
    workspace: Place = None,
    named: Named = None,
) -> None:
    """Make a token with which NAME may decide on the pages; it is shown once."""
    place = Workspace.open(settings(workspace, named, "").workspace)
    shown, account = create_token(name)
    Accounts(place.tokens).add(account)
    print(shown)


def cookie_secret(path: Path) -> bytes:
    """The key that signs cookies, made once and readable by its owner alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
