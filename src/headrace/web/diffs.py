"""A unified diff as lines that a page can number and colour. Any text is a diff: what is not understood is context."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line: `kind` is add, del, same, hunk or head; `old`/`new` are line numbers, None where the line is not there."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None


@dataclass(frozen=True, slots=True)
class Diff:
    """The lines that are shown. `left` is how many lines were left off."""

    lines: tuple[DiffLine, ...]
    left: int = 0


class _Reader:
    """Walks the lines; a hunk's own counts tell where it ends, so that a removed `-- x` is not taken for a header."""

    def __init__(self) -> None:
        self.old = self.new = self.old_left = self.new_left = 0

    def read(self, line: str) -> DiffLine:
        hunk = _HUNK.match(line)
        if self.old_left <= 0 and self.new_left <= 0:
            if not hunk:
                return DiffLine("head", line)
            old, old_size, new, new_size = (1 if each is None else int(each) for each in hunk.groups())
            self.old, self.old_left, self.new, self.new_left = old, old_size, new, new_size
            return DiffLine("hunk", line)
        return self._inside(line)

    def _inside(self, line: str) -> DiffLine:
        if line.startswith("\\"):
            return DiffLine("head", line)
        old, new = self.old, self.new
        if line.startswith("+"):
            self.new, self.new_left = new + 1, self.new_left - 1
            return DiffLine("add", line[1:], None, new)
        self.old, self.old_left = old + 1, self.old_left - 1
        if line.startswith("-"):
            return DiffLine("del", line[1:], old, None)
        self.new, self.new_left = new + 1, self.new_left - 1
        return DiffLine("same", line[1:], old, new)


def read_diff(text: str, max_lines: int = 3000, max_width: int = 1000) -> Diff:
    """The first `max_lines` lines of a unified diff, each cut at `max_width` characters."""
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    reader = _Reader()
    shown = tuple(
        reader.read(line if len(line) <= max_width else line[:max_width] + " …") for line in lines[:max_lines]
    )
    return Diff(shown, max(0, len(lines) - max_lines))
