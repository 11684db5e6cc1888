"""Random patches and random upstream edits: the class is the one that the edits demand, and the new text does the same."""

from __future__ import annotations

import difflib
import tempfile
from enum import StrEnum
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.package.model import PatchClass
from headrace.package.patches import parse
from headrace.package.patches_apply import Blob, TreeChange, apply_patch
from headrace.work.carry import PatchInput, carry
from work.sources import archive

SITES = 5
SPACING = 12


class Upstream(StrEnum):
    """What upstream did at one site since the old release."""

    NOTHING = "nothing"
    SAME = "the same change"
    OTHER = "another change of the same line"
    NEAR = "a change in the context"
    FAR = "a change far from it"


Change = tuple[bool, Upstream]


def base(name: str) -> list[str]:
    return [f"{name} line {number}\n" for number in range(SITES * SPACING)]


def at(site: int) -> int:
    return site * SPACING + 5


def patched(name: str, lines: list[str], changes: list[Change]) -> list[str]:
    out = list(lines)
    for site, (wanted, _) in enumerate(changes):
        if wanted:
            out[out.index(f"{name} line {at(site)}\n")] = f"{name} site {site} fixed\nand more {site}\n"
    return "".join(out).splitlines(keepends=True)


def moved_on(name: str, changes: list[Change]) -> list[str]:
    out = base(name)
    for site, (wanted, upstream) in enumerate(changes):
        if upstream is Upstream.SAME and wanted:
            out[at(site)] = f"{name} site {site} fixed\nand more {site}\n"
        elif upstream is Upstream.OTHER:
            out[at(site)] = f"{name} site {site} redone\n"
        elif upstream is Upstream.NEAR:
            out[at(site) - 2] = f"{name} near {site}\n"
        elif upstream is Upstream.FAR:
            out[at(site) + 6] = f"{name} far {site}\nand longer\n"
    return "".join(out).splitlines(keepends=True)


def expected(files: dict[str, list[Change]]) -> PatchClass:
    ours = [upstream for changes in files.values() for wanted, upstream in changes if wanted]
    if Upstream.OTHER in ours:
        return PatchClass.FAILED
    if set(ours) == {Upstream.SAME}:
        return PatchClass.MERGED
    return PatchClass.REBASED if {Upstream.SAME, Upstream.NEAR} & set(ours) else PatchClass.UNTOUCHED


def packed(path: Path, files: dict[str, list[str]]) -> Path:
    return archive(path, {name: "".join(lines).encode() for name, lines in files.items()})


CHANGES = st.lists(st.tuples(st.booleans(), st.sampled_from(Upstream)), min_size=SITES, max_size=SITES)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(["a.c", "src/b.c"]), CHANGES, min_size=1), st.booleans(), st.booleans())
def test_the_class_is_the_one_that_the_edits_demand(files: dict[str, list[Change]], git: bool, cve: bool) -> None:
    if not any(wanted for changes in files.values() for wanted, _ in changes):
        return
    text = "CVE-2024-4242: fix\n\n" if cve else "fix\n\n"
    for name, changes in files.items():
        lines = difflib.unified_diff(base(name), patched(name, base(name), changes), f"a/{name}", f"b/{name}")
        diff = "".join(lines)
        text += (f"diff --git a/{name} b/{name}\nindex 1234567..89abcde 100644\n" if git and diff else "") + diff
    new = {name: moved_on(name, changes) for name, changes in files.items()}
    with tempfile.TemporaryDirectory() as place:
        (fate,) = carry(
            packed(Path(place, "old.tar"), {name: base(name) for name in files}),
            packed(Path(place, "new.tar"), new),
            [PatchInput(1, "fix.patch", text.encode(), 1)],
            Path(place, "scratch"),
        )
    assert fate.patch_class is expected(files), str(fate.proof)
    assert (fate.content is not None) == (fate.patch_class is PatchClass.REBASED)
    if fate.patch_class in (PatchClass.REBASED, PatchClass.UNTOUCHED):
        tree = {name: Blob("".join(lines).encode()) for name, lines in new.items()}
        done = apply_patch(parse(fate.content or text.encode()), 1, tree)
        assert isinstance(done, TreeChange)
        assert done.fuzz == 0
        for name, changes in files.items():
            left = [(wanted and upstream is not Upstream.SAME, upstream) for wanted, upstream in changes]
            result = done.files.get(name) or tree[name]
            assert result.data.decode() == "".join(patched(name, new[name], left))
