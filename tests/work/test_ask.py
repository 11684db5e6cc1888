"""One conversation against a real server: what goes out, what is compared, and what a source gets to read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from headrace.outside.http import Outside, OutsideError
from headrace.upstream.model import (
    Announcement,
    Answer,
    Project,
    Reply,
    Request,
    Unchanged,
    UpstreamError,
    Validator,
)
from headrace.work.ask import MAX_STEPS, Conversation
from outside.loopback import Answer as Served
from outside.loopback import Request as Asked
from outside.loopback import Server, fixed, reply, serving

pytestmark = pytest.mark.loopback


@dataclass
class Words:
    """A source whose upstream lists its versions as words; `steps` pages are asked one after another."""

    name: str = "words"
    steps: int = 1
    tolerant: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    seen: list[int] = field(default_factory=list)

    def ask(self, project: Project, validator: Validator | None) -> Request:
        return Request(project.address, headers=self.headers)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        self.seen.append(reply.status)
        if reply.status == 304:
            if self.tolerant:
                return Unchanged()
            raise UpstreamError("nothing to read")
        if reply.status != 200:
            raise UpstreamError(f"status {reply.status}")
        if reply.body == b"defect":
            raise KeyError("versions")
        step = int(reply.request.step or 1)
        if step < self.steps:
            return Request(f"{project.address}{step + 1}", step=str(step + 1), headers=self.headers)
        return Answer(tuple(Announcement(word) for word in reply.body.decode().split()), extra="kept")


def run(answers: dict[str, Served], work: Callable[[Server, Conversation], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        async with serving(answers) as server, Outside(allowed=[server.endpoint], proxies={}) as outside:
            await work(server, Conversation(outside))

    asyncio.run(all_of_it())


def tagged(body: bytes, etag: str) -> Served:
    """Answers 304 whoever names the tag."""

    async def answer(request: Asked, writer: asyncio.StreamWriter) -> None:
        same = request.headers.get("if-none-match") == etag
        writer.write(reply(304, ETag=etag) if same else reply(200, body, ETag=etag))
        await writer.drain()

    return answer


def project(server: Server, path: str = "/p", name: str = "mill") -> Project:
    return Project("words", name, server.url(path))


def versions(answer: Answer | None) -> list[str]:
    assert answer is not None
    return [one.version for one in answer.announcements]


def test_equal_questions_go_out_once() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        mills = [project(server, name=f"mill{n}") for n in range(5)]
        asked = await asyncio.gather(*(conversation.ask(Words(), mill, {}) for mill in mills))
        assert [versions(one.answer) for one in asked] == [["1.0", "1.1"]] * 5
        assert (len(server.requests), conversation.requests) == (1, 1)

    run({"/p": fixed(reply(200, b"1.0 1.1"))}, work)


def test_questions_that_differ_in_a_header_are_two() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        await conversation.ask(Words(), project(server), {})
        await conversation.ask(Words(headers=(("Accept", "text/plain"),)), project(server), {})
        assert len(server.requests) == 2

    run({"/p": fixed(reply(200, b"1.0"))}, work)


def test_a_failure_is_shared_like_a_reply_and_not_asked_again() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        for _ in range(2):
            with pytest.raises(OutsideError):
                await conversation.ask(Words(), project(server), {})
        assert len(server.requests) == 1

    run({"/p": fixed(b"nonsense\r\n\r\n")}, work)


def test_a_known_page_is_asked_conditionally_and_304_keeps_what_is_known() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        source = Words()
        first = await conversation.ask(source, project(server), {})
        again = Conversation(conversation.outside)
        second = await again.ask(source, project(server), first.validators)
        assert versions(first.answer) == ["1.0"]
        assert (second.answer, second.validators) == (None, first.validators)
        assert (again.requests, again.conditional) == (1, 1)
        assert source.seen == [200], "an unchanged page is not read again"

    run({"/p": tagged(b"1.0", '"one"')}, work)


def test_a_changed_page_is_read_whole() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        known = {f"GET {server.url('/p')}": Validator('"old"'), "": Validator()}
        asked = await conversation.ask(Words(), project(server), known)
        assert versions(asked.answer) == ["2.0"]
        assert asked.validators[f"GET {server.url('/p')}"].etag == '"new"'
        assert asked.validators[""].extra == "kept"

    run({"/p": tagged(b"2.0", '"new"')}, work)


def test_the_same_body_without_validators_counts_as_unchanged() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        source = Words()
        first = await conversation.ask(source, project(server), {})
        second = await Conversation(conversation.outside).ask(source, project(server), first.validators)
        assert second.answer is None
        assert source.seen == [200]
        assert "if-none-match" not in server.requests[1].headers

    run({"/p": fixed(reply(200, b"1.0"))}, work)


def test_the_date_of_a_reply_stands_for_its_last_change() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        first = await conversation.ask(Words(), project(server), {})
        await Conversation(conversation.outside).ask(Words(), project(server), first.validators)
        assert server.requests[1].headers["if-modified-since"] == "mon, 05 jan 2026 10:00:00 gmt"

    run({"/p": fixed(reply(200, b"1.0", Date="Mon, 05 Jan 2026 10:00:00 GMT"))}, work)


def test_a_dialogue_is_led_to_its_end_although_its_first_page_stands() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        source = Words(steps=2, tolerant=False)
        first = await conversation.ask(source, project(server), {})
        assert versions(first.answer) == ["1.0"]
        pages = dict(first.validators)
        pages[f"GET {server.url('/p2')} 2"] = Validator('"older"')
        second = await Conversation(conversation.outside).ask(source, project(server), pages)
        assert versions(second.answer) == ["1.0"]
        assert [request.target for request in server.requests] == ["/p", "/p2", "/p", "/p", "/p2"]

    run({"/p": tagged(b"contents", '"c"'), "/p2": tagged(b"1.0", '"b"')}, work)


def test_a_dialogue_whose_last_page_stands_changed_nothing() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        source = Words(steps=2, tolerant=False)
        first = await conversation.ask(source, project(server), {})
        assert len(first.validators) == 3
        second = await Conversation(conversation.outside).ask(source, project(server), first.validators)
        assert second.answer is None

    run({"/p": fixed(reply(200, b"contents")), "/p2": fixed(reply(200, b"1.0"))}, work)


def test_attack_a_dialogue_without_end_is_ended() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        with pytest.raises(UpstreamError, match="too many questions"):
            await conversation.ask(Words(steps=10_000), project(server), {})
        assert len(server.requests) == MAX_STEPS

    run({path: fixed(reply(200, b"x")) for path in ("/p", *(f"/p{n}" for n in range(30)))}, work)


def test_attack_a_reply_that_breaks_its_source_is_an_error_about_that_upstream() -> None:
    async def work(server: Server, conversation: Conversation) -> None:
        with pytest.raises(UpstreamError, match="mill broke the source words"):
            await conversation.ask(Words(), project(server), {})

    run({"/p": fixed(reply(200, b"defect"))}, work)
