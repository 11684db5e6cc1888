"""Many upstreams asked at once: what changed is stored in batches, what did not is only marked as asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from headrace.errors import HeadraceError
from headrace.outside.http import Outside
from headrace.store.upstreams import KnownUpstream, Upstreams, UpstreamState
from headrace.upstream.model import Project, Source, UpstreamError, Validator
from headrace.words import Message, Text
from headrace.work.ask import Asked, Conversation

BATCH = 256
"""How many upstreams are stored in one transaction; a killed watch asks at most these again."""

_NEVER = UpstreamState({}, answered=False, changed_at=None, problem=None)


def sentence(error: HeadraceError) -> Text:
    """An error as a sentence for pages; what it says comes from programs and stays as it is."""
    return Message("{error}", error=str(error))


@dataclass(slots=True)
class Sweep:
    """What came of asking. `states` holds every upstream of the store by key, `changed` the keys that announced something new."""

    states: dict[str, UpstreamState]
    changed: set[str] = field(default_factory=set)
    requests: int = 0
    conditional: int = 0


@dataclass(slots=True)
class _Round:
    store: Upstreams
    sources: Mapping[str, Source]
    clock: Callable[[], datetime]
    conversation: Conversation
    sweep: Sweep
    spoken: list[KnownUpstream] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    async def one(self, key: str, project: Project) -> None:
        """Ask one upstream and remember what it said. Whatever is wrong with it stays with it."""
        before = self.sweep.states.get(key, _NEVER)
        try:
            asked = await self._ask(project, before)
        except HeadraceError as error:
            await self._stays(key, project, before, before.validators, sentence(error))
        else:
            if asked.answer is None:
                await self._stays(key, project, before, asked.validators, None)
            else:
                await self._said(key, project, asked)
        if len(self.spoken) + len(self.silent) >= BATCH:
            await self.flush()

    async def _ask(self, project: Project, before: UpstreamState) -> Asked:
        source = self.sources.get(project.source)
        if source is None:
            raise UpstreamError(f"there is no source {project.source}", f"there are {', '.join(self.sources)}")
        return await self.conversation.ask(source, project, before.validators if before.answered else {})

    async def _stays(
        self,
        key: str,
        project: Project,
        before: UpstreamState,
        validators: Mapping[str, Validator],
        problem: Text | None,
    ) -> None:
        if problem is None and before.problem is None and validators == before.validators:
            self.silent.append(key)
            return
        known = await asyncio.to_thread(self.store.get, key) if key in self.sweep.states else None
        base = known or KnownUpstream(key, project.source, project.name, {}, None, self.clock())
        self._keep(replace(base, validators=validators, checked_at=self.clock(), problem=problem))

    async def _said(self, key: str, project: Project, asked: Asked) -> None:
        known = await asyncio.to_thread(self.store.get, key) if key in self.sweep.states else None
        now = self.clock()
        moved = known is None or known.answer != asked.answer
        changed_at = now if moved or known is None else known.changed_at
        if moved:
            self.sweep.changed.add(key)
        self._keep(KnownUpstream(key, project.source, project.name, asked.validators, asked.answer, now, changed_at))

    def _keep(self, known: KnownUpstream) -> None:
        self.spoken.append(known)
        self.sweep.states[known.key] = UpstreamState(
            known.validators, known.answer is not None, known.changed_at, known.problem
        )

    async def flush(self) -> None:
        """Store what has gathered."""
        spoken, silent = self.spoken, self.silent
        self.spoken, self.silent = [], []
        if spoken or silent:
            await asyncio.to_thread(self.store.save_many, spoken, silent, self.clock())


async def ask_upstreams(
    wanted: Mapping[str, Project],
    *,
    outside: Outside,
    store: Upstreams,
    sources: Mapping[str, Source],
    clock: Callable[[], datetime],
    told: Callable[[str], None] = lambda _: None,
) -> Sweep:
    """Ask every upstream of `wanted` (by key), conditionally where the store has an answer; `told` hears each key when done."""
    sweep = Sweep(await asyncio.to_thread(store.states))
    conversation = Conversation(outside)
    turn = _Round(store, sources, clock, conversation, sweep)

    async def one(key: str, project: Project) -> None:
        await turn.one(key, project)
        told(key)

    try:
        await asyncio.gather(*(one(key, project) for key, project in wanted.items()))
    finally:
        await turn.flush()
    sweep.requests, sweep.conditional = conversation.requests, conversation.conditional
    return sweep
