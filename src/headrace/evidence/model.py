"""The nouns of the evidence room: builds and what lies in their packages, findings, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Protocol

from headrace.change.model import Plan
from headrace.errors import HeadraceError
from headrace.package.model import FetchedSource, PatchFate
from headrace.words import Text


class EvidenceError(HeadraceError):
    """Evidence cannot be gathered; what it would have shown is not judged."""


class Strength(IntEnum):
    """How much a piece of evidence proves, weakest first."""

    NONE = 0
    TEXT = 1
    """Read from the spec and the diff alone."""
    HOST_ROOT = 2
    """Built on the host's own root: build requirements are whatever the host has."""
    CLEAN_BUILDROOT = 3
    """Built in a root that holds only what the spec asks for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one build may use: seconds, bytes of memory, bytes of disk, processes."""

    seconds: int = 1800
    memory: int = 4 * 1024**3
    disk: int = 4 * 1024**3
    processes: int = 2048
    log: int = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """Everything that a build depends on. `sources` maps the file name that the spec expects to where it lies."""

    package: str
    spec_name: str
    spec: bytes
    sources: Mapping[str, Path]
    macros: str
    """An rpm macro file's text, loaded after rpm's own."""
    arch: str = "x86_64"
    source_date_epoch: int = 0
    limits: Limits = field(default_factory=Limits)
    with_check: bool = True


class BuildStatus(StrEnum):
    """How a build ended."""

    BUILT = "built"
    FAILED = "failed"
    TIMEOUT = "timeout"
    MEMORY = "out of memory"
    DISK = "out of disk"
    REFUSED = "refused"
    """Not tried, with a reason: no sandbox here, no worker of that architecture."""


@dataclass(frozen=True, slots=True)
class Build:
    """What came of a build. Paths are relative to `directory`."""

    key: str
    """The hash of the inputs; the same key is never built twice."""
    status: BuildStatus
    strength: Strength
    directory: str
    rpms: tuple[str, ...] = ()
    srpm: str = ""
    log: str = ""
    seconds: float = 0.0
    reason: Text | None = None
    """Why it did not come to packages; None when it did."""
    builder: str = ""
    tests: tuple[int, int, int] | None = None
    """How many tests of `%check` passed, failed and were skipped, as the log says; None when it does not say."""


class Builder(Protocol):
    """Builds a package from sources, with limits, without network."""

    @property
    def name(self) -> str:
        """What records call it."""
        ...

    @property
    def strength(self) -> Strength:
        """How much its builds prove."""
        ...

    def key(self, order: BuildOrder) -> str:
        """The hash of every input that can change the result."""
        ...

    def build(self, order: BuildOrder, directory: Path, progress: Callable[[str], None]) -> Build:
        """Build into `directory` (created, empty). Never raises for a failing build; raises EvidenceError when it cannot try."""
        ...


@dataclass(frozen=True, slots=True)
class Elf:
    """What a compiled file tells of itself: `kind` is `program`, `library` or `object`; `exported` are dynamic symbols."""

    kind: str
    machine: int
    soname: str = ""
    needed: tuple[str, ...] = ()
    exported: tuple[str, ...] = ()
    pie: bool = False
    relro: str = "none"
    """`none`, `partial` or `full`."""
    executable_stack: bool = False
    canary: bool = False
    fortified: bool = False
    runpath: str = ""


@dataclass(frozen=True, slots=True)
class RpmFile:
    """One file of a package as its header tells.

    `mode` is the full st_mode; `flags` are rpm's names (`config`, `noreplace`, `doc`, `license`, `ghost`).
    """

    path: str
    mode: int
    owner: str
    group: str
    size: int
    digest: str
    link: str = ""
    capabilities: str = ""
    flags: tuple[str, ...] = ()
    elf: Elf | None = None
    """For compiled files, when the package's contents were read."""
    text: str | None = None
    """The text of config files, licence texts and service units, when it was read and is not too long."""
    names: tuple[str, ...] | None = None
    """The public names of a Python module, when it was read."""


@dataclass(frozen=True, slots=True)
class Rpm:
    """The facts of one binary package, read from its header without installing it."""

    name: str
    epoch: int
    version: str
    release: str
    arch: str
    licence: str
    size: int
    files: tuple[RpmFile, ...]
    provides: tuple[str, ...]
    requires: tuple[str, ...]
    conflicts: tuple[str, ...] = ()
    obsoletes: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    scriptlets: Mapping[str, str] = field(default_factory=dict)
    filename: str = ""
    sha256: str = ""
    contents_read: bool = False
    """Whether the files' contents were looked into (`elf`, `text`, `names`), not the header alone."""
    unread: tuple[str, ...] = ()
    """Why contents, or the contents of some files, were not read: sentences."""

    @property
    def evr(self) -> str:
        """`[epoch:]version-release`."""
        return (f"{self.epoch}:" if self.epoch else "") + f"{self.version}-{self.release}"

    @property
    def nevra(self) -> str:
        """`name-[epoch:]version-release.arch`."""
        return f"{self.name}-{self.evr}.{self.arch}"


class Result(StrEnum):
    """What a check says of its item."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    CONCERN = "concern"
    BLOCKER = "blocker"
    NOT_APPLICABLE = "not applicable"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found about one item of the checklist, with the data that it rests on.

    `looked_at` tells in a sentence what was examined; `where` is a path, a NEVRA or a line; `settles` says what would
    settle a concern or a missing judgement.
    """

    check: str
    result: Result
    remark: Text
    looked_at: Text
    strength: Strength = Strength.TEXT
    where: str = ""
    details: tuple[str, ...] = ()
    settles: Text | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that a check may look at. None means: not there, and the check must say "not judged", with the reason if given."""

    plan: Plan
    old_spec: bytes
    new_spec: bytes
    spec_name: str
    macros: str
    patches: tuple[PatchFate, ...] = ()
    sources: tuple[FetchedSource, ...] = ()
    old_build: Build | None = None
    new_build: Build | None = None
    old_rpms: tuple[Rpm, ...] | None = None
    new_rpms: tuple[Rpm, ...] | None = None
    missing: Mapping[str, Text] = field(default_factory=dict)
    """Why something is None: field name -> reason."""
    allowed_licences: tuple[str, ...] | None = None
    tree_paths: tuple[str, ...] = ()
    """The paths of the proposed tree (the package repository after the change)."""


class Check(Protocol):
    """A pure judgement of one item."""

    id: str

    def __call__(self, case: Case) -> tuple[Finding, ...]:
        """Never empty: what could not be judged is a finding "not judged"."""
        ...


class Verdict(StrEnum):
    """What the gate says of a change."""

    ACCEPT = "accept"
    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the sentences that led to it."""

    verdict: Verdict
    reasons: tuple[Text, ...]
