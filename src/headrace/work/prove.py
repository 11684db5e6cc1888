"""Builds kept by the hash of their inputs: asked for twice, made once; a killed build leaves nothing that looks whole."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from headrace.evidence.model import BuildOrder, BuildStatus, Rpm
from headrace.evidence.packages import read_packages
from headrace.outside import scratch
from headrace.package.model import FetchedSource, PackageTree
from headrace.package.spec.facts import read
from headrace.store.builds import StoredBuild
from headrace.words import Message, Text
from headrace.work.services import Services

_DIGITS_OF_KEY = 32
_STAGES = ("%prep", "%build", "%install", "%check")
_FIRST_DAY = date(2000, 1, 1)


def make_order(services: Services, tree: PackageTree, fetched: Sequence[FetchedSource], files: Path) -> BuildOrder:
    """The order for a tree whose own files are laid out in `files`."""
    files.mkdir(parents=True, exist_ok=True)
    sources: dict[str, Path] = {}
    for path, content in tree.files.items():
        if "/" not in path and path != tree.spec_path:
            (files / path).write_bytes(content)
            sources[path] = files / path
    sources.update({one.filename: Path(one.path) for one in fetched})
    return BuildOrder(
        tree.name, tree.spec_path, tree.spec, sources, "\n".join(services.macros),
        arch=services.workspace.distribution.arch or platform.machine(), source_date_epoch=source_date(services, tree),
    )  # fmt: skip


def source_date(services: Services, tree: PackageTree) -> int:
    """The moment that a build pretends to be at: the day of the newest changelog entry, never before zip's first year."""
    facts = read(tree.spec, spec_name=tree.spec_path, macros=services.macros, files=tree.files)
    day = next((entry.day for entry in facts.changelog if entry.day is not None), None)
    moment = datetime.combine(max(day or _FIRST_DAY, _FIRST_DAY), time(0), UTC)
    return int(moment.timestamp())


def prove(services: Services, tree: PackageTree, fetched: Sequence[FetchedSource], subject: str) -> str:
    """Build a tree, unless these inputs were built before; returns the key under which the store has the build.

    A build that ended at a limit is tried again when it is asked for again, for it says nothing of the package. Raises
    EvidenceError when this machine cannot even try.
    """
    with scratch.directory(services.workspace.scratch, "build-") as place:
        order = make_order(services, tree, fetched, place / "files")
        key = services.builder.key(order)
        with _alone(services, key):
            if not _settled(services, key):
                partial = place / "result"
                partial.mkdir()
                services.tell("build", subject, Message("building {package}", package=tree.name))
                build = services.builder.build(
                    order, partial, lambda stage: _tell_stage(services, subject, tree.name, stage)
                )
                stored = _keep(services, StoredBuild(tree.name, build, read_packages(build), services.clock()), partial)
                services.tell("build", subject, _ended(tree.name, stored))
        return key


@contextmanager
def _alone(services: Services, key: str) -> Iterator[None]:
    """One worker at a time for the same inputs: two branches often carry the same old version."""
    locks = services.workspace.builds / ".locks"
    locks.mkdir(exist_ok=True)
    # A few names for all keys: a lock file that is removed while another waits for it guards nothing.
    with (locks / key[:2]).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _settled(services: Services, key: str) -> bool:
    known = services.stores.builds.get(key)
    return known is not None and known.build.status in (BuildStatus.BUILT, BuildStatus.FAILED)


def _keep(services: Services, stored: StoredBuild, partial: Path) -> StoredBuild:
    """Move a build to its place and put it on record; what lies there without a record was left by a killed worker."""
    root, key = services.workspace.root, stored.build.key
    place = services.workspace.builds / key[:_DIGITS_OF_KEY]
    shutil.rmtree(place, ignore_errors=True)
    os.rename(partial, place)  # noqa: PTH104 - says what it does
    services.stores.builds.forget(key)
    # Relative to the workspace, so that a workspace can be moved.
    return services.stores.builds.add(
        replace(stored, build=replace(stored.build, directory=str(place.relative_to(root))))
    )


def _tell_stage(services: Services, subject: str, package: str, stage: str) -> None:
    if stage not in _STAGES:
        return
    services.tell("build", subject, Message("{package}: {stage}", package=package, stage=stage))


def _ended(package: str, stored: StoredBuild) -> Text:
    if stored.build.status is BuildStatus.BUILT:
        return Message("{package} is built: {count} packages", package=package, count=len(stored.rpms))
    return Message("{package} is not built: {status}", package=package, status=stored.build.status.value)


def facts_of(services: Services, key: str) -> tuple[StoredBuild | None, tuple[Rpm, ...] | None]:
    """A build and the facts of its packages; None when it did not come to packages."""
    stored = services.stores.builds.get(key) if key else None
    if stored is None or stored.build.status is not BuildStatus.BUILT:
        return stored, None
    return stored, stored.rpms
