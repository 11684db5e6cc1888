"""A small world on loopback: a Python index that counts questions, git upstreams, and a distribution that ships from them.

Everything is real but the size: sdists are packed here, specs are built with rpmbuild, the index speaks the JSON form of the
simple repository API with ETags.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent

from postgres import free_port


def pack(folder: str, files: Mapping[str, str]) -> bytes:
    """A tar.gz with one folder; the same files give the same bytes."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, text in sorted(files.items()):
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size, info.mtime, info.mode = len(text.encode()), 1_700_000_000, 0o644
            tar.addfile(info, io.BytesIO(text.encode()))
    return gzip.compress(plain.getvalue(), mtime=0)


@dataclass
class Index:
    """A Python index: project -> version -> sdist. `trouble` maps a project to what goes wrong with it."""

    projects: dict[str, dict[str, bytes]] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    conditional: int = 0
    address: str = ""
    release: threading.Event = field(default_factory=threading.Event)

    def page(self, project: str) -> bytes:
        files = []
        for version, content in self.projects[project].items():
            digest = hashlib.sha256(content).hexdigest()
            if self.trouble.get(project) == "digest":
                digest = "0" * 64
            name = f"{project}-{version}.tar.gz"
            files.append({
                "filename": name, "url": f"{self.address}/files/{name}", "hashes": {"sha256": digest}, "size": len(content),
                "upload-time": "2026-01-05T10:00:00Z", "yanked": False,
            })  # fmt: skip
        document = {
            "meta": {"api-version": "1.1"},
            "name": project,
            "files": files,
            "versions": list(self.projects[project]),
        }
        return json.dumps(document).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index: Index

    def do_GET(self) -> None:
        self.index.asked[self.path] += 1
        parts = self.path.strip("/").split("/")
        if parts[0] == "simple":
            self._simple(parts[1])
        elif parts[0] == "files":
            project, _, rest = parts[1].rpartition("-")
            content = self.index.projects.get(project, {}).get(rest.removesuffix(".tar.gz"))
            self._send(200 if content else 404, content or b"gone")
        else:
            self._send(404, b"gone")

    def _simple(self, project: str) -> None:
        trouble = self.index.trouble.get(project)
        if trouble == "gone" or project not in self.index.projects:
            self._send(404, b"gone")
        elif trouble == "hangs":
            self.index.release.wait(120)
        elif trouble == "nonsense":
            self._send(200, b"<html>\x00\xff not what was asked for")
        else:
            page = self.index.page(project)
            etag = f'"{hashlib.sha256(page).hexdigest()[:16]}"'
            self.index.conditional += "If-None-Match" in self.headers
            if self.headers.get("If-None-Match") == etag:
                self._send(304, b"", etag)
            else:
                self._send(200, page, etag)

    def _send(self, status: int, body: bytes, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def index() -> Iterator[Index]:
    """Serve an index on loopback."""
    made = Index()
    handler = type("Handler", (_Handler,), {"index": made})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


TOOL = """\
# A tool of a few lines.
greeting = "hello"


def once():
    return greeting


def twice():
    return greeting + greeting


times = 3


def main():
    for _ in range(times):
        print(once())
"""


def tool(version: str, *, merged: bool = False, moved: bool = False) -> bytes:
    """An sdist of tinytool: `merged` has what the first patch does, `moved` has the second one's surroundings changed."""
    text = TOOL.replace("times = 3", "times = 4") if merged else TOOL
    if moved:
        text = "import sys\n\n" + text.replace("def once():", "def once(*_):")
        text = text.replace("print(once())", "print(once(), file=sys.stdout)")
    return pack(f"tinytool-{version}", {"tinytool.py": text, "LICENSE": "MIT\n", "PKG-INFO": f"Version: {version}\n"})


def patch(title: str, old: str, new: str, start: int, before: int = 3, after: int = 3) -> str:
    """A patch of one line of tinytool.py, found at line `start` (from 1), with its context."""
    lines = TOOL.splitlines()
    above, below = lines[max(0, start - 1 - before) : start - 1], lines[start : start + after]
    count = len(above) + 1 + len(below)
    head = f"@@ -{start - len(above)},{count} +{start - len(above)},{count} @@"
    body = [*(f" {line}" for line in above), f"-{old}", f"+{new}", *(f" {line}" for line in below)]
    return "\n".join([title, "", "--- a/tinytool.py", "+++ b/tinytool.py", head, *body, ""])


MERGED_PATCH = patch("Say it four times", "times = 3", "times = 4", 13)
REBASED_PATCH = patch("Say it to the valley", 'greeting = "hello"', 'greeting = "hello, valley"', 2)

TOOL_SPEC = dedent("""\
    Name:           tinytool
    Version:        1.0
    Release:        3
    Summary:        Say hello a few times
    License:        MIT
    URL:            https://tinytool.example/
    Source0:        %{pypi_source tinytool}
    Patch0:         say-it-four-times.patch
    Patch1:         say-it-to-the-valley.patch
    BuildArch:      noarch

    %description
    A tool that says hello.

    %prep
    %autosetup -p1 -n tinytool-%{version}

    %install
    install -D -m 644 tinytool.py %{buildroot}%{_datadir}/tinytool/tinytool.py

    %check
    grep -q valley tinytool.py

    %files
    %license LICENSE
    %{_datadir}/tinytool

    %changelog
    * Mon Jan 05 2026 A Maintainer <a@distribution.example> - 1.0-3
    - Say it to the valley
    """)

MILL_SPEC = dedent("""\
    Name:           gristmill
    Epoch:          1
    Version:        0.1.0
    Release:        1%{?dist}
    Summary:        Grind
    License:        MIT
    URL:            https://gristmill.example/
    Source0:        gristmill-%{version}.tar.gz
    BuildArch:      noarch

    %description
    Grinds.

    %prep
    %setup -q

    %install
    install -D -m 755 grind %{buildroot}%{_bindir}/grind

    %check
    sh ./grind | grep -q ground

    %files
    %license LICENSE
    %{_bindir}/grind

    %changelog
    * Mon Jan 05 2026 A Maintainer <a@distribution.example> 1:0.1.0-1
    - First package
    """)


@dataclass(frozen=True)
class World:
    """A distribution's folder, and the environment in which headrace finds the index."""

    origin: Path
    index: Index
    port: int
    scratch: Path

    @property
    def env(self) -> dict[str, str]:
        home = self.scratch / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": os.environ["PATH"], "HOME": str(home), "PIP_INDEX_URL": f"{self.index.address}/simple", "LC_ALL": "C.UTF-8",
            "NPM_CONFIG_REGISTRY": f"{self.index.address}/npm", "COLUMNS": "200",
        }  # fmt: skip

    def headrace(
        self, *arguments: object, check: bool = True, seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "headrace", *map(str, arguments)],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "headrace", *map(str, arguments)], env=self.env, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def init(self, name: str = "workspace") -> Path:
        workspace = self.scratch / name
        self.headrace("init", workspace, "--from", self.origin)
        return workspace

    def add_package(self, name: str, files: Mapping[str, str | bytes], branches: tuple[str, ...] = ("master",)) -> None:
        """Add a package to the distribution's folder, before init."""
        folder = self.origin / "packages" / name
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
        with (self.origin / "distribution.toml").open("a") as file:
            file.write(f"[packages.{name}]\nbranches = {json.dumps(list(branches))}\n")


