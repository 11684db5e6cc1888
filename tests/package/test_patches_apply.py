"""Applying hunks: as GNU patch does it for rpmbuild, never otherwise."""

from __future__ import annotations

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headrace.package.patches import Patch, parse
from headrace.package.patches_apply import (
    Applied,
    Blob,
    Lines,
    Refusal,
    Refused,
    TreeChange,
    apply_patch,
    apply_pieces,
    detect_strip,
    pieces,
    target,
    touched,
)  # fmt: skip


def diff(old: bytes, new: bytes, context: int = 3, name: str = "f") -> bytes:
    parts = difflib.diff_bytes(
        difflib.unified_diff, old.splitlines(keepends=True), new.splitlines(keepends=True),
        b"a/" + name.encode(), b"b/" + name.encode(), n=context,
    )  # fmt: skip
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in parts)


def numbered(count: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in range(count))


def test_hunks_follow_the_text_when_lines_moved_and_say_how_far() -> None:
    old = numbered(30)
    patch = parse(diff(old, old.replace(b"line 20\n", b"changed\n")))
    done = apply_pieces(b"new\nnew\n" + old, pieces(patch.files[0]))
    assert isinstance(done, Applied)
    assert b"changed\n" in done.text
    assert (done.places[0].offset, done.places[0].fuzz) == (2, 0)


def test_changed_context_is_refused_without_fuzz_and_told_with_it() -> None:
    old = numbered(30)
    patch = parse(diff(old, old.replace(b"line 20\n", b"changed\n")))
    moved = old.replace(b"line 17\n", b"other\n")
    assert apply_pieces(moved, pieces(patch.files[0])) == Refused(1)
    done = apply_pieces(moved, pieces(patch.files[0]), fuzz=2)
    assert isinstance(done, Applied)
    assert done.places[0].fuzz == 1


def test_a_hunk_at_the_end_of_the_file_matches_only_there() -> None:
    patch = parse(diff(b"a\nb\nc\n", b"a\nb\nc\nd\n"))
    assert isinstance(apply_pieces(b"x\na\nb\nc\n", pieces(patch.files[0])), Applied)
    assert apply_pieces(b"a\nb\nc\nmore\n", pieces(patch.files[0])) == Refused(1)


def test_creating_removing_and_renaming_change_the_tree() -> None:
    text = (
        b"--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+n\n"
        b"--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-g\n"
        b"diff --git a/from b/to\nrename from from\nrename to to\n--- a/from\n+++ b/to\n@@ -1 +1 @@\n-x\n+y\n"
        b"diff --git a/run b/run\nold mode 100644\nnew mode 100755\n"
    )
    tree = {"gone": Blob(b"g\n"), "from": Blob(b"x\n"), "run": Blob(b"")}
    done = apply_patch(parse(text), 1, tree)
    assert isinstance(done, TreeChange)
    assert done.files == {
        "new": Blob(b"n\n"), "gone": None, "from": None, "to": Blob(b"y\n"), "run": Blob(b"", executable=True)
    }  # fmt: skip
    after = {path: blob for path, blob in {**tree, **done.files}.items() if blob is not None}
    back = apply_patch(parse(text), 1, after, reverse=True)
    assert isinstance(back, TreeChange)
    assert {path: blob for path, blob in {**after, **back.files}.items() if blob is not None} == tree


