"""No compiled programs in the package repository, and no archive that was not fetched from upstream."""

from __future__ import annotations

import re

from headrace.evidence.findings import not_judged
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.words import Message

ID = "binaries"

_LOOKED_AT = Message("the names of all files of the proposed tree; archives against the sources of the plan")
_COMPILED = re.compile(
    r".*\.(?:pyc|pyo|jar|war|class|ko|o|a|so(?:\.\d+)*|exe|dll|dylib|whl|egg|wasm|bin|elf)\Z", re.IGNORECASE
)
_ARCHIVE = re.compile(r".*\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz|zip|gem|crate|7z|gz|xz|bz2|zst|cpio)\Z", re.IGNORECASE)


def check(case: Case) -> tuple[Finding, ...]:
    """An archive counts as upstream's when the plan fetched it by that name."""
    if not case.tree_paths:
        why = case.missing.get("tree_paths") or Message("the files of the proposed tree are not there")
        return (not_judged(ID, why, _LOOKED_AT, Message("the proposed tree")),)
    fetched = {source.filename for source in case.sources}
    compiled = tuple(path for path in sorted(case.tree_paths) if _COMPILED.match(path))
    archives = tuple(
        path for path in sorted(case.tree_paths) if _ARCHIVE.match(path) and path.rsplit("/", 1)[-1] not in fetched
    )
    found: list[Finding] = []
    if compiled:
        remark = Message("{count} compiled files: nobody can review them", count=len(compiled))
        settles = Message("their source, built by the spec")
        found.append(Finding(ID, Result.CONCERN, remark, _LOOKED_AT, Strength.TEXT, compiled[0], compiled, settles))
    if archives:
        remark = Message("{count} archives that were not fetched from upstream", count=len(archives))
        settles = Message("the address that they come from, as a Source")
        found.append(Finding(ID, Result.CONCERN, remark, _LOOKED_AT, Strength.TEXT, archives[0], archives, settles))
    if not found:
        remark = Message("no compiled files among {count}", count=len(case.tree_paths))
        found.append(Finding(ID, Result.PASS, remark, _LOOKED_AT, Strength.TEXT))
    return tuple(found)
