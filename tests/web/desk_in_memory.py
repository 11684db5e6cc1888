"""A desk that lives in memory: a real implementation of the protocol, with the content of a small distribution."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from headrace.change.model import ChangeState
from headrace.words import Message, Text
from headrace.work.views import (
    ChangeBrief,
    ChangedMeanwhileError,
    ChangeView,
    Decided,
    Event,
    LineCounts,
    LineView,
    LogText,
    NotWaitingError,
    PackageView,
    ReleaseView,
    Stand,
    UnknownChangeError,
)

OPEN = frozenset({ChangeState.WORKING, ChangeState.PROPOSED, ChangeState.ACCEPTED})


@dataclass
class DeskInMemory:
    """Everything in dictionaries behind one lock."""

    names: tuple[str, ...] = ("master", "openEuler-24.03-LTS")
    stands: tuple[Stand, ...] = ()
    packages: dict[str, PackageView] = field(default_factory=dict)
    all_changes: dict[str, ChangeView] = field(default_factory=dict)
    releases: dict[str, ReleaseView] = field(default_factory=dict)
    logs: dict[str, bytes] = field(default_factory=dict)
    happened: list[Event] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def branches(self) -> tuple[str, ...]:
        return self.names

    def tell(self, kind: str, subject: str, message: Text, at: datetime | None = None) -> Event:
        with self.lock:
            event = Event(len(self.happened) + 1, at or self.clock(), kind, subject, message)
            self.happened.append(event)
            return event

    def line(self) -> LineView:
        with self.lock:
            stands = tuple(replace(stand, change=self._open_change(stand)) for stand in self.stands)
            briefs = [view.brief for view in self.all_changes.values()]
            builds = [build for view in self.all_changes.values() for build in view.builds]
            counts = LineCounts(
                upstreams=len({stand.package for stand in stands}),
                upstreams_in_doubt=len({stand.package for stand in stands if stand.problem or stand.newest is None}),
                packages=len({stand.package for stand in stands}),
                packages_behind=len({stand.package for stand in stands if stand.behind}),
                changes_open=sum(brief.state in OPEN for brief in briefs),
                changes_waiting=sum(brief.waits for brief in briefs),
                builds=len(builds),
                builds_failed=sum(build.reason is not None for build in builds),
                released=sum(len(release.packages) for release in self.releases.values()),
            )
            return LineView(self.names, stands, counts, self.last_event())

    def _open_change(self, stand: Stand) -> ChangeBrief | None:
        of_it = [
            view.brief
            for view in self.all_changes.values()
            if (view.brief.package, view.brief.branch) == (stand.package, stand.branch)
        ]
        return of_it[-1] if of_it else None

    def package(self, name: str) -> PackageView | None:
        with self.lock:
            found = self.packages.get(name)
            if found is None:
                return None
            changes = tuple(view.brief for view in self.all_changes.values() if view.brief.package == name)
            branches = tuple(
                replace(branch, stand=replace(branch.stand, change=self._open_change(branch.stand)))
                for branch in found.branches
            )
            history = tuple(event for event in reversed(self.happened) if event.subject.startswith(name))
            return replace(found, branches=branches, changes=changes[::-1], history=history)

    def changes(self, state: ChangeState | None = None) -> tuple[ChangeBrief, ...]:
        with self.lock:
            briefs = [view.brief for view in self.all_changes.values() if state in (None, view.brief.state)]
        return tuple(brief for brief in briefs if brief.waits) + tuple(
            brief for brief in reversed(briefs) if not brief.waits
        )

    def change(self, change_id: str) -> ChangeView | None:
        with self.lock:
            found = self.all_changes.get(change_id)
            history = tuple(event for event in reversed(self.happened) if event.subject == change_id)
            return replace(found, history=history, seq=self.last_event()) if found else None

    def release(self, branch: str) -> ReleaseView | None:
        if branch not in self.names:
            return None
        return self.releases.get(branch, ReleaseView(branch))

    def events(self, after: int, limit: int) -> tuple[Event, ...]:
        with self.lock:
            return tuple(self.happened[after : after + limit])

    def last_event(self) -> int:
        return len(self.happened)

    def decide(self, change_id: str, *, accept: bool, who: str, why: str, expected: str) -> Decided:
        with self.lock:
            view = self.all_changes.get(change_id)
            if view is None:
                raise UnknownChangeError(change_id)
            if not view.brief.waits:
                raise NotWaitingError(change_id, view.brief.state)
            if view.commit != expected:
                raise ChangedMeanwhileError(change_id, expected, view.commit)
            decided = Decided(self.clock(), who, accept, why, view.commit)
            state = ChangeState.ACCEPTED if accept else ChangeState.REJECTED
            brief = replace(view.brief, state=state, waits=False, updated=decided.at)
            self.all_changes[change_id] = replace(view, brief=brief, decisions=(*view.decisions, decided))
            sentence = (
                Message("{who} accepted {change}.", who=who, change=change_id)
                if accept
                else Message("{who} rejected {change}.", who=who, change=change_id)
            )
            self.tell("decision", change_id, sentence)
            return decided

    def log_text(self, build_key: str, max_bytes: int) -> LogText | None:
        log = self.logs.get(build_key)
        if log is None:
            return None
        return LogText(log[-max_bytes:].decode(errors="replace"), len(log), len(log) > max_bytes)
