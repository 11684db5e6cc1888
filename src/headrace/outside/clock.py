"""The only place that asks what time it is, so that everything else can be told."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Something that tells the present moment with a time zone; `now` on a real machine, a lambda in a test."""


def now() -> datetime:
    """The present moment in UTC, with its zone, in microseconds."""
    return datetime.now(UTC)


def ticks() -> float:
    """Seconds on a clock that never goes back; only differences mean anything."""
    return time.monotonic()
