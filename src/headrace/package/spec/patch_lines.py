"""Patches taken out of a spec: their tags, the comments that belong to them alone, and the lines that apply them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from headrace.package.spec.document import SpecDocument
from headrace.package.spec.edits import LineEditor
from headrace.package.spec.facts import DeclaredPatch
from headrace.package.spec.trace import Place
from headrace.words import Message, Text

_APPLY = re.compile(r"[ \t]*%patch(\d*)(?=\s|$)(.*)")


def drop(document: SpecDocument, patches: Sequence[DeclaredPatch], numbers: frozenset[int], editor: LineEditor) -> None:
    """Take the patches with these numbers out; what is left keeps its numbers."""
    dropped = {patch.line - 1: patch for patch in patches if patch.number in numbers}
    for index, patch in dropped.items():
        reason = Message("patch {number} is merged upstream", number=patch.number)
        _with_comment(document, index, dropped.keys(), editor, reason)
        _applications(document, patch, editor, reason)
    _close_gaps(document, editor)


def _close_gaps(document: SpecDocument, editor: LineEditor) -> None:
    """Where a removed block stood between two blank lines, one of them goes too."""
    lines = document.lines
    for index in sorted(editor.removed()):
        before, after = index - 1, index + 1
        if editor.is_removed(before):
            continue
        while editor.is_removed(after):
            after += 1
        if before >= 0 and after < len(lines) and not lines[before].text.strip() and not lines[after].text.strip():
            editor.remove(after, Message("one blank line is enough where the patches stood"))


def _with_comment(
    document: SpecDocument, index: int, removed: Collection[int], editor: LineEditor, reason: Text
) -> None:
    """Remove a patch's line; the comment above goes with it unless the next line, which stays, may be meant too."""
    editor.remove(index, reason)
    following = document.lines[index + 1].text.strip() if index + 1 < len(document.lines) else ""
    if following.lower().startswith("patch") and index + 1 not in removed:
        return
    above = index - 1
    while above >= 0 and above in removed:
        above -= 1
    while above >= 0 and re.match(r"[ \t]*#(?!\s*%|!)", document.lines[above].text):
        editor.remove(above, reason)
        above -= 1


def _applications(document: SpecDocument, patch: DeclaredPatch, editor: LineEditor, reason: Text) -> None:
    section = document.section("prep")
    if section is None:
        return
    for index in range(section.start + 1, section.end):
        found = _APPLY.match(document.lines[index].text)
        if not found:
            continue
        digits, rest = found.groups()
        if digits:
            if int(digits) == patch.number:
                editor.remove(index, reason)
            continue
        _from_list(index, rest, found.start(2), patch.number, editor, reason)


def _from_list(index: int, rest: str, begin: int, number: int, editor: LineEditor, reason: Text) -> None:
    """`%patch -P 1 -P 2` and `%patch 1 2`: the number goes, the line too when it was the only one."""
    named = list(re.finditer(r"(?<!\S)-P[ \t]*(\d+)(?!\S)", rest)) or list(re.finditer(r"(?<!\S)(\d+)(?!\S)", rest))
    hits = [one for one in named if int(one.group(1)) == number]
    if (not hits and not named and number == 0) or (hits and len(hits) == len(named)):
        editor.remove(index, reason)
    else:
        for hit in hits:
            start = hit.start() - 1 if hit.start() and rest[hit.start() - 1] in " \t" else hit.start()
            editor.replace(Place(index, begin + start, begin + hit.end()), "", reason)
