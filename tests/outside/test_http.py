"""The HTTP door against servers that behave, and against servers that attack."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import socket
import ssl
import struct
import subprocess
import threading
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from headrace.outside import http
from headrace.outside.http import Outside, OutsideError, Response, Trouble, endpoint, shown
from outside.loopback import Answer, Request, Server, fixed, reply, serving

pytestmark = pytest.mark.loopback

Body = Callable[[Outside, Server], Awaitable[None]]


def with_server(answers: dict[str, Answer], body: Body) -> None:
    async def main() -> None:
        async with serving(answers) as server, Outside(allowed=[server.endpoint], proxies={}) as outside:
            await body(outside, server)

    asyncio.run(main())


async def ask(outside: Outside, url: str, max_bytes: int = 4096, seconds: float = 5) -> Response:
    return await outside.ask(url, max_bytes=max_bytes, seconds=seconds)


def trouble(answers: dict[str, Answer], path: str = "/", *, max_bytes: int = 4096, seconds: float = 5) -> OutsideError:
    caught: list[OutsideError] = []

    async def body(outside: Outside, server: Server) -> None:
        with pytest.raises(OutsideError) as error:
            await ask(outside, server.url(path), max_bytes, seconds)
        caught.append(error.value)

    with_server(answers, body)
    return caught[0]


def test_an_answer_comes_back_with_lower_case_headers_and_its_status() -> None:
    async def body(outside: Outside, server: Server) -> None:
        got = await outside.ask(server.url("/a%2Fb?q=1"), headers=[("If-None-Match", '"1"')], max_bytes=10, seconds=5)
        assert (got.status, got.body, got.headers["etag"]) == (203, b"hello", '"1"')
        assert server.requests[0].headers["if-none-match"] == '"1"'
        missing = await ask(outside, server.url("/missing"))
        assert missing.status == 404

    with_server({"/a%2Fb?q=1": fixed(reply(203, b"hello", ETag='"1"'))}, body)


def test_a_question_with_a_body_is_posted_and_kept_over_a_redirect() -> None:
    async def body(outside: Outside, server: Server) -> None:
        got = await outside.ask(server.url("/old"), method="POST", body=b"0000", max_bytes=9, seconds=5)
        assert got.body == b"refs"
        assert got.url == server.url("/new")
        assert [(r.method, r.body) for r in server.requests] == [("POST", b"0000")] * 2

    with_server({"/old": fixed(reply(301, Location="/new")), "/new": fixed(reply(200, b"refs"))}, body)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"a" * 999)),
        ("gzip", gzip.compress(b"a" * 500) + gzip.compress(b"a" * 499)),
        ("deflate", zlib.compress(b"a" * 999)),
        ("deflate", zlib.compress(b"a" * 999, wbits=-15)),
    ],
    ids=["gzip", "gzip in two members", "deflate", "raw deflate"],
)
def test_packed_bodies_are_unpacked(encoding: str, packed: bytes) -> None:
    async def body(outside: Outside, server: Server) -> None:
        assert (await ask(outside, server.url("/"))).body == b"a" * 999

    with_server({"/": fixed(reply(200, packed, Content_Encoding=encoding))}, body)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[64:ff9b::7f00:1]:{port}/",
        "http://[2002:7f00:1::]:{port}/",
        "http://2130706434:{port}/",
        "http://0x7f.2:{port}/",
        "http://localhost:{port}/",
        "http://10.0.0.1/",
        "http://224.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
def test_attack_a_redirect_to_an_inside_address_is_refused(location: str) -> None:
    async def redirect(request: Request, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        writer.write(reply(302, Location=location.format(port=port)))

    reached: list[int] = []

    async def body(outside: Outside, server: Server) -> None:
        with pytest.raises(OutsideError) as error:
            await ask(outside, server.url("/"))
        assert error.value.kind is Trouble.REFUSED
        reached.append(len(server.requests))

    with_server({"/": redirect}, body)
    assert reached == [1]


def test_attack_a_name_that_resolves_inside_is_refused_after_resolution(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def rebinding(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        if host != "innocent.example":
            return real(host, *args, **kwargs)
        return real("127.0.0.1", *args, **kwargs) + real("127.0.0.2", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    async def body(outside: Outside, server: Server) -> None:
        with pytest.raises(OutsideError) as error:
            await ask(outside, f"http://innocent.example:{server.port}/")
        assert error.value.kind is Trouble.REFUSED
        assert server.requests == []

    with_server({"/": fixed(reply(200))}, body)


def test_attack_a_loopback_address_that_is_not_allowed_is_refused() -> None:
    async def main() -> None:
        async with serving({}) as server, Outside(proxies={}) as outside:
            with pytest.raises(OutsideError) as error:
                await ask(outside, server.url("/"))
            assert error.value.kind is Trouble.REFUSED
            assert server.requests == []

    asyncio.run(main())


def test_attack_a_gzip_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    error = trouble({"/": fixed(reply(200, bomb, Content_Encoding="gzip"))}, max_bytes=100_000)
    assert error.kind is Trouble.TOO_LARGE


def test_attack_a_never_ending_body_is_stopped_at_the_limit() -> None:
    async def endless(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 x\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()

    assert trouble({"/": endless}, max_bytes=1_000_000).kind is Trouble.TOO_LARGE


def test_attack_a_drop_at_a_time_is_stopped_by_the_clock() -> None:
    async def dripping(request: Request, writer: asyncio.StreamWriter) -> None:
        for sign in b"HTTP/1.1 200 x\r\nX: " + b"a" * 1000:
            writer.write(bytes([sign]))
            await writer.drain()
            await asyncio.sleep(0.02)

    assert trouble({"/": dripping}, seconds=0.3).kind is Trouble.TIMEOUT


def test_attack_redirects_that_never_end_share_one_clock() -> None:
    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(reply(302, Location=request.target + "x"))

    assert trouble({"/" + "x" * n: slow for n in range(9)}, seconds=0.4).kind is Trouble.TIMEOUT


def test_attack_a_redirect_loop_ends() -> None:
    assert trouble({"/": fixed(reply(302, Location="/"))}).kind is Trouble.REDIRECTS


@pytest.mark.parametrize(
    "raw",
    [
        reply(200, b"half", Content_Length="100"),
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf",
        reply(200, gzip.compress(b"a" * 999)[:20], Content_Encoding="gzip"),
        reply(200, b"no gzip at all", Content_Encoding="gzip"),
        reply(200, b"x", Content_Encoding="br"),
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        reply(200, b"", X_Long="a" * 100_000),
        reply(302, Location="http://[::1"),
        reply(302, Location="http://x:99999999/"),
        b"HTTP/1.1 200 x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(1000)) + b"\r\n",
    ],
    ids=[
        "truncated",
        "truncated chunk",
        "truncated gzip",
        "false gzip",
        "brotli",
        "ssh",
        "long header",
        "no target",
        "no port",
        "many headers",
    ],
)
def test_attack_a_broken_reply_is_told_as_broken(raw: bytes) -> None:
    assert trouble({"/": fixed(raw)}).kind is Trouble.BROKEN


def test_a_connection_cut_before_the_reply_is_asked_once_more_and_no_oftener() -> None:
    async def body(outside: Outside, server: Server) -> None:
        with pytest.raises(OutsideError) as error:
            await ask(outside, server.url("/"))
        assert error.value.kind is Trouble.UNREACHABLE
        assert len(server.requests) == 2

    async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
        line = writer.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    with_server({"/": reset}, body)


def test_a_closed_port_cannot_be_reached() -> None:
    async def main() -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            where = f"127.0.0.1:{closed.getsockname()[1]}"
            async with Outside(allowed=[where], proxies={}) as outside:
                with pytest.raises(OutsideError) as error:
                    await ask(outside, f"http://{where}/")
                assert error.value.kind is Trouble.UNREACHABLE

    asyncio.run(main())


def test_a_hanging_host_holds_up_no_other_host() -> None:
    async def main() -> None:
        arrived = asyncio.Semaphore(0)

        async def hang(request: Request, writer: asyncio.StreamWriter) -> None:
            arrived.release()
            await asyncio.Event().wait()

        async with serving({"/": hang}) as hanging, serving({"/": fixed(reply(200, b"well"))}) as well:
            # Lanes go by host: the well one is asked by name.
            by_name = f"localhost:{well.port}"
            async with Outside(allowed=[hanging.endpoint, by_name], proxies={}, per_host=2) as outside:
                stuck = [asyncio.create_task(ask(outside, hanging.url("/"), seconds=60)) for _ in range(10)]
                for _ in range(2):
                    await arrived.acquire()
                got = await ask(outside, f"http://{by_name}/")
                assert got.body == b"well"
                assert len(hanging.requests) == 2
                for task in stuck:
                    task.cancel()
                await asyncio.gather(*stuck, return_exceptions=True)

    asyncio.run(main())


def test_a_name_that_hangs_in_resolution_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    real, release, hanging = socket.getaddrinfo, threading.Event(), threading.Semaphore(0)

    def resolve(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        if host.endswith(".example"):
            hanging.release()
            release.wait(30)
        return real("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    async def main() -> None:
        async with serving({"/": fixed(reply(200, b"well"))}) as server:
            well = f"well.test:{server.port}"
            async with Outside(allowed=[well], proxies={}) as outside:
                stuck = [asyncio.create_task(ask(outside, f"http://h{n}.example/", seconds=60)) for n in range(40)]
                for _ in stuck:
                    await asyncio.to_thread(hanging.acquire, timeout=20)
                assert (await ask(outside, f"http://{well}/")).body == b"well"
                release.set()
                gone = await asyncio.gather(*stuck, return_exceptions=True)
                assert {error.kind for error in gone if isinstance(error, OutsideError)} == {Trouble.REFUSED}

    asyncio.run(main())


def test_certificates_are_judged_by_the_machines_own_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=loopback", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)

    async def main(*, trusted: bool) -> None:
        answers = {"/": fixed(reply(200, b"sealed"))}
        async with serving(answers, context) as server, Outside(allowed=[server.endpoint], proxies={}) as outside:
            url = f"https://{server.endpoint}/"
            if trusted:
                assert (await ask(outside, url)).body == b"sealed"
                return
            with pytest.raises(OutsideError, match="certificate") as error:
                await ask(outside, url)
            assert error.value.kind is Trouble.UNREACHABLE

    asyncio.run(main(trusted=False))
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    asyncio.run(main(trusted=True))


def test_attack_a_redirect_from_https_to_plain_http_is_refused(tmp_path: Path) -> None:
    question = http._Question("GET", URL("https://a.example/x"), (), b"")
    with pytest.raises(OutsideError, match="redirects from https to plain"):
        question.moved(302, "http://a.example/x")


def test_the_size_of_a_big_file_can_be_asked_without_fetching_it() -> None:
    async def body(outside: Outside, server: Server) -> None:
        got = await outside.ask(server.url("/"), method="HEAD", max_bytes=10, seconds=5)
        assert (got.headers["content-length"], got.body) == ("123456", b"")

    with_server({"/": fixed(reply(200, Content_Length="123456"))}, body)


def test_credentials_go_to_their_own_end_point_only() -> None:
    async def main() -> None:
        async with serving({"/": fixed(reply(200))}) as other:
            moved = fixed(reply(302, Location=other.url("/")))
            async with serving({"/": moved}) as server:
                known = {server.endpoint: "user:secret"}
                async with Outside(allowed=[server.endpoint, other.endpoint], credentials=known, proxies={}) as outside:
                    await outside.ask(server.url("/"), headers=[("Cookie", "a=b")], max_bytes=9, seconds=5)
                assert server.requests[0].headers["authorization"].startswith("basic ")
                assert "authorization" not in other.requests[0].headers
                assert "cookie" not in other.requests[0].headers

    asyncio.run(main())


def test_a_configured_proxy_is_used_but_not_for_an_inside_address() -> None:
    async def main() -> None:
        answers = {"http://far.example/x": fixed(reply(200, b"through the proxy"))}
        async with serving(answers) as proxy, Outside(proxies={"http": proxy.url("")}) as outside:
            assert (await ask(outside, "http://far.example/x")).body == b"through the proxy"
            with pytest.raises(OutsideError) as error:
                await ask(outside, "http://169.254.169.254/x")
            assert error.value.kind is Trouble.REFUSED
            assert len(proxy.requests) == 1

    asyncio.run(main())


def test_this_machine_is_never_asked_through_the_proxy() -> None:
    async def main() -> None:
        nowhere = {"http": "http://127.0.0.1:1"}
        async with serving({"/": fixed(reply(200, b"near"))}) as server:  # noqa: SIM117 - the address comes first
            async with Outside(allowed=[server.endpoint], proxies=nowhere) as outside:
                assert (await ask(outside, server.url("/"))).body == b"near"

    asyncio.run(main())


def test_a_download_lands_complete_with_its_digests(tmp_path: Path) -> None:
    content = gzip.compress(b"source" * 1000)
    seen: list[tuple[int, int | None]] = []

    async def body(outside: Outside, server: Server) -> None:
        target = tmp_path / "deep" / "a.tar.gz"
        got = await outside.download(
            server.url("/a"), target, max_bytes=10**6, seconds=5, on_progress=lambda *now: seen.append(now)
        )
        assert target.read_bytes() == content
        assert (got.sha256, got.size) == (hashlib.sha256(content).hexdigest(), len(content))
        assert got.sha512 == hashlib.sha512(content).hexdigest()
        assert seen[-1] == (len(content), len(content))
        assert [path.name for path in target.parent.iterdir()] == ["a.tar.gz"]

    with_server({"/a": fixed(reply(200, content, Content_Encoding="gzip"))}, body)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (reply(404), Trouble.STATUS),
        (reply(200, b"half", Content_Length="100"), Trouble.BROKEN),
        (reply(200, b"x", Content_Length="99999999"), Trouble.TOO_LARGE),
        (b"HTTP/1.1 200 x\r\n\r\n" + bytes(5000), Trouble.TOO_LARGE),
    ],
)
def test_a_failed_download_leaves_what_was_there(tmp_path: Path, raw: bytes, kind: Trouble) -> None:
    target = tmp_path / "a.tar"
    target.write_bytes(b"before")

    async def body(outside: Outside, server: Server) -> None:
        with pytest.raises(OutsideError) as error:
            await outside.download(server.url("/a"), target, max_bytes=4096, seconds=5)
        assert error.value.kind is kind
        assert error.value.status == (404 if kind is Trouble.STATUS else None)

    with_server({"/a": fixed(raw)}, body)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.tar", b"before")]


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    async def body(outside: Outside, server: Server) -> None:
        with pytest.raises(OutsideError) as error:
            await outside.download(server.url("/a"), Path("/dev/full/a"), max_bytes=4096, seconds=5)
        assert error.value.kind is Trouble.DISK

    with_server({"/a": fixed(reply(200, b"x"))}, body)


def test_errors_never_show_user_or_password() -> None:
    async def main() -> None:
        async with Outside(proxies={}) as outside:
            with pytest.raises(OutsideError) as error:
                await ask(outside, "http://user:secret@127.0.0.1:1/a?token=secret")
            assert "secret" not in str(error.value)
            assert "http://127.0.0.1:1/a" in str(error.value)

    asyncio.run(main())


def test_how_an_end_point_is_spelt() -> None:
    assert endpoint("https://Host.Example/x") == "host.example:443"
    assert endpoint("http://[::1]:81/") == "[::1]:81"
    assert shown("nonsense") == "an unreadable URL"
