"""How far a branch is behind its upstream, counted in releases and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from headrace.store.choices import KnownChoice
from headrace.upstream.model import Answer


@dataclass(frozen=True, slots=True)
class Lag:
    """Releases and days behind; None where that cannot be known."""

    releases: int | None
    days: int | None


def behind(known: KnownChoice, answer: Answer | None, now: datetime) -> Lag:
    """How far a branch is behind what was chosen for it; the days count since upstream released the first one not taken."""
    choice = known.choice
    if choice is None or choice.version is None or answer is None or not known.carried:
        return Lag(None, None)
    carried = known.carried.rpartition("-")[0].rpartition(":")[2]
    if choice.version == carried:
        return Lag(0, 0)
    passed = {one.version for one in choice.rejected}
    dates = {one.version: one.released for one in answer.announcements}
    since = dates.get(carried)
    newer = [
        released
        for version, released in dates.items()
        if released is not None
        and (version == choice.version or version not in passed)
        and (since is None or released > since)
    ]
    releases = len([one for one in newer if since is not None]) or 1
    first = min(newer) if newer and since is not None else dates.get(choice.version)
    return Lag(releases, max(0, (now - first).days) if first is not None else None)
