"""Watching side by side on loopback, in one run: our engine with its store, nvchecker, and a bare aiohttp loop.

Run: python -m benchmarks.watch [UPSTREAMS] [ROUNDS] [--nvchecker PROGRAM] [--hanging]. Medians over the rounds, in which all
take turns. nvchecker is measured when it is on the PATH or named; otherwise it is left out and that is said. With
`--hanging` also 40 hosts that never answer are watched among the others; that takes a minute a round.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from benchmarks._pages_server import Pages, pages
from headrace.outside.clock import now
from headrace.outside.http import Outside
from headrace.store.database import migrate, open_engine
from headrace.store.upstreams import Upstreams
from headrace.upstream.ask import nonsense, require_success
from headrace.upstream.model import Announcement, Answer, Project, Reply, Request, Unchanged, Validator
from headrace.work.watch import project_key
from headrace.work.watch_upstreams import ask_upstreams

LANES = 20
HANGING = 40
_LINK = re.compile(r'href="(pkg-\d{1,9}-(\d{1,9}\.\d{1,9})\.tar\.gz)"')


class Listing:
    """A source that lists the archive links of a page."""

    name = "listing"

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        return Request(project.address)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        if reply.status == 304 and validator is not None:
            return Unchanged()
        require_success(project, reply)
        found = _LINK.findall(reply.body.decode())
        if not found:
            raise nonsense(project, "it lists no archives")
        return Answer(tuple(Announcement(version, link) for link, version in found))


def projects(port: int, upstreams: int, hanging: int) -> dict[str, Project]:
    """The upstreams to watch by key; the hanging ones come first, each on a host of its own."""
    silent = [Project("listing", f"h{n}", f"http://127.0.1.{n + 1}:{port}/hang/{n}") for n in range(hanging)]
    good = [Project("listing", f"p{n}", f"http://127.0.0.1:{port}/p/{n}") for n in range(upstreams)]
    return {project_key(one): one for one in (*silent, *good)}


def ours(folder: Path, port: int, upstreams: int, hanging: int = 0) -> tuple[float, float]:
    """Seconds until the upstreams that answer are all known, and until the watch ended."""
    url = f"sqlite:///{folder / 'watch.sqlite'}"
    migrate(url)
    engine = open_engine(url)
    wanted = projects(port, upstreams, hanging)
    started, left, known = time.perf_counter(), upstreams, 0.0

    def told(key: str) -> None:
        nonlocal left, known
        if "/p/" in wanted[key].address:
            left -= 1
            if not left:
                known = time.perf_counter() - started

    async def run() -> None:
        allowed = [f"127.0.0.1:{port}", *(f"127.0.1.{n + 1}:{port}" for n in range(hanging))]
        async with Outside(allowed=allowed, per_host=LANES, proxies={}) as outside:
            await ask_upstreams(
                wanted, outside=outside, store=Upstreams(engine), sources={"listing": Listing()}, clock=now, told=told
            )

    asyncio.run(run())
    ended = time.perf_counter() - started
    engine.dispose()
    return known, ended


def bare(etags: bool, port: int, upstreams: int) -> float:
    """Seconds of a loop that only asks and searches the pages, keeping nothing."""

    async def run() -> None:
        lane = asyncio.Semaphore(LANES)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=LANES)) as session:

            async def one(number: int) -> None:
                headers = {"If-None-Match": f'"{number}"'} if etags else {}
                async with lane, session.get(f"http://127.0.0.1:{port}/p/{number}", headers=headers) as response:
                    text = await response.text()
                    if response.status == 200:
                        _LINK.findall(text)

            await asyncio.gather(*map(one, range(upstreams)))

    started = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - started


def nvchecker(program: str, folder: Path, port: int, upstreams: int, hanging: int = 0) -> float:
    """Seconds of one nvchecker process, its start taken off by a run over nothing."""

    def timed(count: int, silent: int) -> float:
        rows = [
            f'[__config__]\noldver = "{folder}/old.json"\nnewver = "{folder}/new.json"\nmax_concurrency = {LANES}\n'
        ]
        rows += [
            f'[h{n}]\nsource = "regex"\nurl = "http://127.0.1.{n + 1}:{port}/hang/{n}"\nregex = "x-([0-9.]+)"\n'
            for n in range(silent)
        ]
        rows += [
            f'[p{n}]\nsource = "regex"\nurl = "http://127.0.0.1:{port}/p/{n}"\nregex = \'pkg-{n}-([0-9.]+)\\.tar\'\n'
            for n in range(count)
        ]
        (folder / "c.toml").write_text("\n".join(rows))
        started = time.perf_counter()
        subprocess.run([program, "-c", folder / "c.toml", "-l", "error"], check=True, capture_output=True)
        return time.perf_counter() - started

    return timed(upstreams, hanging) - timed(0, 0)


def one_round(server: Pages, upstreams: int, program: str | None, told: Callable[[str, float], None]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), server.port
        told("bare cold", bare(False, port, upstreams))
        server.counts()
        told("ours cold", ours(folder, port, upstreams)[1])
        first = server.counts()
        told("ours warm", ours(folder, port, upstreams)[1])
        second = server.counts()
        told("conditional", second["conditional"] / second["requests"])
        told("bytes", second["bytes"] / first["bytes"])
        told("bare warm", bare(True, port, upstreams))
        if program is not None:
            told("nvchecker cold", nvchecker(program, folder, port, upstreams))
            server.counts()
            told("nvchecker warm", nvchecker(program, folder, port, upstreams))
            told("nvchecker conditional", server.counts()["conditional"])


def report(found: dict[str, list[float]], upstreams: int) -> None:
    middle = {name: statistics.median(values) for name, values in found.items()}
    for name in ("bare cold", "ours cold", "nvchecker cold", "bare warm", "ours warm", "nvchecker warm"):
        if name in middle:
            print(f"{name:16} {middle[name]:7.2f} s  {upstreams / middle[name]:7.0f}/s")
    cold, warm = (middle[f"ours {kind}"] / middle[f"bare {kind}"] for kind in ("cold", "warm"))
    print(f"ours / bare      cold {cold:.2f}, warm {warm:.2f}")
    if "nvchecker warm" in middle:
        cold, warm = (middle[f"nvchecker {kind}"] / middle[f"ours {kind}"] for kind in ("cold", "warm"))
        print(f"ours is faster than nvchecker by  cold {cold:.1f}, warm {warm:.1f}")
        print(f"nvchecker's second run: {middle['nvchecker conditional']:.0f} of {upstreams} conditional")
    print(f"our second run: {middle['conditional']:.1%} conditional, {middle['bytes']:.2%} of the bytes")


def hanging(server: Pages, upstreams: int) -> None:
    """The same watch without and with hosts that never answer."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        plain, _ = ours(Path(one), server.port, upstreams)
        known, ended = ours(Path(two), server.port, upstreams, HANGING)
    print(
        f"{HANGING} hanging hosts among {upstreams + HANGING}: the others known after {known:.2f} s instead of {plain:.2f} s"
    )
    print(f"ratio {known / plain:.2f}; the watch gave the silent ones up after {ended:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watch")
    parser.add_argument("upstreams", type=int, nargs="?", default=2000)
    parser.add_argument("rounds", type=int, nargs="?", default=5)
    parser.add_argument("--nvchecker", default=shutil.which("nvchecker"))
    parser.add_argument("--hanging", action="store_true")
    wish = parser.parse_args()
    found: dict[str, list[float]] = {}
    with pages() as server:
        for _ in range(wish.rounds):
            one_round(
                server, wish.upstreams, wish.nvchecker, lambda name, value: found.setdefault(name, []).append(value)
            )
        print(f"{wish.upstreams} upstreams on loopback, {LANES} at once, medians of {wish.rounds} rounds")
        if wish.nvchecker is None:
            print("nvchecker is not installed: left out")
        report(found, wish.upstreams)
        if wish.hanging:
            hanging(server, wish.upstreams)


if __name__ == "__main__":
    main()
