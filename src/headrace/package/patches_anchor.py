"""Whether a change is in new sources at its own place, though its surroundings went on since.

The place is found by what upstream kept: between two lines that there is only one of in the old and in the new text lies
what upstream made of the lines in between. A look-alike elsewhere in the file is no proof, however well its context
fits; nor is one beside a line that stands more than once at the place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headrace.package.patches import FilePatch
from headrace.package.patches_apply import Applied, Lines, apply_pieces, pieces
from headrace.package.patches_proof import Change, changes, newly

_TELLING = 4
"""A line with fewer letters and digits (`}`, `else`, a blank one) may be shared by chance and marks no place."""


@dataclass(frozen=True, slots=True)
class Span:
    """Lines (from 0, end excluded) that upstream replaced: where they were and where their successors are."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def spans(upstream: FilePatch | None) -> tuple[Span, ...]:
    """What upstream changed in one file, in order, read off a diff without context; None: nothing."""
    found = []
    for hunk in upstream.hunks if upstream is not None else ():
        old = hunk.old_start - (hunk.old_count > 0)
        new = hunk.new_start - (hunk.new_count > 0)
        found.append(Span(old, old + hunk.old_count, new, new + hunk.new_count))
    return tuple(found)


def anchored(file: FilePatch, old: bytes, new: bytes, upstream: FilePatch | None, fuzz: int = 0) -> tuple[bool, ...]:
    """For each change of a file whether it stands newly, and at its own place, in the new text.

    `old` is the text that the patch was made for, `upstream` the diff without context from it to `new`. The lines of a
    file that the patch creates must stand there all together.
    """
    units = changes(file)
    before, after = Lines(old), Lines(new)
    fresh = newly(units, before, after)
    if file.created:
        return tuple(unit.there(after) and there for unit, there in zip(units, fresh, strict=True))
    done = apply_pieces(old, pieces(file), fuzz=fuzz)
    if not isinstance(done, Applied):
        return (False,) * len(units)
    kept = _Kept(before, after, spans(upstream))
    return tuple(
        there and kept.holds(unit, done.places[unit.hunk - 1].line - 1 + unit.offset)
        for unit, there in zip(units, fresh, strict=True)
    )


class _Kept:
    """Old and new text side by side, with the lines that upstream kept."""

    def __init__(self, old: Lines, new: Lines, replaced: Sequence[Span]) -> None:
        self._old, self._new = old, new
        self._often = Counter(old.lines), Counter(new.lines)
        self._to: list[int | None] = []
        ends = [*replaced, Span(len(old.lines), len(old.lines), len(new.lines), len(new.lines))]
        at = 0
        for span in ends:
            self._to += range(at, at + span.old_start - len(self._to))
            self._to += [None] * (span.old_end - span.old_start)
            at = span.new_end
        self._marks = [line for line in range(len(self._to)) if self._is_mark(line)]

    def holds(self, change: Change, line: int) -> bool:
        """The change stands in what upstream made of its place; `line` is its first line in the old text."""
        end = line + len(change.removed)
        if not any(self._gone(start, start + end - line) for start in self._slides(change, line)):
            return False
        at = bisect_left(self._marks, line)
        first = self._marks[at - 1] if at else None
        at = bisect_left(self._marks, end)
        last = self._marks[at] if at < len(self._marks) else None
        lowest, highest = self._to[first] if first is not None else 0, self._to[last] if last is not None else None
        place = range(lowest or 0, len(self._new.lines) if highest is None else highest + 1)
        was = self._old.lines[first or 0 : len(self._old.lines) if last is None else last + 1]
        return any(self._beside(change, start, was) for start in self._starts(change, place))

    def _gone(self, start: int, end: int) -> bool:
        return all(kept is None for kept in self._to[start:end])

    def _slides(self, change: Change, line: int) -> Iterator[int]:
        """Where a removal may be shown as well: taking `a b` out of `a b a` is taking out `b a`."""
        yield line
        size, lines = len(change.removed), self._old.lines
        if change.added or not size:
            return
        up = line
        while up > 0 and lines[up - 1] == lines[up + size - 1]:
            up -= 1
            yield up
        down = line
        while down + size < len(lines) and lines[down] == lines[down + size]:
            down += 1
            yield down

    def _is_mark(self, line: int) -> bool:
        """Whether a kept line marks a place beyond doubt: it tells something, and there is only one of it on both sides."""
        text = self._old.lines[line]
        telling = self._to[line] is not None and sum(chr(byte).isalnum() for byte in text) >= _TELLING
        return telling and self._often[0][text] == self._often[1][text] == 1

    def _starts(self, change: Change, place: range) -> Iterator[int]:
        """Where at the place the added lines stand; of a removal, where its neighbours stand side by side."""
        if change.added:
            yield from self._new.occurrences(change.added, place.start, place.stop - len(change.added))
        elif change.front and change.back:
            pair = (change.front[-1], change.back[0])
            yield from (at + 1 for at in self._new.occurrences(pair, place.start, place.stop - 2))

    def _beside(self, change: Change, start: int, was: Sequence[bytes]) -> bool:
        """A neighbour stands beside them that is not found twice at the old place (for a removal: both stand there)."""
        end = start + len(change.added)
        front = _neighbours(change.front[::-1], self._new.lines[max(start - 2, 0) : start][::-1])
        back = _neighbours(change.back, self._new.lines[end : end + 2])
        if not change.added and not (front and back):
            return False
        return any(near and sum(line == near[-1] for line in was) <= 1 for near in (front, back))


def _neighbours(context: Sequence[bytes], there: Sequence[bytes]) -> Sequence[bytes]:
    """The context that is there, the nearest line first: one line, or two when the nearest is blank; else nothing."""
    need = 1 if context and context[0].strip() else 2
    return context[:need] if len(context) >= need and list(context[:need]) == list(there[:need]) else ()
