"""The class that the facts allow: in doubt a patch is never dropped, least of all a fix for a CVE."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.model import PatchClass
from headrace.package.patches_fate import CarryFacts, Fate, combine, judge
from headrace.package.patches_header import HeaderFacts
from headrace.package.patches_proof import Standing
from headrace.words import Message, say

CVE = HeaderFacts(cves=("CVE-2024-1234",))
NONE, ALL = Standing(3, 0, 0, 0), Standing(3, 3, 3, 3, whole_reverse=True)

COUNT = st.integers(0, 3)
STANDINGS = st.builds(Standing, st.integers(0, 3), COUNT, COUNT, COUNT, COUNT, st.booleans())
FACTS = st.builds(
    CarryFacts, st.sampled_from([HeaderFacts(), CVE, HeaderFacts(commits=("abc1234",))]), STANDINGS,
    st.sampled_from([(), ("f.c",), ("f.c", "g.c")]), st.booleans(), st.booleans(), st.integers(0, 9), st.integers(0, 2),
    st.sampled_from([(), ("f.c: hunk 1",)]), st.sampled_from([(), ("x.patch",)]), st.integers(0, 2),
    st.sampled_from([(), (("a", "b"),)]),
)  # fmt: skip


@given(FACTS)
def test_no_patch_is_dropped_without_proof_of_every_change(facts: CarryFacts) -> None:
    fate = judge(facts)
    standing = facts.standing
    whole = standing.whole_reverse and standing.content == standing.total > 0
    placed = standing.anchored == standing.total > 0
    if fate.patch_class is PatchClass.MERGED:
        assert facts.empty or facts.conflicts
        assert placed or (facts.empty and standing.whole_reverse)
        assert placed or whole or not facts.header.cves
        assert placed or not facts.conflicts
    if facts.conflicts:
        assert fate.patch_class in (PatchClass.FAILED, PatchClass.MERGED)
    if facts.unproved and not facts.empty:
        assert fate.patch_class is PatchClass.FAILED or facts.conflicts
    assert "{" not in say(fate.proof)


@pytest.mark.parametrize(
    ("facts", "expected", "says"),
    [
        (CarryFacts(HeaderFacts(), NONE, exact=True), PatchClass.UNTOUCHED, "in place"),
        (CarryFacts(HeaderFacts(), NONE, exact=True, offset=7), PatchClass.UNTOUCHED, "moved by 7 at the most"),
        (CarryFacts(HeaderFacts(), NONE), PatchClass.REBASED, "its context changed"),
        (CarryFacts(HeaderFacts(), NONE, fuzzy=2), PatchClass.REBASED, "fuzz of 2"),
        (CarryFacts(HeaderFacts(), NONE, moved=(("a", "b"),)), PatchClass.REBASED, "a -> b"),
        (CarryFacts(HeaderFacts(), replace(NONE, both=1)), PatchClass.REBASED, "1 of 3"),
        (CarryFacts(HeaderFacts(), ALL, empty=True), PatchClass.MERGED, "names no upstream commit"),
        (CarryFacts(HeaderFacts(commits=("abc1234",)), ALL, empty=True), PatchClass.MERGED, "abc1234"),
        (CarryFacts(HeaderFacts(), NONE, empty=True), PatchClass.FAILED, "compare by hand"),
        (CarryFacts(CVE, replace(ALL, content=2), empty=True), PatchClass.FAILED, "CVE-2024-1234"),
        (CarryFacts(HeaderFacts(), replace(ALL, content=2), empty=True), PatchClass.MERGED, "comes off"),
        (CarryFacts(HeaderFacts(), ALL, ("f.c",)), PatchClass.FAILED, "conflicts in f.c"),
        (CarryFacts(CVE, replace(ALL, anchored=3), ("f.c",)), PatchClass.MERGED, "at its own place"),
        (
            CarryFacts(CVE, replace(NONE, anchored=2), ("f.c",), absent=("f.c: hunk 2",)),
            PatchClass.FAILED,
            "not f.c: hunk 2",
        ),
        (CarryFacts(CVE, NONE, unproved=1), PatchClass.FAILED, "fix for CVE-2024-1234 is not left after the rebase"),
        (CarryFacts(HeaderFacts(), NONE, unproved=1), PatchClass.FAILED, "a part of it is not left after the rebase"),
    ],
)
def test_each_class_tells_its_proof(facts: CarryFacts, expected: PatchClass, says: str) -> None:
    fate = judge(facts)
    assert fate.patch_class is expected
    assert says in say(fate.proof)


def test_the_worst_of_a_mailbox_decides() -> None:
    def fates(*classes: PatchClass) -> list[Fate]:
        return [Fate(one, Message("because")) for one in classes]

    untouched, rebased, merged, failed = PatchClass.UNTOUCHED, PatchClass.REBASED, PatchClass.MERGED, PatchClass.FAILED
    assert combine(fates(merged)) == fates(merged)[0]
    assert combine(fates(merged, merged)).patch_class is merged
    assert combine(fates(untouched, untouched)).patch_class is untouched
    assert combine(fates(untouched, merged)).patch_class is rebased
    assert combine(fates(rebased, merged)).patch_class is rebased
    assert combine(fates(merged, failed, untouched)).patch_class is failed
    assert "patch 2 of the 3" in say(combine(fates(merged, failed, untouched)).proof)
