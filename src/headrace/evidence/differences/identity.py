"""The packages themselves: which came and went, their architecture and licence tag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headrace.evidence.differences.model import Difference, Weight, shipped
from headrace.evidence.model import Rpm
from headrace.words import Message


def compare_identity(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Subpackages that came or went, architectures and licence tags that changed."""
    before = {package.name: package for package in shipped(old)}
    after = {package.name: package for package in shipped(new)}
    found: list[Difference] = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was is not None and now is not None:
            found += _changed(was, now)
        elif was is not None:
            found.append(_gone(was, after.values()))
        elif now is not None:
            found.append(Difference("package", name, "", now.evr, Weight.NOTE, Message("a package is added")))
    return found


def _gone(package: Rpm, after: Iterable[Rpm]) -> Difference:
    heirs = [each.name for each in after if any(word.split()[0] == package.name for word in each.obsoletes)]
    if heirs:
        remark = Message("the package is gone; {heir} replaces it", heir=heirs[0])
        return Difference("package", package.name, package.evr, heirs[0], Weight.NOTE, remark)
    remark = Message("the package is gone and nothing replaces it: installed copies stay behind")
    return Difference("package", package.name, package.evr, "", Weight.CONCERN, remark)


def _changed(was: Rpm, now: Rpm) -> list[Difference]:
    found: list[Difference] = []
    if was.arch != now.arch:
        remark = Message("built for another architecture")
        found.append(Difference("architecture", now.name, was.arch, now.arch, Weight.CONCERN, remark))
    if was.licence != now.licence:
        remark = Message("the licence tag changed")
        found.append(Difference("licence", now.name, was.licence, now.licence, Weight.CONCERN, remark))
    return found
