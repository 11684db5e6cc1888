"""Applying patches to texts, the way `patch` does it when rpmbuild calls it: at another line if need be, without fuzz.

Pure: a tree is anything that answers `get(path)`. A hunk whose context is shorter on one side may match only at that
end of the file, exactly as in GNU patch; of several places the nearest one wins, later before earlier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from headrace.package.patches import FilePatch, Hunk, Patch, stripped
from headrace.words import Message, Text


@dataclass(frozen=True, slots=True)
class Blob:
    """A regular file: its bytes and whether it may be executed."""

    data: bytes
    executable: bool = False


class Tree(Protocol):
    """The files that a patch is applied to."""

    def get(self, path: str, /) -> Blob | None:
        """The file, or None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hunk went: the line (from 1) of its first line, how far from where it says, and the fuzz it needed."""

    line: int
    offset: int
    fuzz: int


@dataclass(frozen=True, slots=True)
class Applied:
    """The new text, and the place of every hunk."""

    text: bytes
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Hunk number `hunk` (from 1) does not match."""

    hunk: int


@dataclass(frozen=True, slots=True)
class TreeChange:
    """What a patch did to a tree: path -> new file, or None where it was removed."""

    files: Mapping[str, Blob | None]
    fuzz: int = 0
    """The most that any hunk needed."""
    offset: int = 0
    """The farthest that any hunk moved, in lines."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A patch does not apply: which file, and why."""

    path: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Piece:
    """One hunk as two texts: what it wants to find, what it puts there, and how much of both is context."""

    before: tuple[bytes, ...]
    after: tuple[bytes, ...]
    prefix: int
    suffix: int
    start: int
    """The line (from 1) at which `before` should begin."""

    def reversed(self, start: int) -> Piece:
        """The same change the other way round."""
        return Piece(self.after, self.before, self.prefix, self.suffix, start)


def piece(hunk: Hunk, *, strip_cr: bool = False, reverse: bool = False) -> Piece:
    """The two sides of a hunk; with `reverse`, of its inverse."""
    marked = hunk.marked(strip_cr=strip_cr)
    before = tuple(text for marker, text in marked if marker != "+")
    after = tuple(text for marker, text in marked if marker != "-")
    changed = [at for at, (marker, _) in enumerate(marked) if marker != " "]
    prefix = changed[0] if changed else len(marked)
    suffix = len(marked) - 1 - changed[-1] if changed else 0
    forward = Piece(before, after, prefix, suffix, hunk.old_start + (not hunk.old_count))
    return forward.reversed(hunk.new_start + (not hunk.new_count)) if reverse else forward


def pieces(file: FilePatch, *, reverse: bool = False) -> tuple[Piece, ...]:
    """All hunks of a file as pieces."""
    return tuple(piece(hunk, strip_cr=file.strip_cr, reverse=reverse) for hunk in file.hunks)


_FEW = 32


