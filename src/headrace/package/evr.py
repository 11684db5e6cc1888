"""The order of RPM: epoch, version and release as `rpm` itself compares them (tilde and caret included)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache, total_ordering

from headrace.package.model import PackageError

# The ranks of what may stand at one place of a version, lowest first. The end of the text ranks between tilde and caret.
_TILDE, _END, _CARET, _LETTERS, _NUMBER, _HUGE = range(6)

_PIECE = re.compile(r"~|\^|[0-9]+|[A-Za-z]+")
_SAFE_DIGITS = 18
"""Longer numbers are compared as text: Python refuses to convert very long ones, and a hostile tag may hold them."""


@lru_cache(maxsize=65536)
def version_key(version: str) -> tuple[int | str, ...]:
    """A sort key with the order of `compare_versions`; it is kept, so sorting many versions parses each one once.

    The key is flat (rank, value, rank, value ...): equal ranks are always followed by values of one type.
    """
    key: list[int | str] = []
    for piece in _PIECE.findall(version):
        if piece == "~":
            key.append(_TILDE)
        elif piece == "^":
            key.append(_CARET)
        elif piece[0] <= "9":
            digits = piece.lstrip("0")
            if len(digits) <= _SAFE_DIGITS:
                key += (_NUMBER, int(digits or "0"))
            else:
                key += (_HUGE, len(digits), digits)
        else:
            key += (_LETTERS, piece)
    key.append(_END)
    return tuple(key)


def compare_versions(a: str, b: str) -> int:
    """-1, 0 or 1 as `a` is older than, equal to or newer than `b`: the order of rpm's `rpmvercmp`.

    Runs of digits and of letters are compared in turn, everything else only separates them; a run of digits is newer than
    a run of letters, `~` is older than the end of the text, `^` newer than the end and older than anything else.
    """
    left, right = version_key(a), version_key(b)
    return (left > right) - (left < right)


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Evr:
    """Epoch, version and release of a package. Equality and order are rpm's: `1.0` and `1.00` are the same version."""

    epoch: int
    version: str
    release: str
    key: tuple[int, tuple[int | str, ...], tuple[int | str, ...]] = field(init=False, repr=False)
    """What rpm compares, in its order."""

    def __post_init__(self) -> None:
        key = (self.epoch, version_key(self.version), version_key(self.release))
        object.__setattr__(self, "key", key)  # the only way to derive a field of a frozen class

    @staticmethod
    def parse(text: str) -> Evr:
        """Read `[epoch:]version[-release]`. Raises PackageError when there is no version or the epoch is no number."""
        epoch, colon, rest = text.strip().partition(":")
        if not colon:
            epoch, rest = "0", epoch
        version, dash, release = rest.rpartition("-")
        if not dash:
            version, release = release, ""
        if not version or not (epoch.isascii() and epoch.isdigit()) or len(epoch) > _SAFE_DIGITS:
            raise PackageError(
                f"{text[:80]!r} is not a version", "it must read [epoch:]version[-release]", "correct the version"
            )
        return Evr(int(epoch), version, release)

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, Evr) else NotImplemented

    def __lt__(self, other: Evr) -> bool:
        return self.key < other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        """`[epoch:]version[-release]`, the epoch only when it is not 0."""
        epoch = f"{self.epoch}:" if self.epoch else ""
        return f"{epoch}{self.version}" + (f"-{self.release}" if self.release else "")