@pytest.mark.parametrize(
    ("text", "tree", "reason"),
    [
        (b"--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+n\n", {"f": Blob(b"old\n")}, "there already"),
        (b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n", {}, "no such file"),
        (b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n", {"f": Blob(b"c\n")}, "hunk 1 of 1"),
        (b"--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", {"f": Blob(b"a\nb\n")}, "other content"),
        (b"--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n", {"f": Blob(b"a\n")}, "fewer parts"),
        (b"diff --git a/f b/f\nGIT binary patch\nliteral 0\nx\n\n", {"f": Blob(b"a\n")}, "binary"),
    ],
)
def test_a_refusal_names_the_file_and_the_reason(text: bytes, tree: dict[str, Blob], reason: str) -> None:
    done = apply_patch(parse(text), 1, tree)
    assert isinstance(done, Refusal)
    assert "f" in done.path
    assert reason in str(done.reason)


def test_the_name_that_exists_is_taken_as_gnu_patch_takes_it() -> None:
    patch = parse(b"--- x/f.c.orig\n+++ x/f.c\n@@ -1 +1 @@\n-a\n+b\n")
    assert target(patch.files[0], 1, {"f.c": Blob(b"a\n")}) == "f.c"
    assert touched(patch, 1) == {"f.c", "f.c.orig"}


def test_the_strip_level_is_found_or_left_open() -> None:
    patch = parse(b"--- a/src/f\n+++ b/src/f\n@@ -1 +1 @@\n-a\n+b\n")
    assert detect_strip(patch, {"src/f": Blob(b"")}) == 1
    assert detect_strip(patch, {"f": Blob(b"")}) == 2
    assert detect_strip(patch, {"f": Blob(b""), "src/f": Blob(b"")}) is None
    assert detect_strip(patch, {}) is None


def test_attack_a_text_of_equal_lines_is_searched_in_linear_time() -> None:
    lines = Lines(b"a\n" * 300_000)
    assert lines.nearest([b"a\n"] * 2000 + [b"b\n"], 150_000, 0) is None
    assert lines.nearest([b"b\n"] + [b"a\n"] * 2000, 150_000, 0) is None


def test_of_two_places_the_nearer_wins_and_of_equals_the_later() -> None:
    lines = Lines(b"x\n" + b"a\n" * 4 + b"x\n")
    assert [lines.nearest([b"x\n"], guess, 0) for guess in range(6)] == [0, 0, 0, 5, 5, 5]
    assert Lines(b"x\na\nx\n").nearest([b"x\n"], 1, 0) == 2


@given(st.lists(st.sampled_from([b"a\n", b"b\n"]), max_size=9), st.data())
def test_the_nearest_place_is_the_nearest(text: list[bytes], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.sampled_from([b"a\n", b"b\n"]), min_size=1, max_size=3))
    guess, lowest = data.draw(st.integers(-2, 11)), data.draw(st.integers(0, len(text)))
    places = [at for at in range(lowest, len(text)) if text[at : at + len(wanted)] == wanted]
    best = min(places, key=lambda at: (abs(at - guess), at < guess), default=None)
    assert Lines(b"".join(text)).nearest(wanted, guess, lowest) == best


PIECES = st.lists(st.sampled_from([b"a\n", b"b\n"]), max_size=9)


@given(PIECES, PIECES.map(lambda lines: lines[:3]), st.booleans())
def test_counting_many_places_and_few_gives_the_same(text: list[bytes], wanted: list[bytes], cut: bool) -> None:
    text = [*text[:-1], text[-1].rstrip()] if cut and text else text
    naive, at = 0, 0
    while wanted and at <= len(text) - len(wanted):
        fits = text[at : at + len(wanted)] == wanted
        naive, at = naive + fits, at + (len(wanted) if fits else 1)
    many = Lines(b"".join(text))
    assert many.count(wanted) == naive
    repeated = Lines((b"".join(wanted) + b"c\n") * 40 if wanted else b"")
    assert repeated.count(wanted) == (40 if wanted else 0)


WORDS = st.sampled_from([b"a\n", b"b\n", b"c\n", b"d\n", b"\n"])


@st.composite
def cases(draw: st.DrawFn) -> tuple[bytes, Patch]:
    """A file, and a patch made for a similar file."""
    old = draw(st.lists(WORDS, min_size=1, max_size=25))
    new = list(old)
    other = list(old)
    for lines in (new, other):
        for _ in range(draw(st.integers(0 if lines is other else 1, 3))):
            at = draw(st.integers(0, len(lines)))
            lines[at : at + draw(st.integers(0, 2))] = draw(st.lists(WORDS, max_size=2))
    return b"".join(other), parse(diff(b"".join(old), b"".join(new), draw(st.integers(1, 3))))


@pytest.mark.skipif(shutil.which("patch") is None, reason="GNU patch is the oracle")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases(), st.integers(0, 2))
def test_the_result_is_that_of_gnu_patch(tmp_path: Path, case: tuple[bytes, Patch], fuzz: int) -> None:
    text, patch = case
    if not text or not patch.files or patch.files[0].created or patch.files[0].deleted:
        return
    file = tmp_path / "f"
    file.write_bytes(text)
    options = ["-p1", "-s", "-f", "-N", f"--fuzz={fuzz}", "--no-backup-if-mismatch", "-r", "-", "-d", str(tmp_path)]
    theirs = subprocess.run(["patch", *options], input=patch.render(), capture_output=True, check=False)
    ours = apply_pieces(text, pieces(patch.files[0]), fuzz=fuzz)
    if not fuzz:  # with fuzz GNU patch also puts a hunk anywhere when all of its context is cut away; we do not
        assert (theirs.returncode == 0) == isinstance(ours, Applied), theirs.stdout
    if isinstance(ours, Applied):
        assert theirs.returncode == 0
        assert ours.text == (file.read_bytes() if file.exists() else b"")
