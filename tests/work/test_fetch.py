"""Sources fetched from real servers on loopback: proved by every voucher, kept whole or not at all, asked for once."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from headrace.errors import HeadraceError
from headrace.outside.git import Git, Person
from headrace.outside.git_http import GitQuestion, ask
from headrace.outside.http import Outside, OutsideError
from headrace.package.model import FetchedSource, SourceFile
from headrace.signature.formats.openpgp import sign_detached
from headrace.signature.keys.gnupg import KeyRing
from headrace.work import source_cache
from headrace.work.fetch import FetchLimits, SourceError, fetch
from headrace.work.fetch_git import GitLimits, GitSourceError
from headrace.work.fetch_signature import SourceSignatureError
from outside.loopback import Answer, Request, Server, fixed, reply, serving

pytestmark = pytest.mark.loopback

BODY = b"an archive\n" * 1000
SHA512 = hashlib.sha512(BODY).hexdigest()
SHA256 = hashlib.sha256(BODY).hexdigest()


def run(answers: dict[str, Answer], work: Callable[[Server, Outside], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        async with serving(answers) as server, Outside(allowed=[server.endpoint], proxies={}) as outside:
            await work(server, outside)

    asyncio.run(all_of_it())


def kept(cache: Path) -> list[str]:
    """Every file that the cache shows, without its notes."""
    return sorted(
        str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file() and "known" not in path.parts
    )


def content(source: FetchedSource) -> bytes:
    return Path(source.path).read_bytes()


def damage(source: FetchedSource) -> None:
    Path(source.path).write_bytes(b"changed")


@pytest.mark.parametrize(
    ("digests", "says"),
    [({"sha512": SHA512}, "sha512"), ({"sha256": SHA256, "md5": hashlib.md5(BODY).hexdigest()}, "sha256")],
)
def test_a_proved_source_lies_under_its_digest_and_is_fetched_once(
    tmp_path: Path, digests: dict[str, str], says: str
) -> None:
    async def work(server: Server, outside: Outside) -> None:
        source = SourceFile("p-1.tar.gz", server.url("/p"), digests, "registry")
        first = await fetch(source, tmp_path, outside)
        assert first == await fetch(source, tmp_path, outside)
        assert (first.sha512, first.size) == (SHA512, len(BODY))
        assert content(first) == BODY
        assert str(first.checked[0]) == f"its {says} is the one of the registry"
        assert [str(text) for text in first.unchecked] == ["upstream publishes no signature that is known"]
        assert len(server.requests) == 1
        assert kept(tmp_path) == [f"sha512/{SHA512[:2]}/{SHA512}/p-1.tar.gz"]

    run({"/p": fixed(reply(body=BODY))}, work)


def test_attack_a_replaced_file_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    async def work(server: Server, outside: Outside) -> None:
        source = SourceFile("p-1.tar.gz", server.url("/p"), {"sha256": SHA256}, "package")
        with pytest.raises(SourceError) as caught:
            await fetch(source, tmp_path, outside)
        assert "is not the file that the package's own sources file vouches for" in str(caught.value)
        assert kept(tmp_path) == []

    run({"/p": fixed(reply(body=BODY + b"evil"))}, work)


def test_what_nobody_vouches_for_says_so_and_is_still_fetched_once(tmp_path: Path) -> None:
    async def work(server: Server, outside: Outside) -> None:
        source = SourceFile("p-1.tar.gz", server.url("/p"), {"md5": hashlib.md5(BODY).hexdigest()}, "registry")
        found = await fetch(source, tmp_path, outside)
        assert found.checked == ()
        assert "only weak or unknown digests" in str(found.unchecked[0])
        assert found == await fetch(source, tmp_path, outside)
        assert len(server.requests) == 1

    run({"/p": fixed(reply(body=BODY))}, work)


def test_attack_a_file_changed_inside_the_cache_is_fetched_again(tmp_path: Path) -> None:
    async def work(server: Server, outside: Outside) -> None:
        source = SourceFile("p-1.tar.gz", server.url("/p"), {"sha512": SHA512}, "registry")
        found = await fetch(source, tmp_path, outside)
        damage(found)
        assert await fetch(source, tmp_path, outside) == found
        assert content(found) == BODY
        assert len(server.requests) == 2

    run({"/p": fixed(reply(body=BODY))}, work)


@pytest.mark.parametrize(
    ("name", "url", "kind", "says"),
    [
        ("../p", "http://x/p", "archive", "no usable file name"),
        ("p.tar", "file:///etc/passwd", "archive", "no address"),
        ("p.tar", "", "archive", "no address"),
        ("p.tar", "http://x/p", "local", "not fetched"),
        ("p.zip", "http://x/p", "git", "cannot be made from a git tag"),
    ],
)
def test_a_source_that_cannot_be_fetched_gives_one_sentence(
    tmp_path: Path, name: str, url: str, kind: str, says: str
) -> None:
    async def work(server: Server, outside: Outside) -> None:
        with pytest.raises(HeadraceError, match=says):
            await fetch(SourceFile(name, url, kind=kind), tmp_path, outside)

    run({}, work)


def test_attack_an_endless_file_stops_at_the_limit_and_leaves_nothing(tmp_path: Path) -> None:
    async def work(server: Server, outside: Outside) -> None:
        with pytest.raises(OutsideError, match="too large"):
            await fetch(SourceFile("p.tar", server.url("/p")), tmp_path, outside, limits=FetchLimits(bytes=1000))
        with pytest.raises(OutsideError, match="did not give the file"):
            await fetch(SourceFile("p.tar", server.url("/gone")), tmp_path, outside)
        assert kept(tmp_path) == []

    run({"/p": fixed(reply(body=BODY))}, work)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system with hardly any room."""
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted by root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as raw, contextlib.suppress(OSError):
        while True:
            raw.write(b"x" * 4096)


