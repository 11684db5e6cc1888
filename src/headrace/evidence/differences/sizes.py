"""How much the packages grew or shrank."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.evidence.differences.model import Difference, Weight, shipped
from headrace.evidence.model import Rpm
from headrace.words import Message

_SMALL = 1024**2
_GROWN = 2.0
_SHRUNK = 0.5


def compare_sizes(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """The installed size of all packages together and of each that is on both sides, in bytes."""
    before, after = shipped(old), shipped(new)
    found = [_total(sum(package.size for package in before), sum(package.size for package in after))]
    sizes = {package.name: package.size for package in before}
    for package in after:
        was = sizes.get(package.name)
        if was is not None and was != package.size and len(after) > 1:
            remark = Message("its installed size changed")
            found.append(Difference("size", package.name, str(was), str(package.size), Weight.NOTE, remark))
    return [each for each in found if each.old != each.new]


def _total(was: int, now: int) -> Difference:
    weight, remark = Weight.NOTE, Message("the installed size changed")
    if abs(now - was) > _SMALL and now > was * _GROWN:
        weight, remark = Weight.CONCERN, Message("the installed size more than doubled: is something bundled?")
    elif was > 0 and now < was * _SHRUNK and (was - now > _SMALL // 16 or now == 0):
        weight, remark = Weight.CONCERN, Message("the installed size is less than half: is something missing?")
    return Difference("size", "all packages", str(was), str(now), weight, remark)
