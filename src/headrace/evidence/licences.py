"""Licence expressions: SPDX's `AND`, `OR`, `WITH` and parentheses, and the older tags with small letters and blanks in names."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_WORD = re.compile(r"\s*(\(|\)|[^\s()]+)")
_LONGEST = 2000
_DEEPEST = 40


class LicenceError(ValueError):
    """The text is no licence expression; the message says why."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A node: a single licence (`name`, with its exception), or parts joined by `AND` or `OR`."""

    name: str = ""
    operator: str = ""
    parts: tuple[Licence, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Every licence in it once, in order."""
        if not self.parts:
            return (self.name,)
        return tuple(dict.fromkeys(name for part in self.parts for name in part.names()))

    def refused(self, allowed: Collection[str]) -> tuple[str, ...]:
        """The licences that stand in the way; empty when the expression is allowed. Of an OR one allowed part is enough."""
        if not self.parts:
            known = {each.lower() for each in allowed}
            plain = self.name.lower()
            ok = plain in known or plain.partition(" with ")[0] in known
            return () if ok else (self.name,)
        refused = [part.refused(allowed) for part in self.parts]
        if self.operator == "OR" and not all(refused):
            return ()
        return tuple(dict.fromkeys(name for each in refused for name in each))


def parse_licence(text: str) -> Licence:
    """Read an expression; AND binds closer than OR. Raises LicenceError."""
    if len(text) > _LONGEST:
        raise LicenceError("it is too long")
    words = _WORD.findall(text)
    if not words:
        raise LicenceError("it is empty")
    parser = _Parser(words)
    found = parser.either(0)
    if parser.place < len(words):
        raise LicenceError(f"{words[parser.place]!r} stands where it should end")
    return found


@dataclass(slots=True)
class _Parser:
    words: list[str]
    place: int = 0

    def either(self, depth: int) -> Licence:
        return self._joined("OR", depth)

    def _joined(self, operator: str, depth: int) -> Licence:
        parts = [self._part(operator, depth)]
        while self._next().upper() == operator:
            self.place += 1
            parts.append(self._part(operator, depth))
        return parts[0] if len(parts) == 1 else Licence(operator=operator, parts=tuple(parts))

    def _part(self, operator: str, depth: int) -> Licence:
        return self._joined("AND", depth) if operator == "OR" else self._single(depth)

    def _single(self, depth: int) -> Licence:
        if depth > _DEEPEST:
            raise LicenceError("its parentheses are too deep")
        if self._next() == "(":
            self.place += 1
            found = self.either(depth + 1)
            if self._next() != ")":
                raise LicenceError("a parenthesis is not closed")
            self.place += 1
            return found
        name: list[str] = []
        while (word := self._next()) and word not in {"(", ")"} and word.upper() not in {"AND", "OR"}:
            name.append("WITH" if word.upper() == "WITH" else word)
            self.place += 1
        if not name or name[0] == "WITH" or name[-1] == "WITH":
            raise LicenceError("a licence is missing")
        return Licence(" ".join(name))

    def _next(self) -> str:
        return self.words[self.place] if self.place < len(self.words) else ""
