"""Where the text of a value comes from: the places in the file that an edit must change to change the value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from headrace.package.spec.document import MacroDefinition, SpecDocument, Tag
from headrace.package.spec.expand import matching
from headrace.package.spec.value import is_known
from headrace.package.spec.walk import Walk

_DEEPEST = 12
_REFERENCE = re.compile(r"%(?:(\?*)([A-Za-z_]\w*)|\{)")
_BRACED = re.compile(r"(\?*)([A-Za-z_]\w*)(:?)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Columns `begin` to `stop` of the line `index`; `macro` is the macro defined there, "" for a tag's own text."""

    index: int
    begin: int
    stop: int
    macro: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a value: its text, and the place it stands at; None when it is the outcome of something else."""

    text: str
    place: Place | None
    name: str = ""
    """The macro that gave a part without a place."""


class Tracer:
    """Traces values of one spec, with the macros as they stand at its end."""

    def __init__(self, document: SpecDocument, walked: Walk) -> None:
        self.walked = walked
        self.by_line: dict[tuple[int, str], MacroDefinition] = {
            (definition.index + 1, definition.name): definition for definition in document.definitions
        }

    def tag(self, tag: Tag) -> list[Piece]:
        """The pieces of a tag's value as written in the file."""
        return list(self._pieces(tag.value, tag.index, tag.begin, "", 0))

    def _pieces(self, text: str, index: int, column: int, macro: str, depth: int) -> Iterator[Piece]:
        at = 0
        while at < len(text):
            found = _REFERENCE.search(text, at)
            if found is None:
                yield Piece(text[at:], Place(index, column + at, column + len(text), macro))
                return
            if found.start() > at:
                yield Piece(text[at : found.start()], Place(index, column + at, column + found.start(), macro))
            if found.group(2):
                yield from self._named(found.group(2), found.group(1), found.group(), depth)
                at = found.end()
                continue
            stop = matching(text, found.end() - 1)
            if stop < 0:
                yield Piece(text[found.start() :], None)
                return
            yield from self._braced(text[found.end() : stop], index, column + found.end(), macro, depth)
            at = stop + 1

    def _braced(self, inner: str, index: int, column: int, macro: str, depth: int) -> Iterator[Piece]:
        found = _BRACED.fullmatch(inner)
        written = "%{" + inner + "}"
        if found is None or (found.group(4) and not found.group(3)) or (found.group(3) and not found.group(1)):
            yield self._opaque(written)
            return
        asked, name, colon, rest = found.groups()
        if not colon:
            yield from self._named(name, asked, written, depth)
            return
        there, doubt = self.walked.expander.exists(name)
        if doubt:
            yield self._opaque(written)
        elif there and depth < _DEEPEST:
            yield from self._pieces(rest, index, column + found.start(4), macro, depth + 1)

    def _named(self, name: str, asked: str, written: str, depth: int) -> Iterator[Piece]:
        macro = self.walked.expander.table.find(name)
        if macro is None:
            if not asked:
                yield self._opaque(written, name)
            return
        definition = self.by_line.get((macro.line, name))
        simple = definition is not None and definition.index == definition.last and definition.options is None
        if definition is None or not simple or macro.maybe or depth >= _DEEPEST or definition.body[:1] == "{":
            yield self._opaque(written, name)
            return
        yield from self._pieces(definition.body, definition.index, definition.begin, name, depth + 1)

    def _opaque(self, written: str, name: str = "") -> Piece:
        return Piece(self.walked.expander.expand(written), None, name)


def known(pieces: list[Piece]) -> bool:
    """Whether every piece is known."""
    return all(is_known(piece.text) for piece in pieces)
