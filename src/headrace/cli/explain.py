"""`headrace explain`: why a build failed, from its log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from headrace.errors import HeadraceError
from headrace.evidence.causes.model import Cause
from headrace.evidence.causes.search import explain as cause_of

_MOST = 64 * 1024**2


def explain(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="The log of a build.")],
    json_: Annotated[bool, typer.Option("--json", help="As JSON: the cause, and what else the log tells of.")] = False,
) -> None:
    """Tell why a build failed, and where its log says so; nothing in it is run."""
    try:
        with log.open("rb") as stream:
            text = stream.read(_MOST).decode("utf-8", "replace")
    except OSError as error:
        raise HeadraceError(f"{log} cannot be read", str(error.strerror), "name the log of a build") from error
    found = cause_of(text)
    if json_:
        cause = found.cause.as_data() if found.cause else None
        print(
            json.dumps({"cause": cause, "also": [each.as_data() for each in found.also]}, ensure_ascii=False, indent=1)
        )
    elif found.cause is None:
        print("the log tells of no cause that is known")
    else:
        print(_told(found.cause))
        if found.also:
            print("\nalso:\n" + "\n".join(_told(each) for each in found.also))


def _told(cause: Cause) -> str:
    return f"line {cause.number}: {cause.kind}: {cause.meaning}\n  {cause.line}"
