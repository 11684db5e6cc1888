"""Real git over loopback: cloning and fetching work, and nothing else does."""

from __future__ import annotations

import gzip
import http.client
import os
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from headrace.outside.git_http import GitHttpError, GitQuestion, environment, read_head
from headrace.web.repositories import Repositories
from headrace.web.serve import beside

pytestmark = pytest.mark.loopback

QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_TERMINAL_PROMPT": "0", "PATH": os.environ["PATH"],
}  # fmt: skip


def git(*words: str, cwd: Path, ok: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["git", *words], cwd=cwd, env=QUIET | env, capture_output=True, text=True, timeout=60)
    assert not ok or done.returncode == 0, done.stderr
    return done


@pytest.fixture
def root(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    git("init", "-q", "-b", "master", cwd=work)
    (work / "zlib.spec").write_text("Name: zlib\n")
    git("add", ".", cwd=work)
    git("commit", "-qm", "Begin", cwd=work)
    git("tag", "v1.0", cwd=work)
    folder = tmp_path / "repositories"
    folder.mkdir()
    git("clone", "-q", "--bare", str(work), str(folder / "zlib.git"), cwd=tmp_path)
    git("clone", "-q", "--bare", str(work), str(tmp_path / "secret.git"), cwd=tmp_path)
    return folder


@pytest.fixture
def address(root):
    with beside(Repositories(root)) as found:
        yield found


def ask(address: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


@pytest.mark.parametrize("version", ["0", "2"])
def test_clone_and_fetch(address, root, tmp_path, version):
    git("-c", f"protocol.version={version}", "clone", "-q", f"{address}/zlib.git", "copy", cwd=tmp_path)
    assert (tmp_path / "copy" / "zlib.spec").read_text() == "Name: zlib\n"
    (tmp_path / "work" / "more").write_text("x")
    git("add", ".", cwd=tmp_path / "work")
    git("commit", "-qm", "More", cwd=tmp_path / "work")
    git("push", "-q", str(root / "zlib.git"), "HEAD:headrace/zlib-1.3.1", cwd=tmp_path / "work")
    git("-c", f"protocol.version={version}", "fetch", "-q", "origin", "headrace/zlib-1.3.1", cwd=tmp_path / "copy")
    assert git("log", "-1", "--format=%s", "FETCH_HEAD", cwd=tmp_path / "copy").stdout == "More\n"


def test_protocol_two_passes_through(address):
    asked = "/zlib.git/info/refs?service=git-upload-pack"
    assert b"version 2" in ask(address, "GET", asked, Git_Protocol="version=2")[1]
    assert b"version 2" not in ask(address, "GET", asked)[1]
    listing = b"0014command=ls-refs\n00010009peel\n000csymrefs\n0000"
    sent = {"Content_Type": "application/x-git-upload-pack-request", "Git_Protocol": "version=2"}
    for body, extra in ((listing, {}), (gzip.compress(listing), {"Content_Encoding": "gzip"})):
        status, found = ask(address, "POST", "/zlib.git/git-upload-pack", body, **sent, **extra)
        assert status == 200
        assert b"refs/tags/v1.0" in found


def test_attack_pushing(address, tmp_path):
    git("clone", "-q", f"{address}/zlib.git", "copy", cwd=tmp_path)
    pushed = git("push", "-q", "origin", "HEAD:refs/heads/evil", cwd=tmp_path / "copy", ok=False)
    assert pushed.returncode != 0
    assert "403" in pushed.stderr
    assert ask(address, "GET", "/zlib.git/info/refs?service=git-receive-pack")[0] == 403
    assert (
        ask(
            address,
            "POST",
            "/zlib.git/git-receive-pack",
            b"0000",
            Content_Type="application/x-git-receive-pack-request",
        )[0]
        == 404
    )


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.git/info/refs?service=git-upload-pack",
        "/%2e%2e/secret.git/info/refs?service=git-upload-pack",
        "/..%2fsecret.git/info/refs?service=git-upload-pack",
        "/zlib.git/../../secret.git/info/refs?service=git-upload-pack",
        "/link.git/info/refs?service=git-upload-pack",
        "/none.git/info/refs?service=git-upload-pack",
        "/zlib.git%00/info/refs?service=git-upload-pack",
        "/zlib.git/info/refs%0a?service=git-upload-pack",
        "/-x.git/info/refs?service=git-upload-pack",
        "/zlib.git/config",
        "/zlib.git/HEAD",
        "/zlib.git/objects/info/packs",
        "/zlib.git",
        "/",
    ],
)
def test_attack_paths_outside_of_the_repositories(address, root, tmp_path, path):
    (root / "link.git").symlink_to(tmp_path / "secret.git")
    assert ask(address, "GET", path)[0] == 404


