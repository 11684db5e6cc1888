"""Events on the wire: in order, from where the reader stopped, in the reader's language, and ended by a shutdown."""

from __future__ import annotations

import asyncio
import http.client
import json
import queue
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from headrace.web import live as live_module
from headrace.web.live import Live
from headrace.words import Message
from web.desk_in_memory import DeskInMemory

pytestmark = pytest.mark.loopback


class Listener:
    """Reads a stream in a thread and gives what comes, line group by line group."""

    def __init__(self, address: str, path: str = "/events", **headers: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
        self.connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        self.reply = self.connection.getresponse()
        self.groups: queue.Queue[str] = queue.Queue()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        group = ""
        try:
            while line := self.reply.readline().decode():
                group += line
                if line == "\n":
                    self.groups.put(group)
                    group = ""
        except (OSError, http.client.HTTPException, AttributeError, ValueError):
            pass
        self.groups.put("END")

    def next(self) -> str:
        return self.groups.get(timeout=15)

    def event(self) -> dict[str, object]:
        while not (group := self.next()).startswith("id: "):
            assert group != "END"
        return json.loads(group.split("data: ")[1])

    def close(self) -> None:
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.connection.close()


def test_events_come_as_they_happen(site):
    listener = Listener(site.address)
    assert listener.reply.headers.get_content_type() == "text/event-stream"
    assert listener.next() == f"retry: 3000\nid: {site.desk.last_event()}\n\n"
    for number in range(3):
        site.desk.tell("build", "zlib", Message("{package}: build {number} began.", package="zlib", number=number))
        event = listener.event()
        assert event["message"] == f"zlib: build {number} began."
        assert event["seq"] == site.desk.last_event()
    listener.close()


def test_a_reader_goes_on_where_it_stopped(site):
    last = site.desk.last_event()
    for path, headers in ((f"/events?after={last - 2}", {}), ("/events?after=0", {"Last_Event_ID": str(last - 2)})):
        listener = Listener(site.address, path, **headers)
        assert [listener.event()["seq"], listener.event()["seq"]] == [last - 1, last]
        listener.close()


def test_more_events_than_one_batch_all_come_once(site, monkeypatch):
    monkeypatch.setattr(live_module, "BATCH", 4)
    start = site.desk.last_event()
    for number in range(11):
        site.desk.tell("build", "x", Message("{number}", number=number))
    listener = Listener(site.address, f"/events?after={start}")
    assert [listener.event()["message"] for _ in range(11)] == [str(number) for number in range(11)]
    listener.close()


@pytest.mark.parametrize("odd", ["x", "-1", "9" * 30, "1e3", "%00"])
def test_attack_an_odd_place_to_begin(site, odd):
    listener = Listener(site.address, f"/events?after={odd}")
    assert listener.reply.status == 200
    listener.close()


def test_a_place_that_is_not_reached_yet_is_now(site):
    listener = Listener(site.address, "/events?after=4000")
    assert listener.next() == f"retry: 3000\nid: {site.desk.last_event()}\n\n"
    site.desk.tell("build", "x", Message("new"))
    assert listener.event()["message"] == "new"
    listener.close()


def test_labels_are_in_the_readers_language(site, monkeypatch):
    listener = Listener(site.address, "/events?after=0&lang=zh_CN")
    assert listener.event()["kind"] == "upstream"
    listener.close()


def test_nobody_is_asked_while_nobody_listens(site, monkeypatch):
    asked = []
    real = site.desk.last_event
    monkeypatch.setattr(site.desk, "last_event", lambda: asked.append(1) or real())
    listener = Listener(site.address)
    listener.next()
    site.desk.tell("build", "x", Message("tick"))
    listener.event()
    listener.close()
    deadline = time.monotonic() + 20
    quiet = 0
    while quiet < 5 and time.monotonic() < deadline:
        site.desk.tell("build", "x", Message("wakes the stream, which finds its reader gone"))
        before = len(asked)
        time.sleep(0.2)
        quiet = quiet + 1 if len(asked) == before else 0
    assert quiet == 5


def test_too_many_listeners_are_told_so():
    live = Live(DeskInMemory(), max_listeners=1)
    assert not live.full

    async def two() -> None:
        stream = live.stream(None, "en")
        await anext(stream)
        assert live.full
        await stream.aclose()
        assert not live.full

    asyncio.run(two())


def test_a_comment_keeps_a_quiet_stream_open():
    live = Live(DeskInMemory(), poll=0.01, ping=0.05)

    async def listen() -> list[str]:
        stream = live.stream(0, "en")
        found = [await anext(stream) for _ in range(3)]
        live.close()
        assert [chunk async for chunk in stream] == []
        return found

    assert asyncio.run(listen()) == ["retry: 3000\nid: 0\n\n", ": still here\n\n", ": still here\n\n"]


def test_a_desk_that_fails_once_does_not_end_the_poller():
    desk = DeskInMemory()
    live = Live(desk, poll=0.01, ping=5)
    failures = iter([True, False])
    real = desk.last_event

    def sometimes() -> int:
        if next(failures, False):
            raise OSError("the database is away")
        return real()

    async def listen() -> str:
        stream = live.stream(0, "en")
        await anext(stream)
        desk.last_event = sometimes  # type: ignore[method-assign]
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.05)
        desk.tell("build", "x", Message("after the failure"))
        found = await waiting
        live.close()
        return found

    assert "after the failure" in asyncio.run(listen())
