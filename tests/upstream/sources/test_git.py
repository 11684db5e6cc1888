"""Tags of git repositories: the wire format by hand, and a real git serving a real repository on loopback."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from headrace.outside.http import Outside, endpoint
from headrace.upstream.model import Answer, Project, Reply, Request, Unchanged, UpstreamError, Validator
from headrace.upstream.sources.git import GitRepository
from upstream.sources.replies import GIT, by_version, reply

SOURCE = GitRepository()
A, B = "a" * 40, "b" * 40
ADVERTISEMENT = "application/x-git-upload-pack-advertisement"
RESULT = "application/x-git-upload-pack-result"


def packet(text: str) -> bytes:
    return f"{len(text.encode()) + 4:04x}{text}".encode()


def first(*lines: str) -> Reply:
    body = packet("# service=git-upload-pack\n") + b"0000" + b"".join(map(packet, lines)) + b"0000"
    return reply(SOURCE.ask(GIT, None), body, content_type=ADVERTISEMENT)


def listing(*lines: str, end: bytes = b"0000") -> Reply:
    question = SOURCE.read(GIT, first("version 2\n", "ls-refs=unborn\n"), None)
    assert isinstance(question, Request)
    return reply(question, b"".join(map(packet, lines)) + end, content_type=RESULT)


def test_protocol_2_is_asked_for_tags_only_and_peeled() -> None:
    request = SOURCE.ask(GIT, None)
    assert request.url == "https://git.example/sluice.git/info/refs?service=git-upload-pack"
    assert ("Git-Protocol", "version=2") in request.headers
    question = SOURCE.read(GIT, first("version 2\n", "agent=x\n", "ls-refs\n", "object-format=sha256\n"), None)
    assert isinstance(question, Request)
    assert (question.method, question.url) == ("POST", "https://git.example/sluice.git/git-upload-pack")
    assert question.body == (
        b"0014command=ls-refs\n0013agent=headrace\n0019object-format=sha256\n0001"
        b"0009peel\n000csymrefs\n001aref-prefix refs/tags/\n0000"
    )


def test_tags_lose_the_prefix_and_name_the_peeled_commit() -> None:
    got = SOURCE.read(
        GIT,
        listing(f"{A} refs/tags/v1.0\n", f"{A} refs/tags/v1.1 peeled:{B}\n", f"{A} refs/tags/other\n", f"{A} HEAD\n"),
        None,
    )
    assert isinstance(got, Answer)
    versions = by_version(got)
    assert {version: a.tag for version, a in versions.items()} == {"1.0": "v1.0", "1.1": "v1.1", "other": "other"}
    assert (versions["1.0"].commit, versions["1.1"].commit) == (A, B)
    artefact = versions["1.1"].artefacts[0]
    assert (artefact.kind, artefact.url, artefact.filename) == ("git", GIT.address, "sluice-1.1.tar.gz")


@pytest.mark.parametrize("dressing", [(), ("version 1\n",)])
def test_old_servers_answer_with_the_first_reply(dressing: tuple[str, ...]) -> None:
    got = SOURCE.read(
        GIT,
        first(
            *dressing,
            f"{A} HEAD\0multi_ack symref=HEAD:refs/heads/main\n",
            f"{A} refs/heads/main\n",
            f"{A} refs/tags/v1.0\n",
            f"{B} refs/tags/v1.0^{{}}\n",
        ),
        None,
    )
    assert isinstance(got, Answer)
    assert [(a.tag, a.commit) for a in got.announcements] == [("v1.0", B)]


def test_a_repository_without_tags_announces_nothing() -> None:
    empty = SOURCE.read(GIT, first("0" * 40 + " capabilities^{}\0agent=x\n"), None)
    assert isinstance(empty, Answer)
    assert empty.announcements == ()
    without = SOURCE.read(GIT, listing(), None)
    assert isinstance(without, Answer)
    assert without.announcements == ()


def test_the_same_tags_are_unchanged_in_any_order_but_not_with_another_prefix() -> None:
    got = SOURCE.read(GIT, listing(f"{A} refs/tags/v1\n", f"{B} refs/tags/v2\n"), None)
    assert isinstance(got, Answer)
    known = Validator(extra=got.extra)
    swapped = listing(f"{B} refs/tags/v2\n", f"{A} refs/tags/v1\n")
    assert isinstance(SOURCE.read(GIT, swapped, known), Unchanged)
    assert isinstance(SOURCE.read(replace(GIT, tag_prefix=""), swapped, known), Answer)
    moved = listing(f"{B} refs/tags/v2\n", f"{B} refs/tags/v1\n")
    assert isinstance(SOURCE.read(GIT, moved, known), Answer)


@pytest.mark.parametrize(
    "bad",
    [
        listing(f"{A} refs/tags/v1\n", end=b""),
        listing(f"{A} refs/tags/v1\n", end=b"0001"),
        listing(f"{A} refs/tags/v1\n", end=b"ffff0000"),
        listing(f"{A} refs/tags/v1\n", end=b"0003"),
        listing(f"{A} refs/tags/v1\n", end=b"-001"),
        listing(f"{A} refs/tags/v1\n", end=b"00"),
        listing("zzz refs/tags/v1\n"),
        listing(f"{A} refs/tags/v1 peeled:x\n"),
        listing(f"{A} refs/tags/a\x1b[31m\n"),
        listing(f"{A} refs/tags/" + "x" * 300),
        listing(f"{A}"),
        first("version 2\n", "agent=x\n"),
        first("ERR access denied\n"),
        replace(first("version 2\n", "ls-refs\n"), headers={"content-type": "text/html"}),
    ],
)
def test_attack_lines_that_lie_are_refused(bad: Reply) -> None:
    with pytest.raises(UpstreamError):
        SOURCE.read(GIT, bad, None)


@pytest.mark.parametrize("address", ["git://x.example/a", "file:///srv/a.git", "ssh://x/a", "", "https://x/a?b=c"])
def test_a_repository_that_http_does_not_reach_is_not_asked(address: str) -> None:
    with pytest.raises(UpstreamError):
        SOURCE.ask(replace(GIT, address=address), None)


class _Backend(BaseHTTPRequestHandler):
    """`git http-backend` for one directory, as a web server runs it."""

    root = ""
    protocol = True

    def _run(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": self.root,
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", "") if self.protocol else "",
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=True, timeout=30)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _run  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def git_server(root: Path, *, protocol: bool) -> Iterator[str]:
    handler = type("Handler", (_Backend,), {"root": str(root), "protocol": protocol})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def git(where: Path, *words: str) -> str:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(where),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": f"x@{who}.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    return subprocess.run(
        ["git", *words], cwd=where, env=env, capture_output=True, check=True, text=True
    ).stdout.strip()


def watch(project: Project, validator: Validator | None = None) -> Answer | Unchanged:
    async def main() -> Answer | Unchanged:
        async with Outside(allowed=[endpoint(project.address)], proxies={}) as outside:
            said: Answer | Request | Unchanged = SOURCE.ask(project, validator)
            while isinstance(said, Request):
                got = await outside.ask(
                    said.url, method=said.method, headers=said.headers, body=said.body, max_bytes=10**6, seconds=20
                )
                said = SOURCE.read(project, Reply(said, got.status, got.headers, got.body), validator)
            return said

    return asyncio.run(main())


@pytest.mark.loopback
@pytest.mark.parametrize("protocol", [True, False], ids=["protocol 2", "protocol 0"])
def test_a_real_repository_is_watched_over_smart_http(tmp_path: Path, protocol: bool) -> None:
    repository = tmp_path / "sluice.git"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    git(repository, "commit", "-q", "--allow-empty", "-m", "one")
    git(repository, "tag", "v1.0")
    git(repository, "commit", "-q", "--allow-empty", "-m", "two")
    git(repository, "tag", "-a", "-m", "two", "v1.1")
    with git_server(tmp_path, protocol=protocol) as base:
        project = replace(GIT, address=f"{base}/sluice.git")
        got = watch(project)
        assert isinstance(got, Answer)
        assert {version: a.commit for version, a in by_version(got).items()} == {
            "1.0": git(repository, "rev-parse", "v1.0^{commit}"),
            "1.1": git(repository, "rev-parse", "v1.1^{commit}"),
        }
        known = Validator(extra=got.extra)
        assert isinstance(watch(project, known), Unchanged)
        git(repository, "tag", "v1.2")
        newer = watch(project, known)
        assert isinstance(newer, Answer)
        assert "1.2" in by_version(newer)
        with pytest.raises(UpstreamError, match="gone"):
            watch(replace(project, address=f"{base}/nothing.git"))
