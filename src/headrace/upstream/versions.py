"""The general order of versions, and what a scheme is.

Nothing is known of most projects but their tags, so the general order must put any two texts in order: alpha < beta < pre
< rc < the release < patch and post < a letter behind the number < the next number; missing numbers are zeros.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

Key = tuple[object, ...]
"""A sort key. Keys of one scheme compare with each other; keys of two schemes never meet."""

_PIECE = re.compile(r"[0-9]+|[A-Za-z]+")
_MOST = 400
"""Longer texts are cut: no version is that long, and a hostile tag must cost no more than a short one."""

_PRE, _ZERO, _POST, _LETTER, _NUMBER = range(5)
_BEFORE_END, _AT_END, _AFTER_END = range(3)
_POST_WORDS = ("patch", "pl", "errata")
_PRE_WORDS = ("alpha", "beta", "rc")


class Scheme(Protocol):
    """A way of numbering releases. `parse` is pure and takes linear time in the length of the tag."""

    @property
    def name(self) -> str:
        """What the scheme is called in reasons."""
        ...

    def parse(self, tag: str) -> Key | None:
        """The sort key of a version (or of a tag with its dressing), or None when it does not follow the scheme."""
        ...

    def is_prerelease(self, tag: str) -> bool:
        """Whether the version comes before a release, as far as the scheme itself tells."""
        ...


@lru_cache(maxsize=65536)
def general_key(version: str) -> tuple[int | str | tuple[int, str], ...]:
    """A sort key of the general order; it is kept, so sorting many versions reads each one once.

    A version goes on with zeros for ever. A run of zeros is therefore written as one entry that says how long it is and
    whether what ends it is less or more than zero: so the keys of `1`, `1.0` and `1.0.0` are equal.
    """
    key: list[int | str | tuple[int, str]] = []
    zeros = 0
    for rank, value in _components(version):
        if rank == _ZERO:
            zeros += 1
            continue
        if rank == _PRE:
            key += (_BEFORE_END, zeros, rank, value)
        else:
            key += (_AFTER_END, -zeros, rank, value)
        zeros = 0
    key.append(_AT_END)
    return tuple(key)


def compare(a: str, b: str) -> int:
    """-1, 0 or 1 as `a` comes before, with or after `b` in the general order."""
    left, right = general_key(a), general_key(b)
    return (left > right) - (left < right)


def _components(version: str) -> list[tuple[int, tuple[int, str]]]:
    pieces = list(_PIECE.finditer(version[:_MOST]))
    found: list[tuple[int, tuple[int, str]]] = []
    for at, piece in enumerate(pieces):
        text = piece.group()
        if text[0] <= "9":
            digits = text.lstrip("0")
            found.append((_NUMBER if digits else _ZERO, (len(digits), digits)))
            continue
        word = text.lower()
        behind = at > 0 and pieces[at - 1].end() == piece.start()
        ahead = at + 1 < len(pieces) and pieces[at + 1].start() == piece.end()
        found.append((_word_rank(word, is_suffix=behind and not ahead), (0, word[0])))
    return found


def _word_rank(word: str, *, is_suffix: bool) -> int:
    """Known words first; then an unknown word right behind a number, with no number right behind it, is a letter suffix."""
    if word in _PRE_WORDS or word.startswith("pre"):
        return _PRE
    if word in _POST_WORDS or word.startswith("post"):
        return _POST
    return _LETTER if is_suffix else _PRE
