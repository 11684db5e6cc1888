"""The nouns of the change room: a plan with its reasons, and the change that grows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from headrace.errors import HeadraceError
from headrace.package.model import PatchFate, SourceFile
from headrace.words import Text


class ChangeError(HeadraceError):
    """A change cannot be planned or applied."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One line that changes: `line` counts from 1 in the old file (0 for an added file), `old`/`new` are without line end."""

    path: str
    line: int
    old: str | None
    new: str | None
    reason: Text


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upgrade will do, before anything is done. `edits` of patches follow when the sources are there."""

    package: str
    branch: str
    base: str
    """The commit of the package's branch that the plan starts from."""
    from_evr: str
    to_evr: str
    from_version: str
    to_version: str
    reason: Text
    edits: tuple[Edit, ...]
    old_sources: tuple[SourceFile, ...]
    new_sources: tuple[SourceFile, ...]
    patches: tuple[str, ...] = ()
    """The file names of the patches that must be carried over."""
    notes: tuple[Text, ...] = ()
    """What the edit leaves for a person to look at, such as a Source that does not follow the version."""
    made_at: int = 0
    """When the plan was made, seconds since 1970 UTC: the moment of the commit and the day of the changelog entry."""


class ChangeState(StrEnum):
    """Where a change stands on the line."""

    WORKING = "working"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REFUSED = "refused"
    RELEASED = "released"
    FAILED = "failed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Change:
    """One upgrade of one package on one branch, with the ids of everything that belongs to it."""

    id: str
    """`<package>-<branch>-<to version>`, safe as a file name and unique while it is open."""
    package: str
    branch: str
    from_evr: str
    to_evr: str
    state: ChangeState
    plan: Plan
    patches: tuple[PatchFate, ...] = ()
    commit: str = ""
    branch_name: str = ""
    failure: Text | None = None
    extra: dict[str, str] = field(default_factory=dict)
