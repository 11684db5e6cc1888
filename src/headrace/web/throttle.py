"""How often a wrong token may be tried: by address and in all, with a bounded memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable


class Throttle:
    """Counts failures within a sliding window of seconds."""

    def __init__(
        self,
        *,
        per_address: int = 5,
        in_all: int = 50,
        window: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_address = per_address
        self._in_all = in_all
        self._window = window
        self._clock = clock
        self._lock = threading.Lock()
        self._all: deque[float] = deque()
        self._by_address: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Whole seconds until this address may try again; 0 when it may now."""
        with self._lock:
            now = self._clock()
            failures = self._by_address.get(address, deque())
            return max(self._due(failures, self._per_address, now), self._due(self._all, self._in_all, now))

    def failed(self, address: str) -> None:
        """Remember a wrong token."""
        with self._lock:
            now = self._clock()
            failures = self._by_address.setdefault(address, deque(maxlen=self._per_address))
            self._by_address.move_to_end(address)
            failures.append(now)
            self._all.append(now)
            while len(self._by_address) > 10_000:
                self._by_address.popitem(last=False)
            while len(self._all) > self._in_all:
                self._all.popleft()

    def _due(self, failures: deque[float], limit: int, now: float) -> int:
        recent = [at for at in failures if at > now - self._window]
        if len(recent) < limit:
            return 0
        return int(recent[-limit] + self._window - now) + 1
