"""Macro definitions: what a name stands for now, and macro files as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from headrace.package.spec.document import open_at_end


@dataclass(frozen=True, slots=True)
class Macro:
    """One definition. `options` is None for a plain macro; `maybe` when a condition that cannot be judged guards it."""

    body: str
    options: str | None = None
    level: int = 0
    maybe: str = ""
    """The hole that stands for the reason when it is not sure that this definition holds; "" when it is."""
    line: int = 0
    """The line (from 1) of the spec that defines it; 0 when it comes from elsewhere."""


@dataclass(slots=True)
class MacroTable:
    """The macros of one reading: what the spec defined over what the target's files define."""

    target: dict[str, Macro] = field(default_factory=dict)
    """From macro files; shared between readings and never changed."""
    own: dict[str, list[Macro]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    """Names of `target` that the spec has undefined."""

    def find(self, name: str) -> Macro | None:
        """The definition that holds now."""
        stack = self.own.get(name)
        if stack:
            return stack[-1]
        return None if name in self.hidden else self.target.get(name)

    def define(self, name: str, macro: Macro) -> None:
        """Push a definition; the one below comes back when it is undefined or its level ends."""
        stack = self.own.setdefault(name, [])
        if stack and stack[-1].level == macro.level and not macro.maybe:
            stack[-1] = macro
        else:
            stack.append(macro)
        if len(stack) > 64:
            del stack[0]

    def undefine(self, name: str) -> None:
        """Pop the definition that holds now."""
        stack = self.own.get(name)
        if stack:
            stack.pop()
        else:
            self.hidden.add(name)

    def leave(self, level: int) -> None:
        """Forget what was defined at `level` or deeper: the end of a parametric macro."""
        for name in [name for name, stack in self.own.items() if stack and stack[-1].level >= level]:
            stack = self.own[name]
            while stack and stack[-1].level >= level:
                stack.pop()


_HEAD = re.compile(r"%([A-Za-z_]\w*)(?:\(([^)]*)\))?(?:[ \t]+|$)")


@lru_cache(maxsize=32)
def read_macro_files(texts: tuple[str, ...]) -> dict[str, Macro]:
    """The definitions of macro files in rpm's format, later ones over earlier ones. The result is shared: do not change it."""
    table: dict[str, Macro] = {}
    for text in texts:
        table.update(_read_file(text))
    return table


@lru_cache(maxsize=64)
def _read_file(text: str) -> dict[str, Macro]:
    table: dict[str, Macro] = {}
    for entry in _entries(text.splitlines()):
        found = _HEAD.match(entry)
        if found:
            table[found.group(1)] = Macro(_body(entry[found.end() :]), found.group(2))
    return table


def _entries(lines: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    depth = [0, 0, 0]
    for line in lines:
        if not held and not line.lstrip().startswith("%"):
            continue
        held.append(line if held else line.lstrip())
        if not open_at_end(line, depth):
            yield "\n".join(held)
            held, depth = [], [0, 0, 0]
    if held:
        yield "\n".join(held)


def _body(text: str) -> str:
    return continued(text).strip(" \t\n")


def continued(text: str) -> str:
    """A body with its line continuations resolved: a backslash before a line end goes, the line end stays."""
    return text.replace("\\\n", "\n") if "\\\n" in text else text
