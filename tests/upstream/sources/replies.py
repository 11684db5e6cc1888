"""Small replies in the registries' own forms, written for these tests; every host is one that cannot exist."""

from __future__ import annotations

import base64
import hashlib
import json
import lzma
from collections.abc import Mapping
from typing import Any

from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Source, Unchanged, Validator

SHA = hashlib.sha256(b"x").hexdigest()
PYPI = Project("pypi", "Wheel_House", "https://index.example/simple")
NPM = Project("npm", "@mill/wheel", "https://npm.example")
DEBIAN = Project("debian", "weir", "http://archive.example/debian", options={"suites": "stable,sid"})
GIT = Project("git", "sluice", "https://git.example/sluice.git", tag_prefix="v")


def reply(
    request: Request, body: bytes | Mapping[str, Any], status: int = 200, content_type: str = "application/json"
) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(request, status, {"content-type": content_type}, data)


def answer(source: Source, project: Project, body: bytes | Mapping[str, Any], content_type: str = "") -> Answer:
    got = source.read(project, reply(source.ask(project, None), body, content_type=content_type), None)
    assert isinstance(got, Answer)
    return got


def by_version(got: Answer) -> dict[str, Announcement]:
    assert len({a.version for a in got.announcements}) == len(got.announcements)
    return {announcement.version: announcement for announcement in got.announcements}


def pypi_file(filename: str, **more: Any) -> dict[str, Any]:
    return {"filename": filename, "url": f"https://files.example/{filename}", "hashes": {"sha256": SHA}, **more}


def pypi_page(*files: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"meta": {"api-version": "1.3"}, "name": "wheel-house", "files": list(files), **more}


def npm_version(version: str, **more: Any) -> dict[str, Any]:
    integrity = base64.b64encode(hashlib.sha512(version.encode()).digest()).decode()
    dist = {
        "tarball": f"https://npm.example/@mill/wheel/-/wheel-{version}.tgz",
        "integrity": f"sha512-{integrity}",
        "shasum": hashlib.sha1(version.encode()).hexdigest(),
    }
    return {"name": "@mill/wheel", "version": version, "dist": dist, **more}


def npm_page(*versions: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": "@mill/wheel",
        "dist-tags": {"latest": "1.0.0"},
        "versions": {entry["version"]: entry for entry in versions},
        "time": {entry["version"]: "2024-05-01T10:00:00.000Z" for entry in versions},
        **more,
    }


def stanza(package: str, version: str, *files: str) -> str:
    lines = "".join(f" {hashlib.sha256(name.encode()).hexdigest()} {len(name)} {name}\n" for name in files)
    return (
        f"Package: {package}\nBinary: {package}, lib{package}1\nVersion: {version}\nFormat: 3.0 (quilt)\n"
        f"Files:\n{''.join(f' 0123 9 {name}' + chr(10) for name in files)}Checksums-Sha256:\n{lines}"
        f"Directory: pool/main/{package[0]}/{package}\n"
    )


def sources(*stanzas: str) -> bytes:
    return lzma.compress("\n".join(stanzas).encode())


def index(listed: bytes, *, by_hash: bool = True) -> bytes:
    digest = hashlib.sha256(listed).hexdigest()
    return (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Test\n"
        + ("Acquire-By-Hash: yes\n" if by_hash else "")
        + f"MD5Sum:\n 00112233445566778899aabbccddeeff 9 main/source/Sources.xz\nSHA256:\n {SHA} 7 contrib/source/Sources.xz\n"
        f" {digest} {len(listed)} main/source/Sources.xz\n-----BEGIN PGP SIGNATURE-----\n\nSHA256:\n {SHA} 1 "
        "main/source/Sources.xz\n-----END PGP SIGNATURE-----\n"
    ).encode()


def talk(
    source: Source, project: Project, replies: Mapping[str, bytes], validator: Validator | None = None
) -> tuple[Answer | Unchanged, list[Request]]:
    """Lead a dialogue to its end with `replies` by URL; a URL that is not there answers 404."""
    asked = []
    said: Answer | Request | Unchanged = source.ask(project, validator)
    while isinstance(said, Request):
        asked.append(said)
        assert len(asked) < 20
        body = replies.get(said.url)
        said = source.read(project, reply(said, body or b"", 404 if body is None else 200), validator)
    return said, asked
