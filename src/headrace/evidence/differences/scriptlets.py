"""Programs that run as root when packages come and go."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.evidence.differences.model import Difference, Weight, shipped
from headrace.evidence.differences.paths import without_version
from headrace.evidence.model import Rpm
from headrace.words import Message


def compare_scriptlets(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Scriptlets and triggers that were added, removed or changed; a change of the version in them alone is none."""
    before, after = _all(old), _all(new)
    found: list[Difference] = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was is None and now is not None:
            remark = Message("added: it runs as root")
            found.append(Difference("scriptlet", name, "", now[0], Weight.CONCERN, remark))
        elif now is None and was is not None:
            remark = Message("removed: what it did is no longer done")
            found.append(Difference("scriptlet", name, was[0], "", Weight.CONCERN, remark))
        elif was is not None and now is not None and was[1] != now[1]:
            remark = Message("changed: it runs as root")
            found.append(Difference("scriptlet", name, was[0], now[0], Weight.CONCERN, remark))
    return found


def _all(packages: Sequence[Rpm]) -> dict[str, tuple[str, str]]:
    """`package %post` -> its text, and its text without the version."""
    return {
        f"{package.name} %{name}": (text, without_version(text, package.version, package.release).strip())
        for package in shipped(packages)
        for name, text in package.scriptlets.items()
    }
