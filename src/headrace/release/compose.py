"""Which packages make up a branch's repository: pure, so that the same packages always give the same repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from headrace.package.evr import Evr
from headrace.release.model import ReleasedPackage, ReleaseError
from headrace.words import Message, Text

_NEVRA = re.compile(
    r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.+-]*)-(?P<evr>(?:[0-9]{1,10}:)?[A-Za-z0-9_.+~^]+-[A-Za-z0-9_.+~^]+)\.(?P<arch>[A-Za-z0-9_]+)"
)
_LONGEST = 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Nevra:
    """The identity of a package, read from `name-[epoch:]version-release.arch`."""

    name: str
    evr: Evr
    arch: str

    @staticmethod
    def parse(text: str) -> Nevra:
        """Read a NEVRA. Raises ReleaseError when it is none."""
        found = _NEVRA.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            raise ReleaseError(
                f"{text[:80]!r} names no package", "it must read name-[epoch:]version-release.arch", "correct the name"
            )
        return Nevra(found["name"], Evr.parse(found["evr"]), found["arch"])

    @property
    def filename(self) -> str:
        """The file name that rpm gives the package; it leaves out the epoch."""
        return f"{self.name}-{self.evr.version}-{self.evr.release}.{self.arch}.rpm"

    @property
    def exact(self) -> tuple[str, int, str, str, str]:
        """The identity to the letter: rpm's order holds 1.0 and 1.00 for equal, yet they are two packages."""
        return (self.name, self.evr.epoch, self.evr.version, self.evr.release, self.arch)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A package that does not go out, and why."""

    package: ReleasedPackage
    reason: Text


@dataclass(frozen=True, slots=True)
class Composition:
    """The packages of a repository in their order (name, architecture, newest first), and those left out."""

    packages: tuple[ReleasedPackage, ...]
    left_out: tuple[LeftOut, ...] = ()


def compose(released: Iterable[ReleasedPackage], accepted: Iterable[ReleasedPackage], keep: int = 0) -> Composition:
    """Choose what goes out: of each name and architecture the newest, and the `keep` versions before it.

    A package that is in both, with the same content, counts once and keeps the change that first brought it. Raises
    ReleaseError for two contents of one NEVRA or of one file name, and for versions that rpm cannot put in order.
    """
    if keep < 0:
        raise ReleaseError("the number of older versions to keep is negative", str(keep), "give 0 or more")
    families: dict[tuple[str, str], list[tuple[Nevra, ReleasedPackage]]] = {}
    for nevra, package in _distinct([*released, *accepted]):
        families.setdefault((nevra.name, nevra.arch), []).append((nevra, package))
    chosen: list[ReleasedPackage] = []
    left_out: list[LeftOut] = []
    for _, family in sorted(families.items()):
        family.sort(key=lambda one: one[0].evr, reverse=True)
        _require_order(family)
        chosen += [package for _, package in family[: keep + 1]]
        newest = family[0][1].nevra
        left_out += [
            LeftOut(package, Message("{newest} is newer and takes its place", newest=newest))
            for _, package in family[keep + 1 :]
        ]
    _require_names(chosen)
    return Composition(tuple(chosen), tuple(left_out))


def _distinct(packages: Sequence[ReleasedPackage]) -> list[tuple[Nevra, ReleasedPackage]]:
    """Every package once; checks that each one is what it says."""
    seen: dict[tuple[str, int, str, str, str], tuple[Nevra, ReleasedPackage]] = {}
    for package in packages:
        nevra = Nevra.parse(package.nevra)
        if package.filename != nevra.filename or not _SHA256.fullmatch(package.sha256):
            raise ReleaseError(
                f"{package.nevra} does not fit its file", f"{package.filename!r}, SHA-256 {package.sha256!r}",
                f"the file must be named {nevra.filename}",
            )  # fmt: skip
        _, first = seen.setdefault(nevra.exact, (nevra, package))
        if first.sha256 != package.sha256:
            raise ReleaseError(
                f"two different files claim to be {package.nevra}",
                f"{first.sha256[:16]} of {first.change or 'an unknown change'} and {package.sha256[:16]} of "
                f"{package.change or 'an unknown change'}",
                "raise the release of the newer one",
            )
    return list(seen.values())


def _require_order(family: list[tuple[Nevra, ReleasedPackage]]) -> None:
    for (left, one), (right, other) in pairwise(family):
        if left.evr == right.evr:
            raise ReleaseError(
                f"rpm cannot tell which of {one.nevra} and {other.nevra} is newer", "it holds them for equal",
                "raise the release of one",
            )  # fmt: skip


def _require_names(packages: list[ReleasedPackage]) -> None:
    names: dict[str, str] = {}
    for package in packages:
        other = names.setdefault(package.filename, package.nevra)
        if other != package.nevra:
            raise ReleaseError(
                f"{other} and {package.nevra} have one file name", package.filename, "raise the release of one"
            )
