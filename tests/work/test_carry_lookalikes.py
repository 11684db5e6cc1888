"""Attack: functions that look alike. Upstream fixes any of them but the one that a CVE patch fixes: it is never dropped."""

from __future__ import annotations

import difflib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.package.model import PatchClass
from headrace.package.patches import parse
from headrace.package.patches_apply import Blob, TreeChange, apply_patch
from headrace.work.carry import PatchInput, carry
from work.sources import archive

BODY = ("{", "    int n;", "    read(&n);", "    copy(n);", "    done();", "    return 0;", "}", "")
FIX = ("    if (n > MAX)", "        return -1;")


@dataclass(frozen=True)
class Edit:
    """What upstream did to one function: renamed it, fixed it, replaced some lines of its body, left it out."""

    renamed: bool
    fixed: bool
    replaced: frozenset[int]
    gone: bool


EDITS = st.builds(Edit, st.booleans(), st.booleans(), st.frozensets(st.integers(1, 5), max_size=4), st.booleans())


def function(number: int, *, fixed: bool = False, edit: Edit | None = None) -> list[str]:
    if edit is not None and edit.gone:
        return []
    name = f"int function{number}{'_new' if edit and edit.renamed else ''}(void)"
    lines = [name]
    for at, line in enumerate(BODY):
        if at == 3 and (fixed or (edit is not None and edit.fixed)):
            lines += FIX
        lines.append(f"{line} /* {number} */" if edit is not None and at in edit.replaced else line)
    return lines


def text(functions: list[list[str]]) -> bytes:
    return "".join(line + "\n" for lines in functions for line in lines).encode()


def patch(old: bytes, new: bytes) -> bytes:
    lines = (part.decode().splitlines(keepends=True) for part in (old, new))
    return "".join(difflib.unified_diff(*lines, "a/f.c", "b/f.c")).encode()


@settings(max_examples=60, deadline=None)
@given(st.lists(EDITS, min_size=2, max_size=4), st.data(), st.booleans())
def test_attack_a_fix_for_one_function_is_not_upstreams_fix_for_another(
    edits: list[Edit], data: st.DataObject, cve: bool
) -> None:
    ours = data.draw(st.sets(st.integers(0, len(edits) - 1), min_size=1, max_size=2))
    for number in ours:  # were it gone, its fix would be moot
        edits[number] = replace(edits[number], fixed=False, gone=False)
    old = text([function(number) for number in range(len(edits))])
    fixed = text([function(number, fixed=number in ours) for number in range(len(edits))])
    new = text([function(number, edit=edit) for number, edit in enumerate(edits)])
    given_patch = patch(old, fixed)
    with tempfile.TemporaryDirectory() as place:
        (fate,) = carry(
            archive(Path(place, "old.tar"), {"f.c": old}),
            archive(Path(place, "new.tar"), {"f.c": new}),
            [PatchInput(1, "CVE-2024-1234.patch" if cve else "fix.patch", given_patch, 1)],
            Path(place, "scratch"),
        )
    assert fate.patch_class is not PatchClass.MERGED, f"{fate.proof}\n{new.decode()}"
    if fate.patch_class is not PatchClass.FAILED:
        done = apply_patch(parse(fate.content or given_patch), 1, {"f.c": Blob(new)})
        assert isinstance(done, TreeChange)
        result = done.files["f.c"]
        assert result is not None
        assert result.data.count(FIX[0].encode()) == new.count(FIX[0].encode()) + len(ours), result.data.decode()
