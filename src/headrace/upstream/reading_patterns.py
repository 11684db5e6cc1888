"""Users' patterns on strangers' pages: a small language of regular expressions that cannot run away.

Python's `re` backtracks, and a page can be written so that an innocent pattern takes hours. Here a text of n characters
costs at most n times the pattern's length, and a budget bounds all texts together. Known are literals, `.`, `\\d \\w \\s` and
their capitals, sets, groups (one that captures), `|`, and the repeats `? * + {m,n}`; anchors, look-around and
back-references are refused.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

from headrace.upstream.model import UpstreamError

LONGEST_PATTERN = 300
LONGEST_TEXT = 2000
_MOST_STEPS = 600
_MOST_REPEATS = 64
_DEEPEST = 8
_BUDGET = 4_000_000

_DIGITS, _SPACES = frozenset(string.digits), frozenset(" \t\r\n\f\v")
_CLASSES = {"d": _DIGITS, "w": frozenset(string.ascii_letters + string.digits + "_"), "s": _SPACES}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r"}

_Set = tuple[frozenset[str], bool]
"""Characters, and whether they are the ones that do not match."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a compiled pattern: `take` a character, go `on` (and `other` when that fails), or note a place."""

    take: _Set | None = None
    on: int = 0
    other: int | None = None
    note: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; `find` is all that one does with it."""

    steps: tuple[_Step, ...]

    def find(self, texts: list[str]) -> list[str]:
        """What the group captured at each first, leftmost match in each text, in their order.

        Raises UpstreamError when all texts together take too long.
        """
        budget = [_BUDGET]
        found: list[str] = []
        for text in texts:
            found.extend(self._in(text[:LONGEST_TEXT], budget))
        return found

    def _in(self, text: str, budget: list[int]) -> list[str]:
        found: list[str] = []
        failed: set[tuple[int, int]] = set()
        start = 0
        while start <= len(text):
            got = self._at(text, start, failed, budget)
            if got is None:
                start += 1
                continue
            first, last, end = got
            found.append(text[first:last])
            start = max(end, start + 1)
            failed = set()
        return found

    def _at(
        self, text: str, start: int, failed: set[tuple[int, int]], budget: list[int]
    ) -> tuple[int, int, int] | None:
        """(begin and end of the group, end of the match) at `start`. What failed once at a place fails there always."""
        todo = [(0, start, start, start)]
        while todo:
            step, place, first, last = todo.pop()
            if step == len(self.steps):
                return first, last, place
            if (step, place) in failed:
                continue
            failed.add((step, place))
            budget[0] -= 1
            if budget[0] < 0:
                raise UpstreamError(
                    "the page takes too long to search", "its text is made to", "write a plainer pattern"
                )
            one = self.steps[step]
            if one.take is not None:
                if place < len(text) and (text[place] in one.take[0]) != one.take[1]:
                    todo.append((one.on, place + 1, first, last))
                continue
            if one.other is not None:
                todo.append((one.other, place, first, last))
            if one.note is not None:
                first, last = (place, last) if one.note == 0 else (first, place)
            todo.append((one.on, place, first, last))
        return None


def compile_pattern(text: str) -> Pattern:
    """Compile a pattern. Raises UpstreamError, with what is wrong, for one that is not of the small language."""
    if not 1 <= len(text) <= LONGEST_PATTERN or not text.isprintable():
        raise _refused(f"it must have 1 to {LONGEST_PATTERN} readable characters")
    parser = _Parser(text)
    tree = parser.alternatives(0)
    if parser.place < len(text):
        raise _refused("a bracket closes that was never opened")
    if parser.groups != 1:
        raise _refused("it needs exactly one group ( ) that captures the version")
    steps: list[_Step] = []
    _emit(tree, steps)
    return Pattern(tuple(steps))


def _refused(why: str) -> UpstreamError:
    return UpstreamError("the pattern cannot be used", why, "correct pattern in the package's yaml")


@dataclass(frozen=True, slots=True)
class _Node:
    """One part of a pattern's tree: `set`, `row`, `choice`, `group`, or `repeat`."""

    kind: str
    chars: _Set = (frozenset(), False)
    parts: tuple[_Node, ...] = ()
    least: int = 0
    most: int | None = None
    greedy: bool = True