@pytest.mark.parametrize(
    "query", ["", "?service=git-receive-pack", "?service=git-upload-pack&service=git-receive-pack", "?" + "a" * 300]
)
def test_attack_other_services(address, query):
    assert ask(address, "GET", f"/zlib.git/info/refs{query}")[0] == 403


def test_attack_methods_types_and_sizes(address):
    assert ask(address, "POST", "/zlib.git/info/refs?service=git-upload-pack", b"x")[0] == 403
    assert ask(address, "GET", "/zlib.git/git-upload-pack")[0] == 403
    assert ask(address, "POST", "/zlib.git/git-upload-pack", b"0000", Content_Type="text/plain")[0] == 403
    too_much = b"0" * (8 * 1024 * 1024 + 1)
    assert (
        ask(
            address, "POST", "/zlib.git/git-upload-pack", too_much, Content_Type="application/x-git-upload-pack-request"
        )[0]
        == 413
    )


def test_attack_a_client_that_never_ends_its_question_leaves_no_process(root):
    with beside(Repositories(root, seconds=0.5)) as address:
        where = urlsplit(address)
        with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
            connection.sendall(
                b"POST /zlib.git/git-upload-pack HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-git-upload-pack-request\r\n"
                b"Content-Length: 999\r\n\r\n0000"
            )
            began = time.monotonic()
            connection.recv(1000)
            assert time.monotonic() - began < 15
    assert not children()


def children() -> list[str]:
    """The git processes that this process has started and that still run."""
    own = str(os.getpid())
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        if rest.split()[1] == own and "git" in head:
            found.append(head)
    return found


def test_attack_a_hanging_program_is_killed_with_its_children(root, tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    mark = tmp_path / "child"
    (folder / "git").write_text(f"#!/bin/sh\nsleep 300 & echo $! > {mark}\nwait\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    with beside(Repositories(root, seconds=1.5)) as address:
        status, _ = ask(address, "GET", "/zlib.git/info/refs?service=git-upload-pack")
        assert status in {503, 500}
    child = int(mark.read_text())
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().rpartition(")")[2][:3]:
        assert time.monotonic() < deadline, "the child lives"
        time.sleep(0.05)


def test_the_program_inherits_nothing_and_reads_no_users_files(monkeypatch):
    monkeypatch.setenv("GIT_SSH_COMMAND", "evil")
    monkeypatch.setenv("SECRET_TOKEN", "x")
    env = environment(GitQuestion(Path("/r/zlib.git"), "info/refs", "GET", protocol="version=2\nX: y"))
    assert not {"GIT_SSH_COMMAND", "SECRET_TOKEN", "HOME", "GIT_PROTOCOL"} & set(env)
    assert env["GIT_CONFIG_GLOBAL"] == os.devnull


def test_the_head_of_an_answer():
    assert read_head(b"Status: 404 Not Found\r\nContent-Type: text/plain") == (404, {"content-type": "text/plain"})
    assert read_head(b"Content-Type: a") == (200, {"content-type": "a"})
    with pytest.raises(GitHttpError):
        read_head(b"nonsense")


def test_below_the_pages(root, tmp_path):
    from headrace.web.accounts import Accounts
    from headrace.web.app import create_app
    from web.example_desk import example_desk

    app = create_app(example_desk(), accounts=Accounts(tmp_path / "tokens"), secret=b"s" * 32, title="t", git_root=root)
    with beside(app) as address:
        git("clone", "-q", f"{address}/git/zlib.git", "copy", cwd=tmp_path)
        assert (tmp_path / "copy" / "zlib.spec").exists()
        assert ask(address, "GET", "/git/../tokens")[0] == 404
