"""Edits of a spec's lines: what was there, what is there now, and why; all else keeps its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from headrace.package.spec.document import Line, SpecDocument
from headrace.package.spec.trace import Place
from headrace.words import Text


@dataclass(frozen=True, slots=True)
class SpecEdit:
    """One edit: at `line` (from 1, in the spec as it was) `old` became `new`.

    An insertion before `line` has an empty `old`, a removal an empty `new`; `new` may hold several lines.
    """

    line: int
    old: str
    new: str
    reason: Text


@dataclass(slots=True)
class LineEditor:
    """Collects edits by place and applies them at once, so that places found in the old text stay valid."""

    document: SpecDocument
    _changes: dict[int, list[tuple[int, int, str, Text]]] = field(default_factory=dict)
    _removed: dict[int, Text] = field(default_factory=dict)
    _inserted: dict[int, tuple[list[str], Text]] = field(default_factory=dict)

    def replace(self, place: Place, text: str, reason: Text) -> None:
        """Put `text` where `place` is; a place that is replaced already is left as it was decided first."""
        changes = self._changes.setdefault(place.index, [])
        if all(place.stop <= begin or stop <= place.begin for begin, stop, _, _ in changes):
            changes.append((place.begin, place.stop, text, reason))

    def remove(self, index: int, reason: Text) -> None:
        """Take a line out."""
        self._removed.setdefault(index, reason)

    def insert(self, index: int, rows: Sequence[str], reason: Text) -> None:
        """Put lines before the line `index`."""
        self._inserted[index] = (list(rows), reason)

    def is_removed(self, index: int) -> bool:
        """Whether the line is taken out."""
        return index in self._removed

    def removed(self) -> tuple[int, ...]:
        """The lines that are taken out."""
        return tuple(self._removed)

    def apply(self) -> tuple[bytes, tuple[SpecEdit, ...]]:
        """The new bytes and the list of edits in the order of the file."""
        lines: list[Line] = []
        edits: list[SpecEdit] = []
        for index, line in enumerate(self.document.lines):
            self._put(index, lines, edits)
            if index in self._removed:
                edits.append(SpecEdit(index + 1, line.text, "", self._removed[index]))
                continue
            changed = self._changed(index, line)
            if changed != line.text:
                edits.append(SpecEdit(index + 1, line.text, changed, self._changes[index][0][3]))
                lines.append(Line(changed, line.end, _encoding(changed, line.encoding)))
            else:
                lines.append(line)
        self._put(len(self.document.lines), lines, edits)
        return SpecDocument(tuple(lines)).render(), tuple(edits)

    def _changed(self, index: int, line: Line) -> str:
        text = line.text
        for begin, stop, new, _ in sorted(self._changes.get(index, ()), reverse=True, key=lambda change: change[:2]):
            text = text[:begin] + new + text[stop:]
        return text

    def _put(self, index: int, lines: list[Line], edits: list[SpecEdit]) -> None:
        if index not in self._inserted:
            return
        rows, reason = self._inserted[index]
        newline = self.document.newline
        if lines and not lines[-1].end:
            lines[-1] = Line(lines[-1].text, newline, lines[-1].encoding)
        lines += [Line(row, newline) for row in rows]
        edits.append(SpecEdit(index + 1, "", "\n".join(rows), reason))


def _encoding(text: str, encoding: str) -> str:
    if encoding == "utf-8":
        return encoding
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "utf-8"
    return encoding
