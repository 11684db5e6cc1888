"""A snapshot moved to another commit: the macros that hold the commit, whole or short, follow it."""

from __future__ import annotations

import re

from headrace.package.model import PackageError
from headrace.package.spec.document import MacroDefinition, SpecDocument
from headrace.package.spec.edits import LineEditor
from headrace.package.spec.trace import Place
from headrace.words import Message

_WHOLE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def set_commit(document: SpecDocument, commit: str, editor: LineEditor) -> None:
    """Put `commit` wherever a macro holds the present one. Raises PackageError when that would be a guess."""
    if not _WHOLE.fullmatch(commit):
        raise PackageError(f"{commit!r} is not a commit", "a commit has 40 or 64 hexadecimal digits")
    simple = [one for one in document.definitions if one.index == one.last and one.keyword != "undefine"]
    held = {one.body for one in simple if _WHOLE.fullmatch(one.body)}
    if len(held) != 1:
        what = "no macro that holds a commit" if not held else f"{len(held)} macros that hold different commits"
        raise PackageError(f"the spec has {what}", remedy="edit the commit by hand")
    old = held.pop()
    for definition in simple:
        text = definition.body
        if text == old:
            _put(definition, commit, editor)
        elif 6 <= len(text) <= 16 and old.startswith(text):
            _put(definition, commit[: len(text)], editor)


def _put(definition: MacroDefinition, text: str, editor: LineEditor) -> None:
    place = Place(definition.index, definition.begin, definition.begin + len(definition.body), definition.name)
    editor.replace(place, text, Message("the snapshot is taken at another commit"))