def test_a_full_disk_is_told_in_one_sentence(full_disk: Path, tmp_path: Path) -> None:
    git, commit = repository(tmp_path)

    async def work(server: Server, outside: Outside) -> None:
        with pytest.raises(HeadraceError, match="No space left on device"):
            await fetch(SourceFile("p.tar", server.url("/p")), full_disk, outside)
        source = SourceFile("lib-1.0.tar", server.url("/lib.git"), kind="git", tag="v1.0", commit=commit)
        fill(full_disk / "filler")
        with pytest.raises(HeadraceError, match=r"No space left|the disk of the source cache is full"):
            await fetch(source, full_disk, outside)
        assert kept(full_disk) == ["filler"]

    run({"/p": fixed(reply(body=BODY * 10)), "/lib.git/git-upload-pack": smart(git)}, work)


def test_a_disk_that_fills_while_a_source_is_kept_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def full(source: Path, target: Path) -> None:
        if "sha512" in Path(target).parts:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    async def work(server: Server, outside: Outside) -> None:
        source = SourceFile("p.tar", server.url("/p"))
        with pytest.raises(
            source_cache.CacheError, match=r"p\.tar cannot be kept: the disk of the source cache is full"
        ):
            await fetch(source, tmp_path, outside)
        assert kept(tmp_path) == []

    monkeypatch.setattr(source_cache.os, "replace", full)
    run({"/p": fixed(reply(body=BODY))}, work)


def test_a_signature_is_verified_with_the_packages_key_and_asked_for_once(tmp_path: Path) -> None:
    key = KeyRing.create(tmp_path / "ring", "Up Stream", "up@example.org")
    other = KeyRing.create(tmp_path / "other", "Some One", "some@example.org")
    (tmp_path / "p").write_bytes(BODY)
    good = sign_detached(KeyRing(tmp_path / "ring"), key, tmp_path / "p")
    forged = sign_detached(KeyRing(tmp_path / "other"), other, tmp_path / "p")
    keys = KeyRing(tmp_path / "ring").export_public()
    cache = tmp_path / "cache"

    async def work(server: Server, outside: Outside) -> None:
        def source(signature: str) -> SourceFile:
            return SourceFile("p.tar", server.url("/p"), {"sha512": SHA512}, "registry", server.url(signature))

        with pytest.raises(SourceSignatureError, match=r"p\.tar is not what its signature signs"):
            await fetch(source("/forged.asc"), cache, outside, keyring=keys)
        assert kept(cache) == []
        found = await fetch(source("/good.asc"), cache, outside, keyring=keys)
        assert key.fingerprint in str(found.checked[1])
        assert found.unchecked == ()
        asked = len(server.requests)
        assert await fetch(source("/good.asc"), cache, outside, keyring=keys) == found
        assert len(server.requests) == asked
        without = await fetch(source("/good.asc"), cache, outside)
        assert [str(text) for text in without.unchecked] == ["upstream signs it, but the package keeps no key"]

    answers = {"/p": BODY, "/good.asc": good, "/forged.asc": forged}
    run({path: fixed(reply(body=body)) for path, body in answers.items()}, work)


