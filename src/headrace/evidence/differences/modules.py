"""The public names of Python modules: one that is gone breaks who imports it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.differences.paths import pairs
from headrace.evidence.model import Rpm
from headrace.evidence.python_names import DECLARED
from headrace.words import Message

_SHOWN = 20
_FRONT = re.compile(r"/__init__\.py\Z|-packages/[^/]+\.py\Z")
"""Where people import from: a package's own `__init__` or a module of its own; inside, only declared names are promises."""


def compare_modules(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Names that modules on both sides no longer have, or have newly; whole modules are told with the files."""
    found: list[Difference] = []
    for before, after in pairs(old, new):
        if before is None or after is None or before.file.names is None or after.file.names is None:
            continue
        path, was, now = after.file.path, before.file.names, after.file.names
        gone = sorted(set(was) - set(now) - {DECLARED})
        come = sorted(set(now) - set(was) - {DECLARED})
        if gone:
            front = DECLARED in was or bool(_FRONT.search(path))
            weight = Weight.CONCERN if front else Weight.NOTE
            remark = Message("{count} public names are gone: what imports them breaks", count=len(gone))
            found.append(Difference("python name", path, _some(gone), "", weight, remark))
        if come:
            remark = Message("{count} public names are added", count=len(come))
            found.append(Difference("python name", path, "", _some(come), Weight.NOTE, remark))
    return found


def _some(names: Sequence[str]) -> str:
    return " ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
