"""No editor's, merge's or build's leftovers in the package repository."""

from __future__ import annotations

import re

from headrace.evidence.findings import not_judged
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.words import Message

ID = "stray-files"

_LOOKED_AT = Message("the names of all files of the proposed tree")
_STRAY = re.compile(
    r"(?:.*/)?(?:[^/]*~|[^/]*\.(?:orig|rej|swp|swo|bak|tmp|old|log)|\.#[^/]*|#[^/]*#|\.DS_Store|Thumbs\.db|core|nohup\.out"
    r"|(?:\.idea|\.vscode|__pycache__|BUILD|BUILDROOT|RPMS|SRPMS)/.*|[^/]*\.rpm)\Z"
)


def check(case: Case) -> tuple[Finding, ...]:
    """Names alone are looked at."""
    if not case.tree_paths:
        why = case.missing.get("tree_paths") or Message("the files of the proposed tree are not there")
        return (not_judged(ID, why, _LOOKED_AT, Message("the proposed tree")),)
    stray = tuple(path for path in sorted(case.tree_paths) if _STRAY.match(path))
    if stray:
        remark = Message("{count} files are leftovers of an editor, a merge or a build", count=len(stray))
        settles = Message("a tree without them")
        return (Finding(ID, Result.CONCERN, remark, _LOOKED_AT, Strength.TEXT, stray[0], stray, settles),)
    remark = Message("no leftovers among {count} files", count=len(case.tree_paths))
    return (Finding(ID, Result.PASS, remark, _LOOKED_AT, Strength.TEXT),)
