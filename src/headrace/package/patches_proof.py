"""Proofs that a change is in a text already, and that none of it got lost on the way.

A proof is never "nothing was left to do". Three are told apart: the patch comes off again line by line (reverse), its
added lines are newly there and what it removes is gone (content), and, elsewhere, that a three-way merge adds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from headrace.package.patches import FilePatch, Patch
from headrace.package.patches_apply import Blob, Lines, Tree, TreeChange, apply_patch, ends, pieces


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
        """The changed form stands in the text with its context; without any context nothing is proved.

        A removal shows only by what closes the gap: context on both sides, or on one side at that end of the file.
        """
        wanted = (*self.before, *self.added, *self.after)
        if self.added or (self.before and self.after):
            return lines.count(wanted) > 0
        if not wanted:
            return False
        return lines.matches(wanted, 0 if self.after else len(lines.lines) - len(wanted))

    def alone(self, old: Lines) -> bool:
        """Its place in the old text is unmistakable: the lines that it is about stand there only once."""
        wanted = (*self.before, *self.removed, *self.after)
        return not wanted or old.count(wanted) == 1

    def undone(self, lines: Lines) -> bool:
        """The unchanged form stands in the text with its context."""
        return bool(self.removed) and lines.count((*self.before, *self.removed, *self.after)) > 0

    def open(self, lines: Lines) -> bool:
        """Of an addition: the lines between which it belongs still stand side by side."""
        return bool(self.before and self.after) and lines.count((*self.before, *self.after)) > 0


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
        units = changes(file)
        # Where another place of the old text looks the same, coming off again says nothing: it may come off there.
        alone = [before.count(one.before) <= 1 for one in pieces(file)]
        reverses = [alone[unit.hunk - 1] and unit.there(after) for unit in units]
        found = list(zip(reverses, newly(units, before, after), strict=True))
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
    fresh = changes(new) if new is not None else ()
    twins = Counter((change.removed, change.added) for change in fresh)
    left: list[Change] = []
    for change in changes(old):
        key = (change.removed, change.added)
        if twins[key]:
            twins[key] -= 1
        else:
            left.append(change)
    spare: Counter[tuple[str, bytes]] = Counter()
    for change in fresh:
        key = (change.removed, change.added)
        if twins[key]:
            twins[key] -= 1
            spare.update(_net(change))
    lost: list[Change] = []
    for change in left:
        net = _net(change)
        if all(spare[line] >= count for line, count in net.items()):
            spare.subtract(net)
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


def proved(file: FilePatch, before: bytes, after: bytes, *, twice: bool) -> tuple[bool, ...]:
    """For each change of a file whether it is in the new text with its context unchanged; `twice`: and newly so."""
    old, new = Lines(before), Lines(after)
    units = changes(file)
    fresh = newly(units, old, new) if twice else (True,) * len(units)
    return tuple(good and unit.alone(old) and unit.there(new) for unit, good in zip(units, fresh, strict=True))


def whole_there(file: FilePatch, new: Tree, source: str | None, now: Blob | None) -> bool:
    """What a section without lines does (remove, move, create empty, change the mode) is done in the new sources."""
    if file.deleted:
        return now is None
    if now is None or file.binary:
        return False
    if file.renamed and not file.copied and new.get(source or "") is not None:
        return False
    return file.new_mode is None or bool(file.new_mode & 0o100) == now.executable


def newly(units: Sequence[Change], before: Lines, after: Lines) -> tuple[bool, ...]:
    """The content proof for all changes of a file, in order.

    Added lines are there more often than before the patch, and removed ones are not where they were. What the patch
    takes away elsewhere and puts here is there as often as before; then the gap that it fills must be gone.
    """
    gone = {line for unit in units for line in unit.removed}
    return tuple(_newly(unit, units, gone, before, after) for unit in units)


def _newly(change: Change, units: Sequence[Change], gone: set[bytes], before: Lines, after: Lines) -> bool:
    if change.undone(after) or not (change.added or change.removed):
        return False
    if not change.added:
        return True
    growth = after.count(change.added) - before.count(change.added)
    if growth > 0 or not gone.issuperset(change.added):
        return growth > 0
    moved = sum(Lines(b"".join(unit.removed)).count(change.added) for unit in units)
    return growth + moved > 0 and not (not change.removed and change.open(after))


def _net(change: Change) -> Counter[tuple[str, bytes]]:
    """The lines that a change really adds and removes: one that it removes and adds again does not count."""
    added, removed = Counter(change.added), Counter(change.removed)
    net = Counter({("+", text): count for text, count in (added - removed).items()})
    net.update({("-", text): count for text, count in (removed - added).items()})
    return net