def test_a_signature_of_the_unpacked_archive_is_understood(tmp_path: Path) -> None:
    key = KeyRing.create(tmp_path / "ring", "Up Stream", "up@example.org")
    (tmp_path / "p").write_bytes(BODY)
    signature = sign_detached(KeyRing(tmp_path / "ring"), key, tmp_path / "p")
    keys = KeyRing(tmp_path / "ring").export_public()

    async def work(server: Server, outside: Outside) -> None:
        for path, good in (("/p.tar.sign", True), ("/p.tar.gz.sign", False)):
            source = SourceFile("p.tar.gz", server.url("/p"), signature_url=server.url(path))
            if good:
                found = await fetch(source, tmp_path / "good", outside, keyring=keys)
                assert key.fingerprint in str(found.checked[0])
                assert found == await fetch(source, tmp_path / "good", outside, keyring=keys)
            else:
                with pytest.raises(SourceSignatureError, match="is not what its signature signs"):
                    await fetch(source, tmp_path / "bad", outside, keyring=keys)
                assert kept(tmp_path / "bad") == []

    answers = {"/p": gzip.compress(BODY), "/p.tar.sign": signature, "/p.tar.gz.sign": signature}
    run({path: fixed(reply(body=body)) for path, body in answers.items()}, work)


def repository(root: Path) -> tuple[Git, str]:
    git = Git.create(root / "lib.git")
    tree = git.write_tree({"README": b"hello\n", "src/a.c": b"int a;\n"})
    first = git.write_commit(tree, (), "first", Person("A", "a@example.org"), 1_700_000_000)
    tree = git.write_tree({"README": b"hello\n", "src/a.c": b"int b;\n", "secret": b"x"})
    second = git.write_commit(tree, (first,), "second", Person("A", "a@example.org"), 1_700_000_100)
    git.run("update-ref", "refs/heads/master", second)
    tag = f"object {second}\ntype commit\ntag v1.0\ntagger A <a@example.org> 1700000100 +0000\n\n1.0\n"
    name = git.line("hash-object", "-t", "tag", "-w", "--stdin", stdin=tag.encode())
    git.run("update-ref", "refs/tags/v1.0", name)
    git.run("update-ref", "refs/tags/v1.0.1", first)
    return git, second