@contextmanager
def world(scratch: Path) -> Iterator[World]:
    """Two packages on two branches: tinytool (index, two patches) and gristmill (git, epoch)."""
    with index() as made:
        made.projects["tinytool"] = {
            "1.0": tool("1.0"), "1.0.1": tool("1.0.1"), "1.1": tool("1.1", merged=True, moved=True), "2.0rc1": tool("2.0rc1"),
        }  # fmt: skip
        port = free_port()
        origin = scratch / "distribution"
        origin.mkdir()
        made_world = World(origin, made, port, scratch)
        _write_distribution(made_world)
        pin = hashlib.sha512(made.projects["tinytool"]["1.0"]).hexdigest()
        made_world.add_package("tinytool", {
            "tinytool.spec": TOOL_SPEC, "tinytool.yaml": "version_control: pypi\nsrc_repo: tinytool\n",
            "say-it-four-times.patch": MERGED_PATCH, "say-it-to-the-valley.patch": REBASED_PATCH,
            "sources": f"SHA512 (tinytool-1.0.tar.gz) = {pin}\n",
        }, ("master", "lts"))  # fmt: skip
        made_world.add_package("gristmill", {
            "gristmill.spec": MILL_SPEC,
            "gristmill.yaml": f"version_control: git\nsrc_repo: http://127.0.0.1:{port}/gristmill.git\ntag_prefix: ^v\n",
        })  # fmt: skip
        yield made_world


def _write_distribution(made: World) -> None:
    (made.origin / "distribution.toml").write_text(
        dedent(f"""\
        development = "master"
        [branches.lts]
        takes = "patch-releases"
        [licences]
        allow = ["MIT"]
        [distribution]
        name = "small"
        author = "Headrace <headrace@distribution.example>"
        [merge.master]
        by = "headrace"
        proof = "host-root"
        [merge.lts]
        by = "person"
        proof = "host-root"
        [network]
        allow = ["127.0.0.1:{made.port}"]
        [loopback]
        address = "127.0.0.1:{made.port}"
        repositories = "upstreams"
        """)
    )
    folder = made.origin / "upstreams" / "gristmill"
    rows = ['branch = "main"', 'author = {name = "Mill", email = "mill@upstream.example"}']
    for version, day in (("0.1.0", "2025-11-01"), ("0.2.0", "2026-01-02")):
        place = folder / version
        place.mkdir(parents=True)
        (place / "grind").write_text(f"#!/bin/sh\necho ground {version}\n")
        (place / "LICENSE").write_text("MIT\n")
        rows += [
            "[[tag]]",
            f'name = "v{version}"',
            f'folder = "{version}"',
            f"date = {day}T09:00:00Z",
            'commit = "Release"',
        ]
        rows.append(f'message = "gristmill {version}"')
    (folder / "tags.toml").write_text("\n".join(rows) + "\n")
