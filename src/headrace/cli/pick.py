"""`headrace pick`: JSON lines of tag lists in, JSON lines of choices out. Also runs as `python -m headrace.cli.pick`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from headrace.errors import HeadraceError
from headrace.upstream.pick import LONGEST_LINE, pick_lines


class PickError(HeadraceError):
    """The lists cannot be read at all."""


def pick(
    file: Annotated[Path | None, typer.Argument(help="File of JSON lines; standard input when left out or -.")] = None,
    cool_down: Annotated[int, typer.Option(help="Pass over releases younger than so many days.", min=0)] = 0,
) -> None:
    """Choose the newest stable version of each tag list.

    One JSON object a line with package, version_control, src_repo, tag_prefix, separator, current, raw_tags and tag_dates;
    one JSON object a line comes back, in the same order, as soon as it is known. `stable` is null when the evidence does not
    tell; then `reason` and `settles` say why, and what would tell. A line that cannot be read is answered with its reason.
    """
    today = datetime.now(UTC).date() if cool_down else None
    try:
        with _opened(file) as stream:
            for answer in pick_lines(_lines(stream), today=today, cool_down_days=cool_down):
                sys.stdout.write(answer + "\n")
                sys.stdout.flush()
    except BrokenPipeError:
        sys.stderr.close()


def _opened(file: Path | None) -> BinaryIO:
    if file is None or str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise PickError(f"{file} cannot be read", error.strerror or str(error), "name a file of JSON lines") from error


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines, each cut one byte behind the limit so that the reader sees that it is too long."""
    while line := stream.readline(LONGEST_LINE + 1):
        yield line
        while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE + 1)


def main() -> None:
    """The command of its own."""
    application = typer.Typer(add_completion=False)
    application.command()(pick)
    try:
        application()
    except PickError as error:
        sys.stderr.write(f"headrace: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
