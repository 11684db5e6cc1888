"""Runs an application: in the foreground for `headrace serve`, or in a thread beside other work."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from headrace.errors import HeadraceError

GRACE = 3
"""Seconds that open answers may take at the end."""


class ServeError(HeadraceError):
    """The address cannot be taken."""


class _Server(uvicorn.Server):
    """A server that ends event streams before it waits for answers to end: an open page would hold it up otherwise."""

    def __init__(self, config: uvicorn.Config, app: object, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._pages = app
        self._announce = announce

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End at a signal and return to the caller, who may have more to close; uvicorn's own way raises the signal again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        live = getattr(getattr(self._pages, "state", None), "live", None)
        if live is not None:
            live.close()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ServeError(
            f"{host} port {port} cannot be taken", str(error), "choose another port, or 0 for a free one"
        ) from error
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, date_header=True, timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=15, h11_max_incomplete_event_size=32 * 1024, proxy_headers=False, ws="none", lifespan="auto",
    )  # fmt: skip


def serve(app: Any, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until a signal comes. `announce` is called with the address once it answers; port 0 takes a free one.

    Raises ServeError when the address cannot be taken.
    """
    with contextlib.closing(_listen(host, port)) as listener:
        address = _address(listener)
        server = _Server(_config(app), app, lambda: announce(address))
        server.run(sockets=[listener])


@contextlib.contextmanager
def beside(app: Any, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread and give the address; ends with the block, open streams too."""
    with contextlib.closing(_listen(host, port)) as listener:
        ready = threading.Event()
        server = _Server(_config(app), app, ready.set)

        def run() -> None:
            try:
                asyncio.run(server.serve(sockets=[listener]))
            finally:
                ready.set()

        thread = threading.Thread(target=run, name="headrace-serve", daemon=True)
        thread.start()
        try:
            ready.wait(30)
            if not server.started:
                raise ServeError(
                    "The server did not start", "it ended before it answered", "look at the messages above"
                )
            yield _address(listener)
        finally:
            server.should_exit = True
            thread.join(GRACE + 10)
