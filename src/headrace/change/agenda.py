"""What to work on: from choices and what is under way to intents, each with its reason; skipping has a reason too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headrace.change.model import ChangeState
from headrace.words import Message, Text


@dataclass(frozen=True, slots=True)
class Stand:
    """One package on one branch: what it carries, what it should carry (None: cannot decide), and its branch's commit."""

    package: str
    branch: str
    commit: str
    version: str
    chosen: str | None


@dataclass(frozen=True, slots=True)
class Past:
    """A change that was made before: for which commit and version, and where it stands."""

    id: str
    package: str
    branch: str
    base: str
    version: str
    state: ChangeState
    transient: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """Something to do for one branch, or (`skip`) why nothing is done; `supersedes` is an open change that gives way."""

    package: str
    branch: str
    version: str
    commit: str
    reason: Text
    skip: bool = False
    supersedes: str = ""
    attempt: int = 1


_STANDING = {
    ChangeState.WORKING: Message("work on it goes on"),
    ChangeState.PROPOSED: Message("it waits for a person"),
    ChangeState.ACCEPTED: Message("it is accepted and waits for the release"),
    ChangeState.RELEASED: Message("it is released"),
    ChangeState.REJECTED: Message("a person rejected it"),
    ChangeState.REFUSED: Message("the gate refused it, and nothing has changed since"),
    ChangeState.FAILED: Message("it failed, and nothing has changed since"),
}
_UNDER_WAY = (ChangeState.WORKING, ChangeState.ACCEPTED)


def agenda(stands: Sequence[Stand], past: Sequence[Past]) -> tuple[Intent, ...]:
    """One intent a stand that is behind. Pure; the same input gives the same intents, so asking twice does nothing twice."""
    return tuple(_intent(stand, past) for stand in stands if stand.chosen is not None and stand.chosen != stand.version)


def _intent(stand: Stand, past: Sequence[Past]) -> Intent:
    assert stand.chosen is not None  # noqa: S101 - filtered by the caller
    own = [one for one in past if (one.package, one.branch) == (stand.package, stand.branch)]
    same = [one for one in own if one.version == stand.chosen]
    closed = next((one for one in same if one.state is ChangeState.REJECTED), None)
    standing = [one for one in same if one.base == stand.commit and one.state is not ChangeState.SUPERSEDED]
    blocking = closed or next(
        (one for one in standing if not (one.state is ChangeState.FAILED and one.transient)), None
    )
    if blocking is not None:
        return Intent(stand.package, stand.branch, stand.chosen, stand.commit, _STANDING[blocking.state], skip=True)
    under_way = next((one for one in own if one.state in _UNDER_WAY), None)
    if under_way is not None:
        return Intent(stand.package, stand.branch, stand.chosen, stand.commit, _STANDING[under_way.state], skip=True)
    proposed = next((one for one in own if one.state is ChangeState.PROPOSED), None)
    reason = Message(
        "{branch} carries {old} and should carry {new}", branch=stand.branch, old=stand.version, new=stand.chosen
    )
    return Intent(
        stand.package, stand.branch, stand.chosen, stand.commit, reason,
        supersedes=proposed.id if proposed else "", attempt=1 + len([one for one in own if one.version == stand.chosen]),
    )  # fmt: skip
