"""What happens on the line, as server-sent events. One poller reads the desk for all listeners, and only while there are any."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Protocol

from starlette.concurrency import run_in_threadpool

from headrace.web.labels import label
from headrace.web.plain import plain
from headrace.web.render import sentence
from headrace.words import say
from headrace.work.views import Event

_log = logging.getLogger(__name__)

BATCH = 200
"""Events of one read."""


class Events(Protocol):
    """The part of the desk that tells what happened."""

    def events(self, after: int, limit: int) -> tuple[Event, ...]:
        """At most `limit` events after that one, oldest first."""
        ...

    def last_event(self) -> int:
        """The number of the newest event."""
        ...


def encode(event: Event, language: str) -> str:
    """One event on the wire; JSON keeps every line break of a message out of the protocol."""
    data = {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "label": say(label(event.kind), language),
        "subject": plain(event.subject, 300),
        "message": sentence(event.message, language),
    }
    return f"id: {event.seq}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


class Live:
    """Streams to many listeners. `close` ends every stream, so that open pages do not hold up a shutdown."""

    def __init__(self, desk: Events, *, poll: float = 1.0, ping: float = 15.0, max_listeners: int = 200) -> None:
        self._desk = desk
        self._poll = poll
        self._ping = ping
        self._max = max_listeners
        self._latest = 0
        self._listeners: set[asyncio.Event] = set()
        self._poller: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def full(self) -> bool:
        """Whether no further listener is taken."""
        return self._closed or len(self._listeners) >= self._max

    def close(self) -> None:
        """End every stream; call it in the event loop of the server."""
        self._closed = True
        if self._poller:
            self._poller.cancel()
        for bell in self._listeners:
            bell.set()

    async def stream(self, after: int | None, language: str) -> AsyncIterator[str]:
        """Every event after that number (None: only what happens from now on), with a comment when nothing happens for long."""
        bell = asyncio.Event()
        self._listeners.add(bell)
        try:
            last = await run_in_threadpool(self._desk.last_event)
            after = last if after is None else min(after, last)
            self._start()
            yield f"retry: 3000\nid: {after}\n\n"
            while not self._closed:
                events = await run_in_threadpool(self._desk.events, after, BATCH)
                for event in events:
                    after = event.seq
                    yield encode(event, language)
                if len(events) < BATCH and not await self._wait(bell):
                    yield ": still here\n\n"
        finally:
            self._listeners.discard(bell)

    async def _wait(self, bell: asyncio.Event) -> bool:
        try:
            await asyncio.wait_for(bell.wait(), self._ping)
        except TimeoutError:
            return False
        bell.clear()
        return True

    def _start(self) -> None:
        if not self._closed and (self._poller is None or self._poller.done()):
            self._poller = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        """Ring every listener when there is something new. A desk that fails once is asked again at the next tick."""
        while self._listeners and not self._closed:
            latest = await self._newest()
            if latest != self._latest:
                self._latest = latest
                for bell in self._listeners:
                    bell.set()
            await asyncio.sleep(self._poll)

    async def _newest(self) -> int:
        try:
            return await run_in_threadpool(self._desk.last_event)
        except Exception as error:  # noqa: BLE001 - whatever a database raises, the next tick asks again
            _log.warning("The events cannot be read now: %s", error)
            return self._latest
