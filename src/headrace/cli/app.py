"""`headrace`: the commands, and how failures are told: one sentence on standard error, status 1."""

from __future__ import annotations

import logging
import sys

import typer

from headrace.cli import init, line, look, serve, upgrade
from headrace.cli.bump import bump
from headrace.cli.compare import compare
from headrace.cli.explain import explain
from headrace.cli.infer import infer
from headrace.cli.patches import patches
from headrace.cli.pick import pick
from headrace.cli.replay import replay
from headrace.cli.review import review
from headrace.cli.spec import spec
from headrace.cli.upstream import upstream
from headrace.errors import HeadraceError

app = typer.Typer(
    name="headrace", help="Keep an RPM distribution alive: watch, upgrade, prove, review, release.", no_args_is_help=True,
    pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip
app.command()(init.init)
app.command()(line.run)
app.command()(line.watch)
app.command()(upgrade.upgrade)
app.command()(patches)
app.command()(upstream)
app.command()(look.changes)
app.command()(look.change)
app.command()(line.release)
app.command()(serve.serve)
app.command()(serve.worker)
app.command()(serve.token)
app.command()(pick)
app.command()(bump)
app.command()(spec)
app.command()(replay)
app.command()(infer)
app.command()(review)
app.command()(compare)
app.command()(explain)


def main() -> None:
    """Run the command line."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    try:
        app()
    except HeadraceError as error:
        sys.stderr.write(f"headrace: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("headrace: stopped; run the same command again to go on\n")
        sys.exit(130)
