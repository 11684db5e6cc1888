"""Where the text of a value comes from: the places in the file that an edit must change to change the value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from headrace.package.spec.document import MacroDefinition, SpecDocument, Tag
from headrace.package.spec.macros import Macro
from headrace.package.spec.scan import matching
from headrace.package.spec.value import is_known
from headrace.package.spec.walk import Walk

_DEEPEST = 12
_REFERENCE = re.compile(r"%(?:(\?*)([A-Za-z_]\w*)|\{)")
_COMMENTED = re.compile(r"[ \t]*#[ \t]*%{0,2}(global|define)[ \t]+([A-Za-z_]\w*)[ \t]+\S+[ \t]*$")
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
    guard: str = ""
    """The macro whose being defined lets this part in: `pre` for what `%{?pre:~%{pre}}` gives."""


class Tracer:
    """Traces values of one spec, with the macros as they stand at its end."""

    def __init__(self, document: SpecDocument, walked: Walk) -> None:
        self.document = document
        self.walked = walked
        self.then: dict[str, Macro] | None = None
        self.by_line: dict[tuple[int, str], MacroDefinition] = {
            (definition.index + 1, definition.name): definition for definition in document.definitions
        }

    def tag(self, tag: Tag) -> list[Piece]:
        """The pieces of a tag's value as written in the file."""
        self.then = self.walked.then.get(tag.index)
        expander = self.walked.expander
        scripted = expander.scripted
        if expander.scripted_at > tag.index + 1:
            expander.scripted = ""
        try:
            return list(self._pieces(tag.value, tag.index, tag.begin, "", 0))
        finally:
            expander.scripted = scripted

    def _pieces(self, text: str, index: int, column: int, macro: str, depth: int) -> Iterator[Piece]:
        """The pieces of a text that stands at a place, with what its macros stand for."""
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
        there, doubt = self._exists(name)
        if doubt:
            yield self._opaque(written)
        elif there and depth < _DEEPEST:
            for piece in self._pieces(rest, index, column + found.start(4), macro, depth + 1):
                yield replace(piece, guard=piece.guard or name)

    def _named(self, name: str, asked: str, written: str, depth: int) -> Iterator[Piece]:
        macro = self._find(name)
        if macro is None:
            if not asked:
                yield self._opaque(written, name)
            return
        definition = self.by_line.get((macro.line, name)) or self._earlier(macro.line, name)
        simple = definition is not None and definition.index == definition.last and definition.options is None
        if definition is None or not simple or macro.maybe or depth >= _DEEPEST or definition.body[:1] == "{":
            yield self._opaque(written, name)
            return
        for piece in self._pieces(definition.body, definition.index, definition.begin, name, depth + 1):
            yield replace(piece, guard=piece.guard or name) if asked else piece

    def _find(self, name: str) -> Macro | None:
        """The definition that held where the tag stands."""
        table = self.walked.expander.table
        if self.then is None:
            return table.find(name)
        return self.then.get(name) or (None if name in table.hidden else table.target.get(name))

    def _exists(self, name: str) -> tuple[bool, str]:
        macro = self._find(name)
        if macro is None and self.walked.expander.table.own.get(name):
            return False, self.walked.expander.scripted
        return (True, macro.maybe) if macro is not None else self.walked.expander.exists(name)

    def _earlier(self, line: int, name: str) -> MacroDefinition | None:
        """`Version: %{version}`: the definition above the tag that has taken the name over."""
        above = [one for (at, known_as), one in self.by_line.items() if known_as == name and at < line]
        return above[-1] if above and name in ("name", "version", "release") else None

    def commented(self, tag: Tag) -> dict[str, Place]:
        """Macros that the tag would take in if their definition were not commented out: name -> the whole line's place."""
        found = {}
        for index, line in enumerate(self.document.lines):
            row = _COMMENTED.match(line.text) if line.text[:1] in "# \t" else None
            if row and re.search(r"%\{\?" + row.group(2) + r"[:}]", tag.value):
                found[row.group(2)] = Place(index, 0, len(line.text))
        return found

    def _opaque(self, written: str, name: str = "") -> Piece:
        return Piece(self.walked.expander.expand(written), None, name)


def known(pieces: list[Piece]) -> bool:
    """Whether every piece is known."""
    return all(is_known(piece.text) for piece in pieces)
