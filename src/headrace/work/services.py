"""What the jobs are handed: the workspace, the stores, and the back-ends that assembly picked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from headrace.evidence.model import Builder, Case, Finding
from headrace.outside.http import Outside
from headrace.signature.keys.gnupg import KeyRing
from headrace.store.builds import Builds
from headrace.store.changes import Changes
from headrace.store.choices import Choices
from headrace.store.events import Events
from headrace.store.opinions import Opinions
from headrace.store.releases import Releases
from headrace.store.upstreams import Upstreams
from headrace.store.workers import Workers
from headrace.upstream.model import Source
from headrace.words import Text
from headrace.work.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Stores:
    """The memory, one store a noun."""

    upstreams: Upstreams
    choices: Choices
    changes: Changes
    builds: Builds
    opinions: Opinions
    releases: Releases
    events: Events
    workers: Workers


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that jobs work with. `addresses` maps a source's name to its registry's base address."""

    workspace: Workspace
    stores: Stores
    sources: Mapping[str, Source]
    addresses: Mapping[str, str]
    outside: Callable[[], AbstractAsyncContextManager[Outside]]
    builder: Builder
    checks: Mapping[str, Callable[[Case], tuple[Finding, ...]]]
    macros: tuple[str, ...]
    ring: KeyRing
    clock: Callable[[], datetime]

    def tell(self, kind: str, subject: str, message: Text, key: str | None = None) -> None:
        """Put an event into the stream; with a `key` only once."""
        self.stores.events.add(kind, subject, message, self.clock(), key)