class _Parser:
    """Reads a pattern from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.groups = 0

    def alternatives(self, depth: int) -> _Node:
        if depth > _DEEPEST:
            raise _refused(f"its groups are nested deeper than {_DEEPEST}")
        rows = [self._row(depth)]
        while self._next() == "|":
            self.place += 1
            rows.append(self._row(depth))
        return rows[0] if len(rows) == 1 else _Node("choice", parts=tuple(rows))

    def _next(self) -> str:
        return self.text[self.place : self.place + 1]

    def _take(self) -> str:
        sign = self._next()
        if not sign:
            raise _refused("it stops in the middle")
        self.place += 1
        return sign

    def _row(self, depth: int) -> _Node:
        parts = []
        while self._next() not in {"", "|", ")"}:
            parts.append(self._repeated(self._atom(depth)))
        return _Node("row", parts=tuple(parts))

    def _atom(self, depth: int) -> _Node:
        sign = self._take()
        if sign == "(":
            return self._group(depth)
        if sign == "[":
            return _Node("set", self._set())
        if sign == ".":
            return _Node("set", (frozenset("\n"), True))
        if sign == "\\":
            return _Node("set", self._escaped())
        if sign in "*+?{^$":
            raise _refused(f"{sign} cannot stand there")
        return _Node("set", (frozenset(sign), False))

    def _group(self, depth: int) -> _Node:
        captures = self._next() != "?"
        if not captures:
            if self.text[self.place : self.place + 2] != "?:":
                raise _refused("of groups with a question mark only (?: ) is known")
            self.place += 2
        else:
            self.groups += 1
        inner = self.alternatives(depth + 1)
        if self._take() != ")":
            raise _refused("a bracket is never closed")
        return _Node("group", parts=(inner,)) if captures else inner

    def _escaped(self) -> _Set:
        sign = self._take()
        if sign.lower() in _CLASSES:
            return _CLASSES[sign.lower()], sign.isupper()
        if sign in _CONTROLS:
            return frozenset(_CONTROLS[sign]), False
        if sign.isalnum():
            raise _refused(f"\\{sign} is not known")
        return frozenset(sign), False

    def _set(self) -> _Set:
        negated = self._next() == "^"
        self.place += negated
        chars: set[str] = set()
        first = True
        while first or self._next() != "]":
            first = False
            sign = self._take()
            members = self._escaped() if sign == "\\" else (frozenset(sign), False)
            if members[1]:
                raise _refused("a negated class cannot stand in a set")
            if (
                self._next() == "-"
                and self.text[self.place + 1 : self.place + 2] not in {"]", ""}
                and len(members[0]) == 1
            ):
                self.place += 1
                last = self._take()
                begin = next(iter(members[0]))
                if not "\x20" <= begin <= last <= "\x7e" or last == "\\":
                    raise _refused("a range of characters is none of ASCII")
                members = (frozenset(map(chr, range(ord(begin), ord(last) + 1))), False)
            chars |= members[0]
        self.place += 1
        return frozenset(chars), negated

    def _repeated(self, node: _Node) -> _Node:
        sign = self._next()
        bounds: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        if sign not in {*bounds, "{"}:
            return node
        self.place += 1
        least, most = bounds[sign] if sign in bounds else self._counts()
        greedy = self._next() != "?"
        self.place += not greedy
        if self._next() in {"*", "+", "?", "{"}:
            raise _refused("a repeat is repeated")
        return _Node("repeat", parts=(node,), least=least, most=most, greedy=greedy)

    def _counts(self) -> tuple[int, int | None]:
        inner, closed, _ = self.text[self.place :].partition("}")
        least, comma, most = inner.partition(",")
        self.place += len(inner) + 1
        if not closed or not least.isdecimal() or (most and not most.isdecimal()) or len(inner) > 9:
            raise _refused("a repeat has no numbers")
        bounds = int(least), (int(most) if most else None) if comma else int(least)
        if bounds[0] > _MOST_REPEATS or (bounds[1] is not None and not bounds[0] <= bounds[1] <= _MOST_REPEATS):
            raise _refused(f"a repeat is beyond {_MOST_REPEATS} or upside down")
        return bounds


def _emit(node: _Node, steps: list[_Step]) -> None:
    """Append a part's steps; each part ends by falling through to what is appended next."""
    if len(steps) > _MOST_STEPS:
        raise _refused("it is too long when its repeats are written out")
    if node.kind == "set":
        steps.append(_Step(take=node.chars, on=len(steps) + 1))
    elif node.kind == "row":
        for part in node.parts:
            _emit(part, steps)
    elif node.kind == "group":
        steps.append(_Step(on=len(steps) + 1, note=0))
        _emit(node.parts[0], steps)
        steps.append(_Step(on=len(steps) + 1, note=1))
    elif node.kind == "choice":
        _emit_choice(node, steps)
    else:
        _emit_repeat(node, steps)


def _emit_choice(node: _Node, steps: list[_Step]) -> None:
    jumps = []
    for part in node.parts[:-1]:
        fork = len(steps)
        steps.append(_Step())
        _emit(part, steps)
        jumps.append(len(steps))
        steps.append(_Step())
        steps[fork] = _Step(on=fork + 1, other=len(steps))
    _emit(node.parts[-1], steps)
    for jump in jumps:
        steps[jump] = _Step(on=len(steps))


def _emit_repeat(node: _Node, steps: list[_Step]) -> None:
    for _ in range(node.least):
        before = len(steps)
        _emit(node.parts[0], steps)
        # Nothing, however often, is nothing; nested repeats of it must not be counted out.
        if len(steps) == before:
            break
    forks = []
    for _ in range(1 if node.most is None else node.most - node.least):
        forks.append(len(steps))
        steps.append(_Step())
        _emit(node.parts[0], steps)
    if node.most is None:
        steps.append(_Step(on=forks[0]))
    for fork in forks:
        inside, outside = fork + 1, len(steps)
        steps[fork] = _Step(on=inside, other=outside) if node.greedy else _Step(on=outside, other=inside)
