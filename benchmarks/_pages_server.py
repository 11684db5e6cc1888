"""An upstream on loopback for benchmarks: pages of archive links with validators, addresses that never answer, and a count.

Listens on every loopback address, so that `127.0.1.N` stands for host N.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection


def page(number: int) -> str:
    return "\n".join(
        f'<a href="pkg-{number}-{major}.{minor}.tar.gz">pkg-{number}-{major}.{minor}.tar.gz</a>'
        for major in range(1, 6)
        for minor in range(20)
    )


def serve(pipe: Connection) -> None:
    """Answer until the process is ended; every message on the pipe is answered with the counts since the last one."""
    from aiohttp import web

    counts = {"requests": 0, "conditional": 0, "bytes": 0}

    async def answer(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        etag = f'"{number}"'
        counts["requests"] += 1
        if "If-None-Match" in request.headers:
            counts["conditional"] += 1
            if request.headers["If-None-Match"] == etag:
                return web.Response(status=304, headers={"ETag": etag})
        body = page(number).encode()
        counts["bytes"] += len(body)
        return web.Response(body=body, content_type="text/html", headers={"ETag": etag})

    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(3600)
        return web.Response()

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/p/{number}", answer)
        app.router.add_get("/hang/{number}", hang)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", 0, backlog=1024).start()
        pipe.send(runner.addresses[0][1])
        loop = asyncio.get_running_loop()

        def tell() -> None:
            pipe.recv()
            pipe.send(dict(counts))
            counts.update(dict.fromkeys(counts, 0))

        loop.add_reader(pipe.fileno(), tell)
        await asyncio.Event().wait()

    asyncio.run(run())


class Pages:
    """The running server. `counts` gives requests, conditional ones and body bytes since it was last asked."""

    def __init__(self, port: int, pipe: Connection) -> None:
        self.port = port
        self._pipe = pipe

    def counts(self) -> dict[str, int]:
        self._pipe.send(None)
        return dict(self._pipe.recv())


@contextmanager
def pages() -> Iterator[Pages]:
    """Serve in a process of its own."""
    mine, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Pages(mine.recv(), mine)
    finally:
        process.kill()
        process.join()
