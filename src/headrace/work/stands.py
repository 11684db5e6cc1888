"""How far a branch is behind its upstream, counted in releases and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from headrace.package.evr import compare_versions
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
    # The choice spells pre-releases with a tilde; what lies between and is no pre-release was released and not taken.
    between = {
        one.version
        for one in choice.rejected
        if "~" not in one.version
        and compare_versions(one.version, carried) > 0
        and compare_versions(one.version, choice.version) < 0
    }
    not_taken = between | {choice.version}
    dates = [one.released for one in answer.announcements if one.version in not_taken and one.released is not None]
    return Lag(len(not_taken), max(0, (now - min(dates)).days) if dates else None)
