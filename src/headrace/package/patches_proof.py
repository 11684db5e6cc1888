"""Proofs that a change is in a text already, and that none of it got lost on the way.

A proof is never "nothing was left to do". Three are told apart: the patch comes off again line by line (reverse), its
added lines are newly there and what it removes is gone (content), and, elsewhere, that a three-way merge adds nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from headrace.package.patches import FilePatch, Patch
from headrace.package.patches_apply import Blob, Lines, Tree, TreeChange, apply_patch, ends


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest unit of a patch: one run of removed and added lines between unchanged ones."""

    hunk: int
    """The number (from 1) of the hunk that it stands in."""
    before: tuple[bytes, ...]
    removed: tuple[bytes, ...]
    added: tuple[bytes, ...]
    after: tuple[bytes, ...]

    def there(self, lines: Lines) -> bool:
        """The changed form stands in the text with its context on both sides; without any context nothing is proved."""
        wanted = (*self.before, *self.added, *self.after)
        anchored = bool(self.added) or (bool(self.before) and bool(self.after))
        return anchored and lines.count(wanted) > 0

    def undone(self, lines: Lines) -> bool:
        """The unchanged form stands in the text with its context."""
        return bool(self.removed) and lines.count((*self.before, *self.removed, *self.after)) > 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How many changes of a patch are in the new sources already, by each proof, and how many there are."""

    total: int
    reverse: int
    content: int
    both: int
    whole_reverse: bool
    """The patch as a whole comes off the new sources, every hunk in order and without fuzz."""


def changes(file: FilePatch) -> tuple[Change, ...]:
    """The runs of one file in order, each with the unchanged lines around it up to the next run."""
    found: list[Change] = []
    for number, hunk in enumerate(file.hunks, 1):
        marked = hunk.marked(strip_cr=file.strip_cr)
        at = 0
        while at < len(marked):
            if marked[at][0] == " ":
                at += 1
                continue
            end = at
            while end < len(marked) and marked[end][0] != " ":
                end += 1
            front, back = at, end
            while front and marked[front - 1][0] == " ":
                front -= 1
            while back < len(marked) and marked[back][0] == " ":
                back += 1
            found.append(Change(
                number, tuple(text for _, text in marked[front:at]),
                tuple(text for marker, text in marked[at:end] if marker == "-"),
                tuple(text for marker, text in marked[at:end] if marker == "+"),
                tuple(text for _, text in marked[end:back]),
            ))  # fmt: skip
            at = end
    return tuple(found)


def standing(patch: Patch, strip: int, old: Tree, new: Tree) -> Standing:
    """Compare every change of a patch with the new sources; `old` are the sources that it was made for, without it."""
    total = reverse = content = both = 0
    for file in patch.files:
        source, path = ends(file, strip, old)
        was, now = old.get(source or ""), new.get(path or "")
        before, after = (Lines(blob.data if blob else b"") for blob in (was, now))
        found = [(change.there(after), _newly(change, before, after)) for change in changes(file)]
        if file.deleted or not found:
            found = [(_whole_there(file, new, source, now),) * 2]
        total += len(found)
        reverse += sum(one for one, _ in found)
        content += sum(other for _, other in found)
        both += sum(one and other for one, other in found)
    whole = total == reverse > 0 and isinstance(apply_patch(patch, strip, new, reverse=True), TreeChange)
    return Standing(total, reverse, content, both, whole)


def lost(old: Patch, new: Patch) -> Counter[tuple[str, bytes]]:
    """The changed lines (marker, text) of `old` that `new` does not have any more."""
    return _changed_lines(old) - _changed_lines(new)


def lost_changes(old: Patch, new: Patch) -> tuple[tuple[FilePatch, Change], ...]:
    """The changes of `old` of which at least one line is not in `new` any more."""
    missing = lost(old, new)
    found: list[tuple[FilePatch, Change]] = []
    for file in old.files:
        for change in changes(file):
            own = Counter([*(("-", text) for text in change.removed), *(("+", text) for text in change.added)])
            if own & missing:
                found.append((file, change))
    return tuple(found)


def proved_twice(change: Change, before: bytes, after: bytes) -> bool:
    """One change is in the new text by both proofs."""
    return change.there(Lines(after)) and _newly(change, Lines(before), Lines(after))


def _whole_there(file: FilePatch, new: Tree, source: str | None, now: Blob | None) -> bool:
    """What a section without lines does (remove, move, create empty, change the mode) is done in the new sources."""
    if file.deleted:
        return now is None
    if now is None or file.binary:
        return False
    if file.renamed and not file.copied and new.get(source or "") is not None:
        return False
    return file.new_mode is None or bool(file.new_mode & 0o100) == now.executable


def _newly(change: Change, before: Lines, after: Lines) -> bool:
    """Added lines are there more often than before the patch, and the removed ones are not where they were."""
    if not change.added and not change.removed:
        return False
    grown = not change.added or after.count(change.added) > before.count(change.added)
    return grown and not change.undone(after)


def _changed_lines(patch: Patch) -> Counter[tuple[str, bytes]]:
    return Counter(
        (marker, text)
        for file in patch.files
        for hunk in file.hunks
        for marker, text in hunk.marked(strip_cr=file.strip_cr)
        if marker != " "
    )
