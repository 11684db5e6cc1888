"""Proofs: what is upstream already, and what a rebase lost."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from headrace.package.patches import FilePatch, parse
from headrace.package.patches_apply import Applied, Blob, apply_pieces, pieces
from headrace.package.patches_proof import changes, lost_changes, standing, unproved

OLD = "".join(f"line {number}\n" for number in range(40))


def patch(old: str, new: str, context: int = 3) -> bytes:
    lines = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), "a/f", "b/f", n=context)
    return "".join(lines).encode()


def file(old: str, new: str, context: int = 3) -> FilePatch:
    return parse(patch(old, new, context)).files[0]


def test_changes_are_runs_with_their_context_and_neighbours() -> None:
    new = OLD.replace("line 10\n", "ten\n").replace("line 12\n", "")
    first, second = changes(file(OLD, new))
    assert (first.removed, first.added) == ((b"line 10\n",), (b"ten\n",))
    assert (first.before, first.after) == ((b"line 7\n", b"line 8\n", b"line 9\n"), (b"line 11\n",))
    assert (second.removed, second.added, second.offset) == ((b"line 12\n",), (), 5)
    assert (first.front, first.back) == ((b"line 8\n", b"line 9\n"), (b"line 11\n", b"line 13\n"))
    assert second.front == (b"ten\n", b"line 11\n")


def test_standing_counts_each_proof() -> None:
    new = OLD.replace("line 10\n", "ten\n").replace("line 30\n", "thirty\n")
    half = OLD.replace("line 10\n", "ten\n")
    parsed = parse(patch(OLD, new))
    trees = [{"f": Blob(text.encode())} for text in (OLD, half, new)]
    said = [standing(parsed, 1, trees[0], tree) for tree in trees]
    assert [(one.total, one.both, one.whole_reverse) for one in said] == [(2, 0, False), (2, 1, False), (2, 2, True)]


def test_what_stood_elsewhere_before_is_no_content_proof() -> None:
    twice = OLD + "ten\n"
    parsed = parse(patch(twice, twice.replace("line 10\n", "ten\n")))
    gone = twice.replace("line 10\n", "ten\n").removesuffix("ten\n")
    said = standing(parsed, 1, {"f": Blob(twice.encode())}, {"f": Blob(gone.encode())})
    assert (said.reverse, said.content, said.both) == (1, 0, 0)


def test_lines_that_the_patch_itself_moves_are_proved_at_their_new_place() -> None:
    moved = "line 30\n" + OLD.replace("line 30\n", "")
    parsed = parse(patch(OLD, moved))
    trees = [{"f": Blob(text.encode())} for text in (OLD, moved, OLD + "line 30\n")]
    said = [standing(parsed, 1, trees[0], tree) for tree in trees]
    assert [(one.both, one.whole_reverse) for one in said] == [(0, False), (2, True), (0, False)]


def test_a_line_removed_at_an_end_of_the_file_is_proved_at_that_end() -> None:
    for new in (OLD.removeprefix("line 0\n"), OLD.removesuffix("line 39\n")):
        parsed = parse(patch(OLD, new))
        for text, proved in ((new, 1), (OLD, 0), ("x\n" + new + "x\n", 0)):
            said = standing(parsed, 1, {"f": Blob(OLD.encode())}, {"f": Blob(text.encode())})
            assert (said.both, said.whole_reverse) == (proved, proved == 1)


def test_added_lines_are_no_content_proof_while_the_old_ones_still_stand() -> None:
    parsed = parse(patch(OLD, OLD.replace("line 10\n", "ten\n")))
    said = standing(parsed, 1, {"f": Blob(OLD.encode())}, {"f": Blob((OLD + "ten\n").encode())})
    assert (said.reverse, said.content) == (0, 0)


def test_moves_modes_and_empty_files_are_proved_by_the_tree() -> None:
    moved = parse(b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n")
    mode = parse(b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n")
    old = {"x": Blob(b"1\n")}
    assert standing(moved, 1, old, {"y": Blob(b"1\n")}).whole_reverse
    assert not standing(moved, 1, old, {"x": Blob(b"1\n"), "y": Blob(b"1\n")}).whole_reverse
    assert standing(mode, 1, old, {"x": Blob(b"1\n", executable=True)}).whole_reverse
    assert not standing(mode, 1, old, old).whole_reverse


def test_a_lost_change_is_named_and_its_twin_is_not() -> None:
    new = OLD.replace("line 10\n", "same\n").replace("line 30\n", "same\n").replace("line 20\n", "other\n")
    old_patch = file(OLD, new)
    half = OLD.replace("line 10\n", "same\n").replace("line 20\n", "other\n")
    lost = lost_changes(old_patch, file(half, new))
    assert [change.removed for change in lost] == [(b"line 10\n",), (b"line 20\n",)]
    assert lost_changes(old_patch, old_patch) == ()
    assert len(lost_changes(old_patch, None)) == 3
    assert unproved(old_patch, lost, (True, True, False)) == 0
    assert unproved(old_patch, lost, (False, True, True)) == 1
    assert unproved(old_patch, lost, (False, False, False)) == 2


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=14)


@given(LINES, LINES, st.integers(0, 3))
def test_a_patch_comes_off_what_it_made_and_nothing_is_lost(old: list[str], new: list[str], context: int) -> None:
    text = patch("".join(old), "".join(new), context)
    if not text:
        return
    parsed = parse(text)
    (only,) = parsed.files
    back = apply_pieces("".join(new).encode(), pieces(only, reverse=True))
    assert isinstance(back, Applied)
    assert context == 0 or back.text == "".join(old).encode()
    assert lost_changes(only, only) == ()
    assert sum(len(change.added) for change in changes(only)) == sum(
        marker == "+" for hunk in only.hunks for marker, _ in hunk.marked()
    )
