"""Accepted changes: merged by the policy of the branch, their packages handed to the release."""

from __future__ import annotations

from pathlib import Path

from headrace.change.model import Change, ChangeError, ChangeState
from headrace.package.distribution import MergeBy
from headrace.release.model import ReleasedPackage
from headrace.store.codec import StoreError
from headrace.words import Message
from headrace.work.services import Services


def settle(services: Services, change_id: str, commit: str) -> bool:
    """Merge a change that the gate accepted, when the policy lets Headrace merge; True when it was merged.

    Otherwise it stays proposed and waits for a person. Running it twice merges once.
    """
    stored = services.stores.changes.get(change_id)
    if stored is None:
        raise StoreError(f"there is no change {change_id}")
    branch = services.workspace.distribution.policy.branch(stored.change.branch)
    if services.workspace.distribution.merges(branch.name).by is not MergeBy.HEADRACE or branch.frozen:
        return False
    return merge(services, stored.change, commit)


def merge(services: Services, change: Change, commit: str) -> bool:
    """Fast-forward the branch to the change's commit and hand its packages to the release.

    False when the branch moved meanwhile: then the change gives way, and the next run plans it anew.
    """
    if change.commit != commit:
        raise ChangeError(
            f"{change.id} stands at another commit", f"{change.commit[:12]}, not {commit[:12]}", "look again"
        )
    now = services.clock()
    repository = services.workspace.repository(change.package)
    if not repository.move(f"refs/heads/{change.branch}", commit, change.plan.base):
        services.stores.changes.move(
            change.id, ChangeState.SUPERSEDED, (ChangeState.PROPOSED, ChangeState.ACCEPTED), now
        )
        told = Message("{branch} moved meanwhile; the change is planned anew", branch=change.branch)
        services.tell("change", change.id, told, key=f"{change.id} moved")
        return False
    services.stores.choices.carry(change.package, change.branch, commit, change.to_evr)
    services.stores.releases.add(change.branch, _packages(services, change), now)
    if services.stores.changes.move(change.id, ChangeState.ACCEPTED, (ChangeState.PROPOSED,), now):
        told = Message("merged into {branch}", branch=change.branch)
        services.tell("change", change.id, told, key=f"{change.id} merged")
    return True


def _packages(services: Services, change: Change) -> list[ReleasedPackage]:
    stored = services.stores.changes.get(change.id)
    build = services.stores.builds.get(stored.new_build) if stored else None
    if build is None:
        return []
    # Kept relative to the workspace, so that a workspace can be moved.
    place = Path(build.build.directory)
    return [ReleasedPackage(rpm.nevra, rpm.filename, place / name, rpm.sha256, change.id)
            for rpm, name in zip(build.rpms, build.build.rpms, strict=True)]  # fmt: skip
