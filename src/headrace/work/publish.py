"""`headrace release`: what was accepted goes out as a signed repository a branch; nothing new, nothing published."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from headrace.change.model import ChangeState
from headrace.release.compose import compose
from headrace.release.model import Published
from headrace.release.publish import publish
from headrace.words import Message
from headrace.work.services import Services
from headrace.work.settle import merge


def release(services: Services, branch: str, progress: Callable[[str], None] = lambda _: None) -> Published | None:
    """Publish what was accepted for a branch; None when nothing ever was. Running it again publishes nothing new."""
    lock = services.workspace.state / f"release-{branch}.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for stored in services.stores.changes.list(branch=branch, states=(ChangeState.ACCEPTED,)):
            # A worker may have been killed between a decision and its merge.
            merge(services, stored.change, stored.change.commit)
        return _publish(services, branch, progress)


def serial_on_disk(target: Path) -> int:
    """The serial number that readers get now, 0 when nothing is published."""
    try:
        name = (target / "current").readlink().name
    except OSError:
        return 0
    return int(name) if name.isdecimal() else 0


def _publish(services: Services, branch: str, progress: Callable[[str], None]) -> Published | None:
    accepted = services.stores.releases.packages(branch)
    if not accepted:
        return None
    root = services.workspace.root
    packages = [replace(one, path=root / one.path) for one in compose((), accepted).packages]
    newest = services.stores.releases.newest(branch)
    target = services.workspace.release(branch)
    # A worker may have been killed between the publication and its row.
    serial = max(newest[0].serial if newest else 0, serial_on_disk(target))
    published = publish(branch, packages, target, services.ring, services.ring.key(), serial + 1, progress)
    now = services.clock()
    if services.stores.releases.publish(published, now):
        told = Message(
            "{branch} is published: {count} packages, serial {serial}",
            branch=branch, count=len(published.packages), serial=published.serial,
        )  # fmt: skip
        services.tell("release", branch, told, key=f"{branch} serial {published.serial}")
    for change in {package.change for package in packages}:
        services.stores.changes.move(change, ChangeState.RELEASED, (ChangeState.ACCEPTED,), now)
    return published
