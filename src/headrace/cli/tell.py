"""Progress on long work, and the tables."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from headrace.words import say
from headrace.work.services import Services
from headrace.work.views import LineView

_WIDE = 200


def wide_console(*, stderr: bool = False) -> Console:
    """A console that does not cut tables short where nobody watches: in a log or a pipe."""
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=max(console.width, _WIDE))


class Teller:
    """Tells progress on standard error: a bar on a terminal, a line an event elsewhere."""

    def __init__(self, services: Services, packages: int) -> None:
        self._services, self._packages = services, packages
        self._console = wide_console(stderr=True)
        self._seen = services.stores.events.last()
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=self._console, disable=not self._console.is_terminal, transient=True,
        )  # fmt: skip
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        """Begin."""
        self._bar.start()
        self._task = self._bar.add_task("asking upstreams", total=self._packages)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; the bar goes away."""
        self._bar.stop()

    def watched(self, _package: str) -> None:
        """One more upstream answered."""
        if self._task is not None:
            self._bar.advance(self._task)

    def progress(self, kind: str, what: str) -> None:
        """What `work.line.run_line` tells."""
        if kind == "watched":
            self.watched(what)
        elif kind == "release":
            self._print(f"release: {what}")
        for event in self._services.stores.events.after(self._seen):
            self._seen = event.seq
            if event.kind != "upstream":
                self._print(f"{event.at:%H:%M:%S} {event.subject}: {say(event.message)}")

    def _print(self, line: str) -> None:
        self._bar.console.print(line, highlight=False, markup=False)


def stand_table(view: LineView) -> Table:
    """Where every package stands."""
    table = Table("package", "branch", "carried", "newest", "why", title="The line")
    for stand in view.stands:
        newest = stand.newest if stand.newest is not None else "cannot decide"
        why = say(stand.problem) if stand.problem is not None else say(stand.why)
        table.add_row(stand.package, stand.branch, stand.carried, newest, why)
    return table
