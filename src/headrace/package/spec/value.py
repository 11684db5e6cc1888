"""What is known, and what is not known and why.

While a spec is expanded, a part that cannot be known travels inside the text as a *hole*: one character from the high
surrogates, which no decoded byte can produce. A hole survives every operation on the text, so that whatever is derived
from it is not known either, with the first reason; and a part without a hole (a file name after a `/`) stays known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from headrace.words import Text

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """A value that the spec settles for the target."""

    value: T


@dataclass(frozen=True, slots=True)
class Unknown:
    """No value can be told without running something or without a file or macro that is not here; `reason` says what."""

    reason: Text


Value = Known[T] | Unknown
"""Either of the two; every fact about a spec is one."""


def derive(value: Known[T] | Unknown, step: Callable[[T], U]) -> Known[U] | Unknown:
    """Apply `step` to a known value; what is not known stays so, with its reason."""
    return Known(step(value.value)) if isinstance(value, Known) else value


_FIRST = 0xD800
_ROOM = 0x400
_HOLE = re.compile("[\ud800-\udbff]")


@dataclass(slots=True)
class Holes:
    """The reasons behind the holes of one reading; bounded: reasons beyond the last share its hole."""

    reasons: list[Text] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)

    def mark(self, reason: Text) -> str:
        """The one-character hole that stands for `reason`."""
        key = str(reason)
        hole = self._known.get(key)
        if hole is None:
            if len(self.reasons) < _ROOM:
                self.reasons.append(reason)
            hole = self._known[key] = chr(_FIRST + len(self.reasons) - 1)
            if len(self._known) > 4 * _ROOM:
                self._known.clear()
        return hole

    def reason(self, text: str) -> Text | None:
        """The first reason why `text` is not known, or None when it is."""
        found = _HOLE.search(text)
        return self.reasons[ord(found.group()) - _FIRST] if found else None

    def value(self, text: str) -> Known[str] | Unknown:
        """`text` as a value."""
        reason = self.reason(text)
        return Known(text) if reason is None else Unknown(reason)


def is_known(text: str) -> bool:
    """Whether `text` carries no hole."""
    return _HOLE.search(text) is None


def without_holes(text: str) -> str:
    """`text` for looking at its structure only: the holes are left out."""
    return _HOLE.sub("", text)
