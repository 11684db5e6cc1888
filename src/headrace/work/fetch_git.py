"""A source made from a git tag: one commit fetched over smart HTTP and packed so that the bytes repeat.

The conversation goes through `Outside` like every other, so that its limits and its guard against inside addresses
hold; the git command only ever sees the finished pack. Nothing is checked out.
"""

from __future__ import annotations

import asyncio
import bz2
import gzip
import lzma
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from headrace.outside.git import Git
from headrace.outside.http import Outside, Response, shown
from headrace.package.model import PackageError, SourceFile

_TYPE = "application/x-git-upload-pack-"
_HEADERS = (
    ("Content-Type", f"{_TYPE}request"),
    ("Accept", f"{_TYPE}result"),
    ("Git-Protocol", "version=2"),
)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_TAG = re.compile(r"[^\s\x00-\x1f\x7f]{1,255}")
_MOST_REFERENCES = 64 * 1024 * 1024
_FLUSH, _DELIMITER = b"0000", b"0001"
_Words = Sequence[str | bytes]
_Writer = Callable[[IO[bytes]], IO[bytes]]


def _plain(raw: IO[bytes]) -> IO[bytes]:
    return raw


def _gzip(raw: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile("", "wb", 9, raw, mtime=0))


def _xz(raw: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", lzma.LZMAFile(raw, "wb"))


def _bzip2(raw: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", bz2.BZ2File(raw, "wb"))


_WRITERS: Mapping[str, _Writer] = {
    ".tar.gz": _gzip, ".tgz": _gzip, ".tar.xz": _xz, ".txz": _xz, ".tar.bz2": _bzip2, ".tbz2": _bzip2, ".tar": _plain
}  # fmt: skip


class GitSourceError(PackageError):
    """A source cannot be made from its repository: the tag is gone or moved, or the server does not play its part."""


class _OldServerError(GitSourceError):
    """The server did not understand; an older one may in the older protocol."""


@dataclass(frozen=True, slots=True)
class GitLimits:
    """Bytes of the pack and of the unpacked files, and seconds for each exchange and for packing."""

    pack: int = 512 * 1024**2
    files: int = 4 * 1024**3
    seconds: float = 600.0


async def make_archive(source: SourceFile, place: Path, outside: Outside, limits: GitLimits) -> Path:
    """Fetch the tag of `source`, prove that it names `source.commit`, and write `source.filename` into `place`.

    Raises GitSourceError when the tag names another commit than when it was announced, and OutsideError for the net.
    """
    stem, writer = _format(source.filename)
    if not _COMMIT.fullmatch(source.commit) or not _TAG.fullmatch(source.tag):
        raise GitSourceError(f"{source.filename} names no tag and commit", "both are needed to prove what is fetched")
    try:
        found, commit, words = await _find_tag(source, outside, limits)
    except _OldServerError as first:
        try:
            found, commit, words = await _find_tag_in_advertisement(source, outside, limits)
        except _OldServerError:
            raise first from None
    if commit != source.commit:
        raise GitSourceError(
            f"tag {source.tag} of {shown(source.url)} was moved",
            f"it names {commit}, but {source.commit} was announced",
            "ask upstream, then run headrace watch again",
        )
    pack = await _fetch_pack(source, words, outside, limits)
    return await asyncio.to_thread(_pack_up, source, found, pack, place, stem, writer, limits)


def _format(filename: str) -> tuple[str, _Writer]:
    for ending, writer in _WRITERS.items():
        if filename.endswith(ending) and filename != ending:
            return filename.removesuffix(ending), writer
    raise GitSourceError(
        f"{filename} cannot be made from a git tag",
        "only .tar, .tar.gz, .tar.xz and .tar.bz2 are made",
        "rename the source",
    )


async def _find_tag(source: SourceFile, outside: Outside, limits: GitLimits) -> tuple[str, str, _Words]:
    """What the tag names, the commit behind it, and the question for its pack, in protocol 2."""
    name = f"refs/tags/{source.tag}"
    words: _Words = ["command=ls-refs\n", "agent=headrace\n", _DELIMITER, "peel\n", f"ref-prefix {name}\n", _FLUSH]
    reply = await _ask(source, words, outside, _MOST_REFERENCES, limits.seconds)
    for packet in _packets(source, reply.body):
        row = (packet or b"").decode("utf-8", "replace").split()
        if len(row) >= 2 and row[1] == name:
            peeled = [word.removeprefix("peeled:") for word in row[2:] if word.startswith("peeled:")]
            found, commit = _checked(source, row[0]), _checked(source, peeled[0] if peeled else row[0])
            asked = ("no-progress", "ofs-delta", f"want {found}\n", "deepen 1\n", "done\n")
            return found, commit, ["command=fetch", "agent=headrace", _DELIMITER, *asked, _FLUSH]
    raise _no_tag(source)


async def _find_tag_in_advertisement(
    source: SourceFile, outside: Outside, limits: GitLimits
) -> tuple[str, str, _Words]:
    """The same with a server that knows only protocol 0: it tells all its references at once."""
    url = f"{source.url.rstrip('/')}/info/refs?service=git-upload-pack"
    reply = await outside.ask(url, max_bytes=_MOST_REFERENCES, seconds=limits.seconds)
    _require(source, reply, "advertisement")
    tags: dict[str, str] = {}
    for packet in _packets(source, reply.body):
        row = (packet or b"").partition(b"\0")[0].decode("utf-8", "replace").split()
        if len(row) == 2:
            tags[row[1]] = row[0]
    name = f"refs/tags/{source.tag}"
    if name not in tags:
        raise _no_tag(source)
    found, commit = _checked(source, tags[name]), _checked(source, tags.get(f"{name}^{{}}", tags[name]))
    want = f"want {found} side-band-64k ofs-delta no-progress shallow agent=headrace\n"
    return found, commit, [want, "deepen 1\n", _FLUSH, "done\n"]


async def _fetch_pack(source: SourceFile, words: _Words, outside: Outside, limits: GitLimits) -> bytes:
    reply = await _ask(source, words, outside, limits.pack, limits.seconds)
    pack = bytearray()
    packets = _packets(source, reply.body)
    for packet in packets:
        if packet in (b"packfile\n", b"NAK\n"):
            break
    for packet in packets:
        if packet and packet[:1] == b"\1":
            pack += packet[1:]
        elif packet and packet[:1] == b"\3":
            raise _nonsense(source, "it says: " + packet[1:201].decode("utf-8", "replace").strip())
    if not pack:
        raise _nonsense(source, "it sent no pack")
    return bytes(pack)


async def _ask(source: SourceFile, words: _Words, outside: Outside, most: int, seconds: float) -> Response:
    body = b"".join(
        word if isinstance(word, bytes) else b"%04x%b" % (len(word.encode()) + 4, word.encode()) for word in words
    )
    url = f"{source.url.rstrip('/')}/git-upload-pack"
    reply = await outside.ask(url, method="POST", headers=_HEADERS, body=body, max_bytes=most, seconds=seconds)
    _require(source, reply, "result")
    return reply


def _require(source: SourceFile, reply: Response, what: str) -> None:
    kind = reply.headers.get("content-type", "").partition(";")[0].strip()
    if reply.status != 200 or kind != f"{_TYPE}{what}":
        raise _OldServerError(
            f"{shown(source.url)} cannot be fetched from", f"it answers with status {reply.status} and is no git server"
        )


def _no_tag(source: SourceFile) -> GitSourceError:
    return GitSourceError(
        f"{shown(source.url)} has no tag {source.tag}", "it was announced before", "run headrace watch again"
    )


def _packets(source: SourceFile, body: bytes) -> Iterator[bytes | None]:
    """The payloads of pkt-lines, None for a mark. An error line ends the reading."""
    at = 0
    while at < len(body):
        digits = body[at : at + 4]
        if not re.fullmatch(rb"[0-9a-fA-F]{4}", digits):
            raise _nonsense(source, "its lines have not the lengths that they claim")
        size = int(digits, 16)
        if size < 4:
            yield None
            at += 4
            continue
        packet = body[at + 4 : at + size]
        if len(packet) != size - 4:
            raise _nonsense(source, "its reply stops in the middle")
        if packet.startswith(b"ERR "):
            raise _OldServerError(
                f"{shown(source.url)} cannot be fetched from",
                "it says: " + packet[4:204].decode("utf-8", "replace").strip(),
            )
        yield packet
        at += size


def _checked(source: SourceFile, identity: str) -> str:
    if not _COMMIT.fullmatch(identity):
        raise _nonsense(source, "its object names are not SHA-1")
    return identity


def _nonsense(source: SourceFile, detail: str) -> GitSourceError:
    return GitSourceError(f"{shown(source.url)} cannot be fetched from", detail, "check the address")


def _pack_up(
    source: SourceFile, found: str, pack: bytes, place: Path, stem: str,
    writer: _Writer, limits: GitLimits,
) -> Path:  # fmt: skip
    """Unpack into a repository of its own and write the archive: no time of now, no name of this machine in it."""
    repository = Git.create(place / "repository.git")
    (repository.directory / "shallow").write_text(f"{source.commit}\n")
    repository.run("index-pack", "--stdin", stdin=pack, seconds=limits.seconds)
    repository.run("update-ref", f"refs/tags/{source.tag}", found)
    if repository.resolve(f"refs/tags/{source.tag}") != source.commit:
        raise _nonsense(source, "the pack does not hold the commit of the tag")
    sizes = repository.run("ls-tree", "-r", "-z", "--format=%(objectsize)", source.commit).split(b"\0")
    total = sum(int(size) for size in sizes if size.isdigit())
    if total > limits.files:
        raise GitSourceError(f"{source.filename} is too large", f"{total} bytes, the limit is {limits.files}")
    tar = place / "plain.tar"
    repository.run(
        "-c", "tar.umask=0022", "archive", "--format=tar", f"--prefix={stem}/", f"--output={tar.absolute()}", source.commit,
        seconds=limits.seconds,
    )  # fmt: skip
    archive = place / source.filename
    with tar.open("rb") as plain, archive.open("wb") as raw, writer(raw) as packed:
        shutil.copyfileobj(plain, packed, 1024 * 1024)
    if repository.line("cat-file", "-t", found) == "tag":
        # What a tag says, its signature included, is kept beside the archive that was made from it.
        (place / f"{source.filename}.tag").write_bytes(repository.run("cat-file", "tag", found))
    return archive
