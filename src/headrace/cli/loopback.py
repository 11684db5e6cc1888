"""The example's own upstreams: served over smart HTTP on loopback while work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from headrace.work.services import Services


@contextmanager
def loopback(services: Services) -> Iterator[None]:
    """Serve the workspace's upstreams when its distribution names an address for them.

    An address that is taken is taken by another process of the same workspace; if it is not, the watch says that the
    upstream cannot be reached.
    """
    distribution = services.workspace.distribution
    host, _, port = distribution.loopback_address.rpartition(":")
    if not host:
        yield
        return
    from headrace.web.repositories import Repositories
    from headrace.web.serve import ServeError, beside

    with ExitStack() as stack:
        with suppress(ServeError):
            app = Repositories(services.workspace.root / distribution.loopback_repositories)
            stack.enter_context(beside(app, host, int(port)))
        yield
