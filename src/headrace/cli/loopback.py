"""The example's own upstreams: served over smart HTTP on loopback while work goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from headrace.work.services import Services

_RETRY = 0.5


@contextmanager
def loopback(services: Services) -> Iterator[None]:
    """Serve the workspace's upstreams when its distribution names an address for them.

    An address that is taken is held by another process of the same workspace; when that ends, this one takes it over.
    """
    distribution = services.workspace.distribution
    host, _, port = distribution.loopback_address.rpartition(":")
    if not host:
        yield
        return
    root = services.workspace.root / distribution.loopback_repositories
    done, tried = threading.Event(), threading.Event()
    thread = threading.Thread(target=_serve, args=(root, host, int(port), done, tried), name="loopback", daemon=True)
    thread.start()
    tried.wait(30)
    try:
        yield
    finally:
        done.set()
        thread.join(30)


def _serve(root: Path, host: str, port: int, done: threading.Event, tried: threading.Event) -> None:
    # The pages' framework takes half a second to load; a distribution without upstreams of its own does without.
    from headrace.web.repositories import Repositories
    from headrace.web.serve import ServeError, beside

    while not done.is_set():
        with suppress(ServeError), beside(Repositories(root), host, port):
            tried.set()
            done.wait()
        tried.set()
        done.wait(_RETRY)
