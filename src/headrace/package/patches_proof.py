"""Proofs that a change is in a text already, and that none of it got lost on the way.

A proof is never "nothing was left to do". Three are told apart: the patch comes off again line by line (reverse), its
added lines are newly there and what it removes is gone (content), and, elsewhere, that a three-way merge adds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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
    offset: int = 0
    """How many lines of the old text stand before it in its hunk."""
    front: tuple[bytes, ...] = ()
    """Up to two lines right before it in the patched text, those that the patch itself adds included."""
    back: tuple[bytes, ...] = ()
    """Up to two lines right behind it, likewise."""

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
    anchored: int = 0
    """How many are newly there at their own place, though perhaps with other surroundings; counted only in doubt."""
    whole_reverse: bool = False
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
            found.append(_change(number, marked, at, end))
            at = end
    return tuple(found)


def _change(hunk: int, marked: Sequence[tuple[str, bytes]], start: int, end: int) -> Change:
    first, last = start, end
    while first and marked[first - 1][0] == " ":
        first -= 1
    while last < len(marked) and marked[last][0] == " ":
        last += 1
    return Change(
        hunk,
        before=tuple(text for _, text in marked[first:start]),
        removed=tuple(text for marker, text in marked[start:end] if marker == "-"),
        added=tuple(text for marker, text in marked[start:end] if marker == "+"),
        after=tuple(text for _, text in marked[end:last]),
        offset=sum(marker != "+" for marker, _ in marked[:start]),
        front=tuple(text for marker, text in marked[:start] if marker != "-")[-2:],
        back=tuple(text for marker, text in marked[end:] if marker != "-")[:2],
    )


def standing(patch: Patch, strip: int, old: Tree, new: Tree) -> Standing:
    """Compare every change of a patch with the new sources; `old` are the sources that it was made for, without it."""
    total = reverse = content = both = 0
    for file in patch.files:
        source, path = ends(file, strip, old)
        was, now = old.get(source or ""), new.get(path or "")
        before, after = (Lines(blob.data if blob else b"") for blob in (was, now))
        found = [(change.there(after), newly(change, before, after)) for change in changes(file)]
        if file.deleted or not found:
            found = [(whole_there(file, new, source, now),) * 2]
        total += len(found)
        reverse += sum(one for one, _ in found)
        content += sum(other for _, other in found)
        both += sum(one and other for one, other in found)
    whole = total == reverse > 0 and isinstance(apply_patch(patch, strip, new, reverse=True), TreeChange)
    return Standing(total, reverse, content, both, whole_reverse=whole)


def lost_changes(old: FilePatch, new: FilePatch | None) -> tuple[Change, ...]:
    """The changes of a file that its new patch does not make any more, at least not wholly; None: it makes none.

    Equal runs answer each other first; then a run counts as kept when all its lines are among those that are left, for
    another diff may cut the same change into other runs.
    """
    fresh = list(changes(new)) if new is not None else []
    left: list[Change] = []
    for change in changes(old):
        twin = next((other for other in fresh if (other.removed, other.added) == (change.removed, change.added)), None)
        if twin is None:
            left.append(change)
        else:
            fresh.remove(twin)
    spare = sum((_net(change) for change in fresh), Counter[tuple[str, bytes]]())
    lost: list[Change] = []
    for change in left:
        if _net(change) <= spare:
            spare -= _net(change)
        else:
            lost.append(change)
    return tuple(lost)


def unproved(old: FilePatch, lost: Sequence[Change], proved: Sequence[bool]) -> int:
    """How many of the lost changes are not proved; `proved` says it of every change of the file, in order.

    Of equal changes of a file any may be the one that is left, so as many of them must be proved as were lost.
    """
    have = Counter((change.removed, change.added) for change, good in zip(changes(old), proved, strict=True) if good)
    want = Counter((change.removed, change.added) for change in lost)
    return (want - have).total()


def proved_twice(file: FilePatch, before: bytes, after: bytes) -> tuple[bool, ...]:
    """For each change of a file whether it is in the new text by both proofs, its context unchanged."""
    old, new = Lines(before), Lines(after)
    return tuple(change.there(new) and newly(change, old, new) for change in changes(file))


def whole_there(file: FilePatch, new: Tree, source: str | None, now: Blob | None) -> bool:
    """What a section without lines does (remove, move, create empty, change the mode) is done in the new sources."""
    if file.deleted:
        return now is None
    if now is None or file.binary:
        return False
    if file.renamed and not file.copied and new.get(source or "") is not None:
        return False
    return file.new_mode is None or bool(file.new_mode & 0o100) == now.executable


def newly(change: Change, before: Lines, after: Lines) -> bool:
    """The content proof: added lines are there more often than before the patch, and the removed ones are not where they were."""
    if not change.added and not change.removed:
        return False
    grown = not change.added or after.count(change.added) > before.count(change.added)
    return grown and not change.undone(after)


def _net(change: Change) -> Counter[tuple[str, bytes]]:
    """The lines that a change really adds and removes: one that it removes and adds again does not count."""
    added, removed = Counter(change.added), Counter(change.removed)
    net = Counter({("+", text): count for text, count in (added - removed).items()})
    net.update({("-", text): count for text, count in (removed - added).items()})
    return net
