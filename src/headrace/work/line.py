"""`headrace run`: the whole line once: watch, upgrade what is behind, release what was accepted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from headrace.change.agenda import Intent, Past, Stand, agenda
from headrace.change.model import ChangeState
from headrace.outside.scratch import clear_abandoned
from headrace.release.model import Published
from headrace.store.changes import StoredChange
from headrace.store.choices import KnownChoice
from headrace.words import Message
from headrace.work.journal import Flow, Journal
from headrace.work.publish import release
from headrace.work.services import Services
from headrace.work.upgrade import Order, Upgrade, opened_change
from headrace.work.watch import Watched, watch

UPGRADE = "upgrade"
RELEASE = "release"


class Queue(Protocol):
    """Where jobs are put; `work.engine.Engine` is one."""

    def submit(self, flow: str, key: str, argument: str) -> None:
        """Queue a job; a key that was queued before is not queued again."""
        ...


class RunningQueue(Queue, Protocol):
    """A queue that is worked on."""

    def wait(self, keys: Sequence[str] = (), while_waiting: Callable[[], None] = ...) -> None:
        """Wait until the jobs ended."""
        ...

    def stop(self) -> None:
        """Stop working."""
        ...


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run did."""

    watched: Watched
    intents: tuple[Intent, ...]
    changes: tuple[StoredChange, ...]
    published: tuple[Published, ...]
    nothing_new: bool


def flows(services: Services) -> dict[str, Flow]:
    """The jobs that workers know."""

    def release_branch(journal: Journal, argument: str) -> None:
        branch = argument.partition(" ")[0]
        journal.step("release", bool, lambda: release(services, branch) is not None)

    return {UPGRADE: Upgrade(services), RELEASE: release_branch}


def plan_run(services: Services, choices: Sequence[KnownChoice]) -> tuple[Intent, ...]:
    """What there is to do after a watch."""
    stands = [
        Stand(one.package, one.branch, one.commit, _version(one.carried), one.choice.version if one.choice else None)
        for one in choices
        if one.commit and one.carried and one.problem is None
    ]
    past = [
        Past(
            one.change.id, one.change.package, one.change.branch, one.change.plan.base, one.change.plan.to_version,
            one.change.state, one.change.extra.get("transient") == "yes",
        )
        for one in services.stores.changes.list()
    ]  # fmt: skip
    return agenda(stands, past)


def submit(services: Services, queue: Queue, intents: Sequence[Intent], now: datetime) -> list[str]:
    """Open the changes that are intended and queue their upgrades; returns the ids of the changes.

    The change is on record before its job is queued, so a kill in between loses nothing: `resubmit` queues it again.
    """
    ids = []
    for intent in intents:
        if intent.skip:
            continue
        if intent.supersedes:
            services.stores.changes.move(intent.supersedes, ChangeState.SUPERSEDED, (ChangeState.PROPOSED,), now)
        order = Order(
            change_id(intent), intent.package, intent.branch, intent.version, intent.commit, int(now.timestamp())
        )
        services.stores.changes.open(opened_change(order, intent.reason), now)
        queue.submit(UPGRADE, job_key(order), order.text())
        ids.append(order.change)
    return ids


def resubmit(queue: Queue, unfinished: Sequence[StoredChange]) -> None:
    """Queue the upgrades of changes that a killed run left behind; those that are queued already stay as they are."""
    for stored in unfinished:
        order = Order.read(stored.change.extra["order"])
        queue.submit(UPGRADE, job_key(order), order.text())


def give_up(services: Services, ids: Sequence[str]) -> None:
    """Say of a change whose job ended without a result that it failed; no job of these goes on."""
    for stored in services.stores.changes.unfinished():
        if stored.change.id not in ids:
            continue
        if stored.change.state is ChangeState.WORKING:
            failure = Message("the job ended without a result; see the log")
            failed = replace(stored.change, state=ChangeState.FAILED, failure=failure)
            services.stores.changes.save(failed, services.clock())
        services.stores.changes.finish(stored.change.id, services.clock())


def job_key(order: Order) -> str:
    """The key of an upgrade's job: the same change is worked on once."""
    return f"{UPGRADE} {order.change} {order.commit[:12]}"


def change_id(intent: Intent) -> str:
    """`<package>-<branch>-<version>`, with `.2` and so on for further attempts; safe as a file name."""
    plain = "".join(
        char if char.isalnum() or char in "._+-" else "_"
        for char in f"{intent.package}-{intent.branch}-{intent.version}"
    )
    return plain if intent.attempt == 1 else f"{plain}.{intent.attempt}"


def run_line(
    services: Services,
    start_engine: Callable[[], RunningQueue],
    progress: Callable[[str, str], None] = lambda _kind, _what: None,
    packages: Sequence[str] = (),
) -> Ran:
    """Run the line once. The engine is started only when there is something to work on or something left over."""
    watched = watch(services, packages, lambda name: progress("watched", name))
    intents = plan_run(services, watched.choices)
    unfinished = services.stores.changes.unfinished()
    waiting = services.stores.changes.list(states=(ChangeState.ACCEPTED,))
    todo = [one for one in intents if not one.skip]
    ids: list[str] = []
    if todo or unfinished:
        queue = start_engine()
        try:
            resubmit(queue, unfinished)
            ids = [*submit(services, queue, intents, services.clock()), *(one.change.id for one in unfinished)]
            queue.wait(while_waiting=lambda: progress("events", ""))
        finally:
            queue.stop()
        give_up(services, ids)
        clear_abandoned(services.workspace.scratch)
    published = tuple(
        done
        for branch in services.workspace.distribution.policy.branches
        if (ids or waiting) and (done := release(services, branch, lambda what: progress("release", what)))
    )
    changes = tuple(one for one in services.stores.changes.list() if one.change.id in set(ids))
    return Ran(watched, intents, changes, published, not todo and not unfinished and not waiting)


def _version(evr: str) -> str:
    return evr.rpartition("-")[0].rpartition(":")[2]
