"""HTTP clients side by side: conditional questions that are all answered 304, on loopback, one run, medians of three rounds.

Run: python -m benchmarks.http_clients [QUESTIONS]. A client that is not installed is left out and named.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

LANES = 20
ETAG = '"the-same"'


def serve(pipe: Connection) -> None:
    """Answer 304 to everything, in a process of its own."""
    from aiohttp import web

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=304, headers={"ETag": ETAG})

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/p/{number}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def with_aiohttp(base: str, questions: int) -> None:
    import aiohttp

    async def run() -> None:
        lane = asyncio.Semaphore(LANES)
        async with aiohttp.ClientSession() as session:

            async def ask(number: int) -> None:
                async with lane, session.get(f"{base}/p/{number}", headers={"If-None-Match": ETAG}) as response:
                    await response.read()

            await asyncio.gather(*map(ask, range(questions)))

    asyncio.run(run())


def with_headrace(base: str, questions: int) -> None:
    from headrace.outside.http import Outside, endpoint

    async def run() -> None:
        async with Outside(allowed=[endpoint(base)], per_host=LANES) as outside:

            async def ask(number: int) -> None:
                await outside.ask(
                    f"{base}/p/{number}", headers=[("If-None-Match", ETAG)], max_bytes=1 << 20, seconds=60
                )

            await asyncio.gather(*map(ask, range(questions)))

    asyncio.run(run())


def with_httpx(base: str, questions: int) -> None:
    import httpx

    async def run() -> None:
        lane = asyncio.Semaphore(LANES)
        async with httpx.AsyncClient(trust_env=False) as client:

            async def ask(number: int) -> None:
                async with lane:
                    await client.get(f"{base}/p/{number}", headers={"If-None-Match": ETAG})

            await asyncio.gather(*map(ask, range(questions)))

    asyncio.run(run())


def with_urllib3(base: str, questions: int) -> None:
    import urllib3

    pool = urllib3.PoolManager(maxsize=LANES)
    with ThreadPoolExecutor(LANES) as lanes:
        list(
            lanes.map(
                lambda number: pool.request("GET", f"{base}/p/{number}", headers={"If-None-Match": ETAG}).data,
                range(questions),
            )
        )


def with_pycurl(base: str, questions: int) -> None:
    import pycurl

    multi, waiting, busy = pycurl.CurlMulti(), iter(range(questions)), 0
    free = [pycurl.Curl() for _ in range(LANES)]
    done = 0
    while done < questions:
        while free and (number := next(waiting, None)) is not None:
            curl = free.pop()
            curl.setopt(pycurl.URL, f"{base}/p/{number}")
            curl.setopt(pycurl.HTTPHEADER, [f"If-None-Match: {ETAG}"])
            curl.setopt(pycurl.WRITEDATA, io.BytesIO())
            multi.add_handle(curl)
        while multi.perform()[0] == pycurl.E_CALL_MULTI_PERFORM:
            pass
        _, finished, failed = multi.info_read()
        assert not failed
        for curl in finished:
            multi.remove_handle(curl)
            free.append(curl)
        done += len(finished)
        busy = multi.select(0.1)
    del busy


CLIENTS: dict[str, Callable[[str, int], None]] = {
    "aiohttp": with_aiohttp, "headrace (aiohttp, guarded)": with_headrace, "urllib3, threads": with_urllib3,
    "httpx": with_httpx, "pycurl multi": with_pycurl,
}  # fmt: skip


def measure(client: Callable[[str, int], None], base: str, questions: int) -> tuple[float, float]:
    """Questions a second, and processor seconds of the client."""
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    client(base, questions)
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    return questions / seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{mine.recv()}"
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(3):
        for name, client in CLIENTS.items():
            with contextlib.suppress(ImportError):
                found.setdefault(name, []).append(measure(client, base, questions))
    server.terminate()
    ours = statistics.median(rate for rate, _ in found["headrace (aiohttp, guarded)"])
    print(f"{questions} conditional questions, {LANES} at once, medians of three rounds")
    for name in CLIENTS:
        if name not in found:
            print(f"{name:30} not installed")
            continue
        rate, cpu = (statistics.median(values) for values in zip(*found[name], strict=True))
        print(f"{name:30} {rate:8.0f}/s {cpu:7.2f} CPU s   ours/this {ours / rate:5.2f}")


if __name__ == "__main__":
    main()