def smart(git: Git, *, newest: int = 2) -> Answer:
    """The real `git http-backend` behind the loopback server; `newest` is the newest protocol that it understands."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        if newest < 2 and b"command=" in request.body:
            writer.write(reply(400))
            return
        path, _, query = request.target.removeprefix(f"/{git.directory.name}/").partition("?")
        question = GitQuestion(
            git.directory, path, request.method, query, content_type=request.headers.get("content-type", ""),
            protocol=request.headers.get("git-protocol", "") if newest > 1 else "", body=request.body,
        )  # fmt: skip
        said = await ask(question, 30)
        body = b"".join([chunk async for chunk in said.body])
        writer.write(reply(said.status, body, Content_Type=said.headers["content-type"]))
        await writer.drain()

    return answer


def test_a_tag_becomes_an_archive_with_the_same_bytes_each_time(tmp_path: Path) -> None:
    git, commit = repository(tmp_path)
    found: list[FetchedSource] = []

    async def work(server: Server, outside: Outside) -> None:
        source = SourceFile("lib-1.0.tar.gz", server.url("/lib.git"), kind="git", tag="v1.0", commit=commit)
        found.extend([await fetch(source, tmp_path / cache, outside) for cache in ("one", "two", "one")])
        assert len(server.requests) == 4

    run({"/lib.git/git-upload-pack": smart(git)}, work)
    assert len({one.sha512 for one in found}) == 1
    assert f"made from commit {commit}, which tag v1.0 names" in [str(text) for text in found[0].checked]
    data = Path(found[0].path).read_bytes()
    assert data[4:8] == b"\0\0\0\0"
    command = ["git", "-C", str(git.directory), "-c", "tar.umask=0022", "archive", "--prefix=lib-1.0/", "v1.0"]
    theirs = subprocess.run(command, capture_output=True, check=True)
    assert gzip.decompress(data) == theirs.stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert sorted(tar.getnames()) == [
            "lib-1.0",
            "lib-1.0/README",
            "lib-1.0/secret",
            "lib-1.0/src",
            "lib-1.0/src/a.c",
        ]


def signed_tag(git: Git, tmp_path: Path, name: str, commit: str, inside: str) -> None:
    """A tag `name` whose text, signed by the ring in `tmp_path`, says that it is `inside`."""
    ring = KeyRing(tmp_path / "ring")
    text = f"object {commit}\ntype commit\ntag {inside}\ntagger A <a@example.org> 1700000100 +0000\n\nnew\n".encode()
    (tmp_path / "text").write_bytes(text)
    text += sign_detached(ring, ring.key(), tmp_path / "text")
    found = git.line("hash-object", "-t", "tag", "-w", "--stdin", stdin=text)
    git.run("update-ref", f"refs/tags/{name}", found)


def test_a_signed_tag_is_verified_for_its_own_name_and_commit(tmp_path: Path) -> None:
    git, commit = repository(tmp_path)
    KeyRing.create(tmp_path / "ring", "Up Stream", "up@example.org")
    KeyRing.create(tmp_path / "other", "Some One", "some@example.org")
    signed_tag(git, tmp_path, "v2", commit, "v2")
    signed_tag(git, tmp_path, "v3", commit, "v2")  # attack: an old signed tag under a new name
    keys, foreign = (KeyRing(tmp_path / name).export_public() for name in ("ring", "other"))

    async def work(server: Server, outside: Outside) -> None:
        def source(tag: str) -> SourceFile:
            return SourceFile("lib-2.tar.gz", server.url("/lib.git"), kind="git", tag=tag, commit=commit)

        for cache in ("good", "good"):
            found = await fetch(source("v2"), tmp_path / cache, outside, keyring=keys)
            assert "its tag is signed by Up Stream" in str(found.checked[-1])
            assert found.unchecked == ()
        for tag, ring in (("v3", keys), ("v2", foreign)):
            with pytest.raises(SourceSignatureError, match=f"look at tag {tag}"):
                await fetch(source(tag), tmp_path / "bad", outside, keyring=ring)
        assert kept(tmp_path / "bad") == []
        without = await fetch(source("v2"), tmp_path / "good", outside)
        assert [str(text) for text in without.unchecked] == ["upstream signs the tag, but the package keeps no key"]
        plain = await fetch(source("v1.0"), tmp_path / "plain", outside, keyring=keys)
        assert [str(text) for text in plain.unchecked] == ["the tag is not signed"]

    run({"/lib.git/git-upload-pack": smart(git)}, work)


def test_an_old_server_gives_the_same_archive(tmp_path: Path) -> None:
    git, commit = repository(tmp_path)
    found: dict[int, FetchedSource] = {}

    async def work(server: Server, outside: Outside, newest: int) -> None:
        source = SourceFile("lib-1.0.tar.gz", server.url("/lib.git"), kind="git", tag="v1.0", commit=commit)
        found[newest] = await fetch(source, tmp_path / str(newest), outside)
        gone = SourceFile("lib-1.0.tar.gz", server.url("/lib.git"), kind="git", tag="v7", commit=commit)
        with pytest.raises(GitSourceError, match="has no tag v7"):
            await fetch(gone, tmp_path / str(newest), outside)

    for newest in (0, 2):
        answers = {
            f"/lib.git/{path}": smart(git, newest=newest)
            for path in ("git-upload-pack", "info/refs?service=git-upload-pack")
        }
        run(answers, lambda server, outside, newest=newest: work(server, outside, newest))
    assert found[0].sha512 == found[2].sha512


@pytest.mark.parametrize(
    ("tag", "commit", "limits", "says"),
    [
        ("v1.0", "0" * 39 + "1", GitLimits(), "tag v1.0 of .* was moved"),
        ("v9", "", GitLimits(), "has no tag v9"),
        ("v1.0", "", GitLimits(files=3), "is too large"),
        ("v1.0", "HEAD", GitLimits(), "names no tag and commit"),
        ("v1.0\nwant", "", GitLimits(), "names no tag and commit"),
    ],
)
def test_attack_a_tag_that_is_not_what_was_announced(
    tmp_path: Path, tag: str, commit: str, limits: GitLimits, says: str
) -> None:
    git, real = repository(tmp_path)

    async def work(server: Server, outside: Outside) -> None:
        source = SourceFile("lib-1.0.tar.gz", server.url("/lib.git"), kind="git", tag=tag, commit=commit or real)
        with pytest.raises(GitSourceError, match=says):
            await fetch(source, tmp_path / "cache", outside, limits=FetchLimits(git=limits))
        assert kept(tmp_path / "cache") == []

    run({"/lib.git/git-upload-pack": smart(git)}, work)


RESULT = {"Content_Type": "application/x-git-upload-pack-result"}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (reply(200, b"<html>"), "is no git server"),
        (reply(200, b"zzzz", **RESULT), "lengths"),
        (reply(200, b"00ffabc", **RESULT), "stops in the middle"),
        (reply(200, b"0010ERR go away\n"[:16], **RESULT), "it says: go away"),
        (reply(404), "status 404"),
    ],
)
def test_attack_a_server_that_is_no_git_server(tmp_path: Path, raw: bytes, says: str) -> None:
    async def work(server: Server, outside: Outside) -> None:
        source = SourceFile("lib-1.0.tar.gz", server.url("/lib.git"), kind="git", tag="v1.0", commit="1" * 40)
        with pytest.raises(GitSourceError, match=says):
            await fetch(source, tmp_path / "cache", outside)

    run({path: fixed(raw) for path in ("/lib.git/git-upload-pack", "/lib.git/info/refs?service=git-upload-pack")}, work)


def test_attack_an_inside_address_is_not_asked_for_a_tag(tmp_path: Path) -> None:
    async def work(server: Server, _: Outside) -> None:
        source = SourceFile("lib-1.0.tar.gz", server.url("/lib.git"), kind="git", tag="v1.0", commit="1" * 40)
        async with Outside(proxies={}) as guarded:
            with pytest.raises(OutsideError, match="must not be asked"):
                await fetch(source, tmp_path / "cache", guarded)
        assert server.requests == []

    run({}, work)


FETCHING = """
import asyncio, sys
from pathlib import Path
from headrace.outside.http import Outside
from headrace.package.model import SourceFile
from headrace.work.fetch import fetch

