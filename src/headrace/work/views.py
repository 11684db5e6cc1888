"""What people see: the nouns of pages and of `--json`, and the `Desk` that gives them and takes decisions.

Everything here is a value. Pages, the JSON doors and the command line read the same views, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from headrace.change.model import ChangeState, Edit
from headrace.errors import HeadraceError
from headrace.evidence.model import BuildStatus, Finding, Judgement, Strength, Verdict
from headrace.package.model import PatchClass
from headrace.upstream.model import Choice
from headrace.words import Message, Text, say


class DeskError(HeadraceError):
    """A decision that cannot be taken. `message` and `todo` are the sentences in the reader's language."""

    def __init__(self, message: Text, todo: Text | None = None) -> None:
        super().__init__(str(message), remedy=str(todo) if todo else "")
        self.message = message
        self.todo = todo


class UnknownChangeError(DeskError):
    """No change has that id."""

    def __init__(self, change_id: str) -> None:
        super().__init__(
            Message("There is no change {change}.", change=change_id), Message("Look at the list of changes.")
        )


class NotWaitingError(DeskError):
    """The change does not wait for a person (any more)."""

    def __init__(self, change_id: str, state: ChangeState) -> None:
        super().__init__(
            Message("{change} does not wait for a person: it is {state}.", change=change_id, state=state.value),
            Message("Nothing is left to decide here."),
        )


class ChangedMeanwhileError(DeskError):
    """The change has another commit than the one that the person looked at."""

    def __init__(self, change_id: str, expected: str, found: str) -> None:
        super().__init__(
            Message(
                "{change} changed since you looked at it: you saw {expected}, it is now {found}.",
                change=change_id, expected=expected[:12] or "-", found=found[:12] or "-",
            ),
            Message("Read it again, then decide."),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on the line. `seq` grows by time and is never used twice; `subject` is a package or a change id."""

    seq: int
    at: datetime
    kind: str
    """The noun first: `upstream`, `change`, `build`, `verdict`, `decision`, `release`, `problem`."""
    subject: str
    message: Text


@dataclass(frozen=True, slots=True)
class ChangeBrief:
    """One change as a list shows it. `waits` is True when a decision of a person is awaited now."""

    id: str
    package: str
    branch: str
    from_evr: str
    to_evr: str
    state: ChangeState
    waits: bool = False
    verdict: Verdict | None = None
    why: Text | None = None
    """The first reason of the verdict, or of the failure."""
    blockers: int = 0
    concerns: int = 0
    not_judged: int = 0
    opened: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one package stands on one branch.

    `newest` is the version that the branch should carry, None when that cannot be decided (or was never asked); `why`
    is the reason of either. `behind` counts the releases that the branch might take and has not, None when unknown.
    """

    package: str
    branch: str
    carried: str
    """The EVR that the branch carries."""
    newest: str | None
    why: Text
    behind: int | None = None
    behind_days: int | None = None
    """Days since the first release that the branch has not taken."""
    change: ChangeBrief | None = None
    checked: datetime | None = None
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class LineCounts:
    """The figures of the picture of the line; every one is a number of things, not of rows."""

    upstreams: int
    upstreams_in_doubt: int
    """Upstreams that could not be asked, or whose answer does not settle a version."""
    packages: int
    packages_behind: int
    changes_open: int
    changes_waiting: int
    builds: int
    builds_failed: int
    released: int
    """Binary packages in the published repositories."""


@dataclass(frozen=True, slots=True)
class LineView:
    """Every package on every branch. `seq` is the last event that this view may have seen."""

    branches: tuple[str, ...]
    stands: tuple[Stand, ...]
    counts: LineCounts
    seq: int = 0


@dataclass(frozen=True, slots=True)
class AnnouncedVersion:
    """One version that upstream announced. `withdrawn` is upstream's reason, None when the release stands."""

    version: str
    released: datetime | None = None
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True)
class UpstreamView:
    """Where a package comes from, and what was announced there (newest first, bounded by the desk)."""

    source: str
    name: str
    address: str
    asked: datetime | None = None
    problem: Text | None = None
    notes: tuple[Text, ...] = ()
    announced: tuple[AnnouncedVersion, ...] = ()
    announced_total: int = 0


@dataclass(frozen=True, slots=True)
class BranchView:
    """A package on one branch: what it may take by policy, and the choice with every candidate passed over."""

    stand: Stand
    takes: str
    """The value of the policy (`any`, `patch-releases`, `patches`)."""
    commit: str = ""
    choice: Choice | None = None
    patches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageView:
    """One package: upstream, branches, changes (newest first) and what happened (newest first)."""

    name: str
    summary: str = ""
    sig: str = ""
    maintainers: tuple[str, ...] = ()
    repository: str = ""
    """The name under `/git/`, without `.git`; "" when it is not served."""
    upstream: UpstreamView | None = None
    branches: tuple[BranchView, ...] = ()
    changes: tuple[ChangeBrief, ...] = ()
    history: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class PatchView:
    """A patch's fate, with the unified diff from its old text to its new one ("" when the text is the same)."""

    number: int
    filename: str
    patch_class: PatchClass
    proof: Text
    conflicts: tuple[str, ...] = ()
    diff: str = ""