class Lines:
    """A text with what is needed to search it in linear time, whatever it holds."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.lines = text.split(b"\n")
        last = self.lines.pop()
        self.lines = [line + b"\n" for line in self.lines] + ([last] if last else [])

    @cached_property
    def _forward(self) -> bytes:
        return b"\n" + self.text

    @cached_property
    def _backward(self) -> bytes:
        return self._forward[::-1]

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], 0
        for line in self.lines:
            at += len(line)
            starts.append(at)
        return starts

    def matches(self, wanted: Sequence[bytes], at: int) -> bool:
        """Whether `wanted` stands at line `at` (from 0)."""
        return at >= 0 and self.lines[at : at + len(wanted)] == list(wanted)

    def nearest(self, wanted: Sequence[bytes], guess: int, lowest: int, highest: int | None = None) -> int | None:
        """The line (from 0, `lowest` to `highest`) nearest to `guess` where `wanted` stands; of two the later one."""
        highest = len(self.lines) if highest is None else highest
        if lowest <= guess <= highest and self.matches(wanted, guess):
            return guess
        if not wanted[-1].endswith(b"\n"):  # can only be the end of the text
            last = len(self.lines) - len(wanted)
            return last if lowest <= last <= highest and self.matches(wanted, last) else None
        needle = b"\n" + b"".join(wanted)
        after = self._find_after(needle, wanted, max(guess, lowest))
        after = None if after is not None and after > highest else after
        before = self._find_before(needle, wanted, min(guess, highest + 1), lowest)
        if after is None or before is None:
            return after if before is None else before
        return after if after - guess <= guess - before else before

    def occurrences(self, wanted: Sequence[bytes], lowest: int, highest: int) -> Iterator[int]:
        """The lines (from 0) between `lowest` and `highest` where `wanted` stands."""
        needle, line = b"\n" + b"".join(wanted), max(lowest, 0)
        while wanted and line <= min(highest, len(self.lines) - len(wanted)):
            at = self._forward.find(needle, self._starts[line])
            if at < 0:
                return
            line += self._forward.count(b"\n", self._starts[line], at)
            if line <= highest and self.matches(wanted, line):
                yield line
            line += 1

    def count(self, wanted: Sequence[bytes]) -> int:
        """How often `wanted` stands in the text, without overlaps."""
        if not wanted:
            return 0
        rare = self._rarest(wanted)
        if rare is not None:
            found, free = 0, 0
            for line in rare:
                if line >= free and self.matches(wanted, line):
                    found, free = found + 1, line + len(wanted)
            return found
        needle, found, at = b"\n" + b"".join(wanted), 0, 0
        while (at := self._forward.find(needle, at)) >= 0:
            end = at + len(needle)
            if needle.endswith(b"\n") or end == len(self._forward):
                found += 1
            at = end - needle.endswith(b"\n")
        return found

    def _rarest(self, wanted: Sequence[bytes]) -> list[int] | None:
        """The few lines where `wanted` could begin, judged by the rarest of its lines; None when they are not few."""
        offset, places = min(enumerate(self._places.get(line, []) for line in wanted), key=lambda pair: len(pair[1]))
        return [line - offset for line in places] if len(places) <= _FEW else None

    @cached_property
    def _places(self) -> dict[bytes, list[int]]:
        places: dict[bytes, list[int]] = {}
        for number, line in enumerate(self.lines):
            places.setdefault(line, []).append(number)
        return places

    def _find_after(self, needle: bytes, wanted: Sequence[bytes], guess: int) -> int | None:
        if guess >= len(self.lines):
            return None
        at = self._forward.find(needle, self._starts[guess])
        return self._line(at, wanted) if at >= 0 else None

    def _find_before(self, needle: bytes, wanted: Sequence[bytes], guess: int, lowest: int) -> int | None:
        """The mirror image: the text and the needle read backwards, so that the search stays linear."""
        top = min(guess - 1, len(self.lines) - 1)
        if top < lowest:
            return None
        size = len(self._forward)
        end = self._starts[top] + len(needle)  # where a match that begins at line `top` would end
        at = self._backward.find(needle[::-1], max(0, size - end))
        if at < 0 or size - at - len(needle) < self._starts[lowest]:
            return None
        return self._line(size - at - len(needle), wanted)

    def _line(self, offset: int, wanted: Sequence[bytes]) -> int | None:
        line = self.text.count(b"\n", 0, offset)
        return line if self.matches(wanted, line) else None


def apply_pieces(text: bytes, changes: Sequence[Piece], *, fuzz: int = 0) -> Applied | Refused:
    """Put all pieces into a text, in order and without overlap; the first that does not fit refuses the whole."""
    lines = Lines(text)
    out: list[bytes] = []
    places: list[Place] = []
    done, drift = 0, 0
    for number, change in enumerate(changes, 1):
        found = _find(lines, change, change.start - 1 + drift, done, fuzz)
        if found is None:
            return Refused(number)
        at, used, cut_front, cut_back = found
        drift = at - cut_front - (change.start - 1)
        before = change.before[cut_front : len(change.before) - cut_back]
        out += lines.lines[done:at]
        out += change.after[cut_front : len(change.after) - cut_back]
        done = at + len(before)
        places.append(Place(at - cut_front + 1, drift, used))
    return Applied(b"".join([*out, *lines.lines[done:]]), tuple(places))


def apply_patch(patch: Patch, strip: int, tree: Tree, *, fuzz: int = 0, reverse: bool = False) -> TreeChange | Refusal:
    """Apply a whole patch to a tree; nothing is written, the tree stays as it is."""
    changed: dict[str, Blob | None] = {}
    view = Overlay(tree, changed)
    most, farthest = 0, 0
    for file in reversed(patch.files) if reverse else patch.files:
        done = _apply_file(file, strip, view, fuzz, reverse)
        if isinstance(done, Refusal):
            return done
        files, places = done
        changed.update(files)
        most = max([most, *(place.fuzz for place in places)])
        farthest = max([farthest, *(abs(place.offset) for place in places)])
    return TreeChange(changed, most, farthest)


def target(file: FilePatch, strip: int, tree: Tree) -> str | None:
    """The path that a section is about: the name that exists, the shorter first, as GNU patch chooses; None: no usable name."""
    names = [path for name in file.names if (path := stripped(name, strip)) is not None]
    if file.git or file.created:
        names = names[::-1] if file.created else names
        return names[0] if names else None
    there = [name for name in names if tree.get(name) is not None]
    best = min(there, key=lambda name: (name.count("/"), len(name.rpartition("/")[2]), len(name)), default=None)
    return best or (names[-1] if names else None)


class Overlay:
    """A tree with changes laid over it; `changed` may grow."""

    def __init__(self, tree: Tree, changed: Mapping[str, Blob | None]) -> None:
        self._tree = tree
        self.changed = changed

    def get(self, path: str, /) -> Blob | None:
        """The changed file where there is one, else the tree's."""
        return self.changed[path] if path in self.changed else self._tree.get(path)


