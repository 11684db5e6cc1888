"""Git repositories over smart HTTP: the tags by ls-refs (protocol 2) or from the first reply (protocols 0 and 1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from headrace.upstream.ask import MOST_VERSIONS, nonsense, read_reason, require_success
from headrace.upstream.model import (
    Announcement,
    Answer,
    Artefact,
    Project,
    Reply,
    Request,
    Unchanged,
    UpstreamError,
    Validator,
)

_SERVICE = "git-upload-pack"
_TAGS = "refs/tags/"
_ID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")
_PROTOCOL = ("Git-Protocol", "version=2")
_FLUSH, _DELIMITER, _END = "0000", "0001", "0002"
_LONGEST_TAG = 255

_Packet = str | bytes
"""A line's payload, or one of the three marks."""


class GitRepository:
    """The source `git`. `Project.address` is the repository's URL; `Project.name` is only shown."""

    name = "git"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for what the server can do (or, from an old server, for its references)."""
        parts = urlsplit(project.address)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
            raise UpstreamError(
                f"{project.name} cannot be watched",
                "its repository is not reached over HTTP",
                "name an http or https URL",
            )
        return Request(f"{project.address}/info/refs?service={_SERVICE}", headers=(_PROTOCOL,))

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The tags with the commits that they name, or the question for them."""
        require_success(project, reply)
        expected = f"application/x-{_SERVICE}-" + ("result" if reply.request.step else "advertisement")
        if reply.headers.get("content-type", "").partition(";")[0].strip() != expected:
            raise nonsense(project, "it is no git server that speaks smart HTTP")
        packets = list(_packets(project, reply.body))
        if not packets or packets[-1] != _FLUSH:
            raise nonsense(project, "its reply stops in the middle")
        said = next((packet for packet in packets if isinstance(packet, bytes) and packet.startswith(b"ERR ")), None)
        if said is not None:
            raise UpstreamError(f"{project.name} lists no tags", read_reason(said[4:].decode("utf-8", "replace")))
        if reply.request.step:
            return _answer(project, dict(_listed(project, packets)), validator)
        if isinstance(packets[0], bytes) and packets[0].startswith(b"# service="):
            packets = packets[2:]
        lines = [packet for packet in packets if isinstance(packet, bytes)]
        if lines and lines[0].strip() == b"version 2":
            return _ask_for_references(project, lines)
        if lines and lines[0].strip() == b"version 1":
            lines = lines[1:]
        return _answer(project, dict(_advertised(project, lines)), validator)


def _packets(project: Project, body: bytes) -> Iterator[_Packet]:
    place = 0
    while place < len(body):
        head = body[place : place + 4]
        try:
            size = int(head, 16) if len(head) == 4 and head.isalnum() else -1
        except ValueError:
            size = -1
        if size in {0, 1, 2}:
            yield (_FLUSH, _DELIMITER, _END)[size]
            place += 4
            continue
        if size < 4 or place + size > len(body):
            raise nonsense(project, "its lines have not the lengths that they claim")
        yield body[place + 4 : place + size]
        place += size


def _ask_for_references(project: Project, lines: list[bytes]) -> Request:
    able = {line.strip().partition(b"=")[0]: line.strip().partition(b"=")[2] for line in lines[1:]}
    if b"ls-refs" not in able:
        raise nonsense(project, "its server does not list references")
    words = ["command=ls-refs\n", "agent=headrace\n"]
    if able.get(b"object-format") == b"sha256":
        words.append("object-format=sha256\n")
    body = "".join(map(_packet, words)) + _DELIMITER
    body += "".join(map(_packet, ("peel\n", "symrefs\n", f"ref-prefix {_TAGS}\n"))) + _FLUSH
    return Request(
        f"{project.address}/{_SERVICE}",
        "POST",
        (
            ("Content-Type", f"application/x-{_SERVICE}-request"),
            ("Accept", f"application/x-{_SERVICE}-result"),
            _PROTOCOL,
        ),
        body.encode(),
        step="references",
    )


def _packet(line: str) -> str:
    return f"{len(line) + 4:04x}{line}"


def _listed(project: Project, packets: list[_Packet]) -> Iterator[tuple[str, str]]:
    """(tag, commit) of protocol 2."""
    for packet in packets[:-1]:
        if isinstance(packet, str):
            raise nonsense(project, "its list of references has a mark in the middle")
        commit, name, *rest = _words(project, packet)
        peeled = next((word.partition(":")[2] for word in rest if word.startswith("peeled:")), commit)
        if name.startswith(_TAGS):
            yield _tag(project, name), _commit(project, peeled)


def _advertised(project: Project, lines: list[bytes]) -> Iterator[tuple[str, str]]:
    """(tag, commit) of protocols 0 and 1; a peeled line comes after its tag and takes its place."""
    if not lines:
        raise nonsense(project, "its list of references is empty")
    for line in lines:
        words = line.partition(b"\0")[0]
        if words.startswith((b"shallow ", b"0" * 40 + b" capabilities^{}", b"0" * 64 + b" capabilities^{}")):
            continue
        commit, name, *_ = _words(project, words)
        if name.startswith(_TAGS):
            yield _tag(project, name.removesuffix("^{}")), _commit(project, commit)


def _words(project: Project, line: bytes) -> list[str]:
    words = line.decode("utf-8", "replace").rstrip("\n").split(" ")
    if len(words) < 2:
        raise nonsense(project, "a reference has no name")
    return words


def _tag(project: Project, name: str) -> str:
    tag = name.removeprefix(_TAGS)
    if not tag or len(tag) > _LONGEST_TAG or not tag.isprintable() or "\ufffd" in tag:
        raise nonsense(project, "a tag is not a short readable text")
    return tag


def _commit(project: Project, text: str) -> str:
    if not _ID.fullmatch(text):
        raise nonsense(project, "a reference names no commit")
    return text


def _answer(project: Project, tags: dict[str, str], validator: Validator | None) -> Answer | Unchanged:
    if len(tags) > MOST_VERSIONS:
        raise nonsense(project, f"it has more than {MOST_VERSIONS} tags")
    text = "".join(f"{commit} {tag}\n" for tag, commit in sorted(tags.items()))
    # The prefix shapes the answer, so a changed one makes the remembered answer stale.
    seen = hashlib.sha256(f"{project.tag_prefix}\n{text}".encode()).hexdigest()
    if validator is not None and validator.extra == seen:
        return Unchanged()
    return Answer(tuple(_announce(project, tag, commit) for tag, commit in sorted(tags.items())), extra=seen)


def _announce(project: Project, tag: str, commit: str) -> Announcement:
    version = tag.removeprefix(project.tag_prefix) or tag
    repository = project.address.rpartition("/")[2].removesuffix(".git")
    artefact = Artefact(project.address, f"{repository}-{version.replace('/', '-')}.tar.gz", kind="git")
    return Announcement(version, tag, artefacts=(artefact,), commit=commit)
