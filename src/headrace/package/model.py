"""The nouns of the package room: what a repository holds, its upstream metadata, its pinned sources, its patches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from headrace.errors import HeadraceError
from headrace.words import Text


class PackageError(HeadraceError):
    """A package's own files cannot be used: spec, metadata or pinned digests."""


@dataclass(frozen=True, slots=True)
class PackageTree:
    """The files of one package repository at one commit: path -> content. Bounded when it is loaded."""

    name: str
    commit: str
    files: Mapping[str, bytes]

    @property
    def spec_path(self) -> str:
        """The path of the spec: `<name>.spec`, or the only one there is. Raises PackageError when there is no single one."""
        if f"{self.name}.spec" in self.files:
            return f"{self.name}.spec"
        specs = [path for path in self.files if path.endswith(".spec") and "/" not in path]
        if len(specs) != 1:
            what = "no spec file" if not specs else f"{len(specs)} spec files"
            raise PackageError(
                f"{self.name} has {what}", "a package has one <name>.spec", "add it or remove the others"
            )
        return specs[0]

    @property
    def spec(self) -> bytes:
        """The bytes of the spec."""
        return self.files[self.spec_path]


@dataclass(frozen=True, slots=True)
class UpstreamMetadata:
    """What `<name>.yaml` says (openEuler's upstream-info layout), cleaned but not interpreted."""

    version_control: str
    src_repo: str
    tag_prefix: str = ""
    separator: str = "."
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One source that a package needs: its file name, where it comes from, and the digests that are known.

    `pinned` says who vouches for the digests: `package` (its `sources` file), `registry`, `store`, or "" when nobody does.
    """

    filename: str
    url: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    pinned: str = ""
    signature_url: str = ""
    kind: str = "archive"
    """`archive`: fetched; `git`: made with git archive from `tag` of the repository `url`; `local`: kept in the package."""
    tag: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class FetchedSource:
    """A source that lies in the source cache, proved: `path` is inside the cache, `checked` tells what vouched for it."""

    filename: str
    path: str
    sha512: str
    size: int
    checked: tuple[Text, ...] = ()
    unchecked: tuple[Text, ...] = ()
    """What could not be checked, each with its reason (no signature published, package keeps no key)."""


class PatchClass(StrEnum):
    """What became of a patch when upstream moved."""

    UNTOUCHED = "untouched"
    REBASED = "rebased"
    MERGED = "merged upstream"
    FAILED = "does not apply"


@dataclass(frozen=True, slots=True)
class PatchFate:
    """One patch carried from the old sources to the new ones: its class, the proof, and its new text when it changed."""

    number: int
    filename: str
    patch_class: PatchClass
    proof: Text
    content: bytes | None = None
    """The rebased text; None unless `patch_class` is REBASED."""
    conflicts: tuple[str, ...] = ()
    """The files that conflict; only when it does not apply."""