def touched(patch: Patch, strip: int) -> frozenset[str]:
    """Every path that a patch may read or write at a strip level."""
    paths = {stripped(name, strip) for file in patch.files for name in file.names}
    moved = {stripped(name, max(strip - 1, 0)) for file in patch.files for name in file.renamed or ()}
    return frozenset(path for path in paths | moved if path is not None)


def detect_strip(patch: Patch, tree: Tree) -> int | None:
    """The strip level at which every file that must exist exists; None when no level, or more than one, fits."""
    fitting = [level for level in range(6) if _fits(patch, level, tree)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(patch: Patch, level: int, tree: Tree) -> bool:
    wanted = [file for file in patch.files if not file.created]
    if not wanted:
        return False
    return all((path := target(file, level, tree)) is not None and tree.get(path) is not None for file in wanted)


def _find(lines: Lines, change: Piece, guess: int, done: int, fuzz: int) -> tuple[int, int, int, int] | None:
    """Where a piece goes, with the least fuzz: line (from 0), fuzz, context lines cut in front and behind."""
    if not change.before:
        return (guess, 0, 0, 0) if done <= guess <= len(lines.lines) else None
    context = max(change.prefix, change.suffix)
    for used in range(min(fuzz, context) + 1):
        front, back = used + change.prefix - context, used + change.suffix - context
        wanted = change.before[max(front, 0) : len(change.before) - max(back, 0)]
        end = len(lines.lines) - len(wanted)
        if not wanted:
            return None  # nothing but context was cut away: it could stand anywhere
        lowest, highest = done + max(front, 0), end  # context cut in front must have room in the file
        at: int | None
        if front < 0 or back < 0:  # shorter context on one side: only that end of the file is meant
            at = 0 if front < 0 else end
            fits = lowest <= at <= highest and (back >= 0 or at == end) and lines.matches(wanted, at)
            at = at if fits else None
        else:
            at = lines.nearest(wanted, guess + max(front, 0), lowest, highest)
        if at is not None:
            return at, used, max(front, 0), max(back, 0)
    return None


def _apply_file(
    file: FilePatch, strip: int, tree: Tree, fuzz: int, reverse: bool
) -> tuple[dict[str, Blob | None], tuple[Place, ...]] | Refusal:
    source, result = ends(file, strip, tree)
    if reverse:
        source, result = result, source
    if source is None or result is None:
        return Refusal(" ".join(file.names), Message("the file name has fewer parts than the patch's -p level strips"))
    if file.binary:
        return Refusal(result, Message("it holds binary data, which is not judged"))
    created, deleted = (file.deleted, file.created) if reverse else (file.created, file.deleted)
    old = tree.get(source)
    if created and old is not None and (old.data or file.hunks):
        return Refusal(source, Message("the file that it creates is there already"))
    if old is None and not created:
        return Refusal(source, Message("there is no such file"))
    old = old or Blob(b"")
    done = apply_pieces(old.data, pieces(file, reverse=reverse), fuzz=fuzz)
    if isinstance(done, Refused):
        return Refusal(
            source, Message("hunk {number} of {count} does not match", number=done.hunk, count=len(file.hunks))
        )
    if deleted and done.text:
        return Refusal(source, Message("the file that it removes has other content"))
    mode = file.old_mode if reverse else file.new_mode
    new = Blob(done.text, bool(mode & 0o100) if mode is not None else old.executable)
    files: dict[str, Blob | None] = {result: None if deleted else new}
    if source != result and not (file.copied and not reverse):
        files[source] = None
    return files, done.places


def ends(file: FilePatch, strip: int, tree: Tree) -> tuple[str | None, str | None]:
    """The path that a section reads and the path that it writes; None where a name has too few parts."""
    if file.renamed:
        source, result = (stripped(name, max(strip - 1, 0)) for name in file.renamed)
        return source, result
    path = target(file, strip, tree)
    return path, path