async def work():
    async with Outside(allowed=[sys.argv[1]], proxies={}) as outside:
        await fetch(SourceFile("p.tar", f"http://{sys.argv[1]}/p"), Path(sys.argv[2]), outside)

asyncio.run(work())
"""


@pytest.mark.real
def test_a_killed_download_leaves_no_half_file_and_nothing_in_the_way(tmp_path: Path) -> None:
    halfway = asyncio.Event()
    answers: list[Answer] = []

    async def hang(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(body=BODY)[: len(BODY) // 2])
        await writer.drain()
        halfway.set()
        await asyncio.sleep(60)

    async def serve(request: Request, writer: asyncio.StreamWriter) -> None:
        await answers[0](request, writer)

    async def work(server: Server, outside: Outside) -> None:
        answers.append(hang)
        command = (sys.executable, "-c", FETCHING, server.endpoint, str(tmp_path))
        process = await asyncio.create_subprocess_exec(*command)
        await asyncio.wait_for(halfway.wait(), 60)
        process.kill()
        await process.wait()
        assert [path for path in kept(tmp_path) if not path.startswith("partial/")] == []
        answers[0] = fixed(reply(body=BODY))
        found = await fetch(SourceFile("p.tar", server.url("/p")), tmp_path, outside)
        assert content(found) == BODY
        assert kept(tmp_path) == [f"sha512/{SHA512[:2]}/{SHA512}/p.tar"]

    run({"/p": serve}, work)
