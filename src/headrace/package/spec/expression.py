"""rpm's expressions (`%if`, `%[...]`, `%{expr:...}`) over text that is already expanded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from headrace.package.evr import compare_versions
from headrace.package.spec.value import is_known

_TOKEN = re.compile(
    r"\s*(?:(?P<int>\d+)|(?P<version>v\"[^\"]*\")|(?P<string>\"[^\"]*\")|(?P<op>\|\||&&|==|!=|<=|>=|[-+*/()<>!?:])"
    r"|(?P<hole>[^\s\"|&=!<>()+*/?:-]+))"
)
_MOST_TOKENS = 2000
_DEEPEST = 60


class ExpressionError(ValueError):
    """rpm would refuse the expression."""


@dataclass(frozen=True, slots=True)
class Version:
    """A `v"..."` literal: compared as rpm compares versions."""

    text: str


Result = int | str | Version


class UnsettledError(Exception):
    """The result depends on a hole; `text` carries it."""

    def __init__(self, text: str) -> None:
        super().__init__("not settled")
        self.text = text


def evaluate(text: str) -> Result:
    """The value of an expression. Raises ExpressionError when rpm would refuse it, UnsettledError when a hole decides."""
    tokens = _tokens(text)
    if not tokens:
        raise ExpressionError("empty expression")
    parser = _Parser(tokens)
    result = parser.ternary(0)
    if parser.at < len(tokens):
        raise ExpressionError(f"unexpected {tokens[parser.at][1]!r}")
    if isinstance(result, _Hole):
        raise UnsettledError(result.text)
    return result


def truth(result: Result) -> bool:
    """Whether an expression's value counts as true: a number that is not 0, a string that is not empty."""
    return bool(result.text if isinstance(result, Version) else result)


@dataclass(frozen=True, slots=True)
class _Hole:
    text: str


_Term = Result | _Hole


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at, text = 0, text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or found.end() == at:
            raise ExpressionError("cannot be read")
        kind = str(found.lastgroup)
        tokens.append((kind, found.group(kind)))
        at = found.end()
        if len(tokens) > _MOST_TOKENS:
            raise ExpressionError("too long")
    return tokens


class _Parser:
    """Recursive descent, bounded in depth; a hole makes the operations around it holes unless the other side decides."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def _take(self, *operators: str) -> str | None:
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind == "op" and text in operators:
                self.at += 1
                return text
        return None

    def ternary(self, depth: int) -> _Term:
        if depth > _DEEPEST:
            raise ExpressionError("nested too deep")
        condition = self._either(depth)
        if not self._take("?"):
            return condition
        yes = self.ternary(depth + 1)
        if not self._take(":"):
            raise ExpressionError("a ':' is missing")
        no = self.ternary(depth + 1)
        if isinstance(condition, _Hole):
            return condition
        return yes if truth(condition) else no

    def _either(self, depth: int) -> _Term:
        left = self._both(depth)
        while self._take("||"):
            left = _either(left, self._both(depth))
        return left

    def _both(self, depth: int) -> _Term:
        left = self._comparison(depth)
        while self._take("&&"):
            left = _both(left, self._comparison(depth))
        return left

    def _comparison(self, depth: int) -> _Term:
        left = self._sum(depth)
        while operator := self._take("==", "!=", "<=", ">=", "<", ">"):
            left = _compared(operator, left, self._sum(depth))
        return left

    def _sum(self, depth: int) -> _Term:
        left = self._product(depth)
        while operator := self._take("+", "-"):
            left = _calculated(operator, left, self._product(depth))
        return left

    def _product(self, depth: int) -> _Term:
        left = self._unary(depth)
        while operator := self._take("*", "/"):
            left = _calculated(operator, left, self._unary(depth))
        return left

    def _unary(self, depth: int) -> _Term:
        if depth > _DEEPEST:
            raise ExpressionError("nested too deep")
        if self._take("!"):
            value = self._unary(depth + 1)
            return value if isinstance(value, _Hole) else int(not truth(value))
        if self._take("-"):
            value = self._unary(depth + 1)
            if isinstance(value, _Hole):
                return value
            if not isinstance(value, int):
                raise ExpressionError("only a number can be negated")
            return -value
        if self._take("("):
            value = self.ternary(depth + 1)
            if not self._take(")"):
                raise ExpressionError("a ')' is missing")
            return value
        return self._literal()

    def _literal(self) -> _Term:
        if self.at >= len(self.tokens):
            raise ExpressionError("ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if not is_known(text):
            return _Hole(text)
        if kind == "int":
            if len(text) > 18:
                raise ExpressionError("number too large")
            return int(text)
        if kind == "string":
            return text[1:-1]
        if kind == "version":
            return Version(text[2:-1])
        raise ExpressionError(f"unexpected {text!r}")


def _either(left: _Term, right: _Term) -> _Term:
    if isinstance(left, _Hole):
        return right if not isinstance(right, _Hole) and truth(right) else left
    return left if truth(left) else right


def _both(left: _Term, right: _Term) -> _Term:
    if isinstance(left, _Hole):
        return right if not isinstance(right, _Hole) and not truth(right) else left
    return right if truth(left) else left


_ORDER: dict[str, Callable[[int], bool]] = {
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


def _compared(operator: str, left: _Term, right: _Term) -> _Term:
    if isinstance(left, _Hole):
        return left
    if isinstance(right, _Hole):
        return right
    if isinstance(left, Version) and isinstance(right, Version):
        order = compare_versions(left.text, right.text)
    elif isinstance(left, int) and isinstance(right, int):
        order = left - right
    elif isinstance(left, str) and isinstance(right, str):
        order = 0 if left == right else 1 if left > right else -1
    else:
        raise ExpressionError("types do not match")
    return int(_ORDER[operator](order))


def _calculated(operator: str, left: _Term, right: _Term) -> _Term:
    if isinstance(left, _Hole):
        return left
    if isinstance(right, _Hole):
        return right
    if isinstance(left, str) and isinstance(right, str) and operator == "+":
        return left + right
    if not (isinstance(left, int) and isinstance(right, int)):
        raise ExpressionError("types do not match")
    if operator == "/":
        if right == 0:
            raise ExpressionError("division by zero")
        return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    result = left * right if operator == "*" else left + right if operator == "+" else left - right
    if abs(result) >= 1 << 63:
        raise ExpressionError("number too large")
    return result