@dataclass(frozen=True, slots=True)
class BuildView:
    """One build of a change. `role` is `old` (what is carried) or `new` (what is proposed)."""

    role: str
    key: str
    status: BuildStatus
    strength: Strength
    seconds: float = 0.0
    builder: str = ""
    reason: Text | None = None
    rpms: tuple[str, ...] = ()
    log: str = ""
    """The path of the log below the build's directory; "" when there is none. Its text: `Desk.log_text`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that differs between the old and the new packages. `old` is None or "" when it is new, `new` when it is gone."""

    topic: str
    """What kind of fact: `file`, `provides`, `requires`, `soname`, `licence`, `size`, `scriptlet`, `config` ..."""
    subject: str
    old: str | None
    new: str | None
    weight: str = "note"
    """`note`, `concern` or `blocker`."""
    remark: Text | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided, over which commit, and why."""

    at: datetime
    who: str
    accept: bool
    why: str
    commit: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change with all its evidence."""

    brief: ChangeBrief
    reason: Text
    """Why the change was made (the reason of the plan)."""
    base: str = ""
    commit: str = ""
    branch_name: str = ""
    release_date: str = ""
    judgement: Judgement | None = None
    findings: tuple[Finding, ...] = ()
    patches: tuple[PatchView, ...] = ()
    edits: tuple[Edit, ...] = ()
    notes: tuple[Text, ...] = ()
    """What the edit of the spec leaves for a person to look at."""
    diff: str = ""
    """The unified diff of the commit."""
    builds: tuple[BuildView, ...] = ()
    differences: tuple[Difference, ...] = ()
    decisions: tuple[Decided, ...] = ()
    failure: Text | None = None
    history: tuple[Event, ...] = ()
    seq: int = 0


@dataclass(frozen=True, slots=True)
class ReleasedRow:
    """One RPM of a published repository, and the change that brought it ("" when it came with the first publication)."""

    nevra: str
    filename: str
    sha256: str
    size: int = 0
    change: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """What is published of one branch. `serial` is 0 when nothing is published yet.

    `baseurl` and `key_url` are addresses; one that starts with `/` is below the address of the page itself.
    """

    branch: str
    serial: int = 0
    published: datetime | None = None
    packages: tuple[ReleasedRow, ...] = ()
    key_fingerprint: str = ""
    repomd_sha256: str = ""
    baseurl: str = ""
    key_url: str = ""


@dataclass(frozen=True, slots=True)
class LogText:
    """The end of a build's log. `total` is the size of the whole log in bytes."""

    text: str
    total: int
    cut: bool = False


class Desk(Protocol):
    """What the doors are handed: views to show and one decision to take. Every method may be called from any thread."""

    def branches(self) -> tuple[str, ...]:
        """The branches of the distribution, in the order of its settings."""
        ...

    def line(self) -> LineView:
        """Where every package stands on every branch that it has."""
        ...

    def package(self, name: str) -> PackageView | None:
        """One package, None when there is none of that name."""
        ...

    def changes(self, state: ChangeState | None = None) -> tuple[ChangeBrief, ...]:
        """The changes: those that wait for a person first, oldest first; then the others, newest first."""
        ...

    def change(self, change_id: str) -> ChangeView | None:
        """One change with its evidence, None when there is none of that id."""
        ...

    def release(self, branch: str) -> ReleaseView | None:
        """What is published of a branch, None when there is no such branch."""
        ...

    def events(self, after: int, limit: int) -> tuple[Event, ...]:
        """At most `limit` events with `seq > after`, oldest first."""
        ...

    def last_event(self) -> int:
        """The `seq` of the newest event, 0 when there is none."""
        ...

    def decide(self, change_id: str, *, accept: bool, who: str, why: str, expected: str) -> Decided:
        """Record a person's decision over the commit `expected` and let the line go on.

        Raises UnknownChangeError, NotWaitingError, or ChangedMeanwhileError; of two racing decisions one wins.
        """
        ...

    def log_text(self, build_key: str, max_bytes: int) -> LogText | None:
        """The last `max_bytes` of a build's log, undecodable bytes replaced; None when there is no such log."""
        ...


Json = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
"""What a JSON document is made of."""


def to_json(view: object, language: str = "en") -> Json:
    """A view as JSON values: sentences in `language`, times in ISO 8601, enumerations by value, ordered ones by name."""
    if isinstance(view, Text):
        return say(view, language)
    if isinstance(view, IntEnum):
        return view.name.lower()
    if view is None or isinstance(view, bool | int | float):
        return view
    if isinstance(view, str):
        return str(view)
    if isinstance(view, datetime):
        return view.isoformat()
    if isinstance(view, bytes):
        return view.decode(errors="replace")
    if is_dataclass(view):
        return {each.name: to_json(getattr(view, each.name), language) for each in fields(view)}
    if isinstance(view, Mapping):
        return {str(key): to_json(value, language) for key, value in view.items()}
    if isinstance(view, tuple | list):
        return [to_json(each, language) for each in view]
    raise TypeError(f"{type(view).__name__} has no form in JSON")
