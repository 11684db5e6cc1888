"""A change counts as upstream's only at its own place: look-alikes nearby prove nothing."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.patches import FilePatch, parse
from headrace.package.patches_anchor import anchored


def diff(old: str, new: str, context: int = 3) -> FilePatch | None:
    lines = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), "a/f", "b/f", n=context)
    text = "".join(lines)
    return parse(text.encode()).files[0] if text else None


def judged(old: str, patched: str, new: str) -> tuple[bool, ...]:
    patch = diff(old, patched)
    assert patch is not None
    return anchored(patch, old.encode(), new.encode(), diff(old, new, 0))


OLD = """int parse(int n)
{
    int size = get(n);
    copy(size);
    return size;
}

int other(int n)
{
    return n;
}
"""
FIXED = OLD.replace("    copy(size);\n", "    if (size > MAX)\n        return -1;\n    copy(size);\n")


def test_a_fix_stands_at_its_place_though_upstream_went_on() -> None:
    new = FIXED.replace("    int size = get(n);\n", "    int size = get(n, 0);\n").replace(
        "return size", "return size + 1"
    )
    assert judged(OLD, FIXED, new) == (True,)
    assert judged(OLD, FIXED, FIXED) == (True,)


def test_attack_the_same_lines_in_another_function_prove_nothing() -> None:
    check = "    if (size > MAX)\n        return -1;\n"
    new = OLD.replace("    copy(size);\n", "    copy(size, 1);\n").replace(
        "    return n;\n", check + "    copy(size);\n    return n;\n"
    )
    assert judged(OLD, FIXED, new) == (False,)


def test_attack_a_look_alike_in_the_next_case_of_a_switch_proves_nothing() -> None:
    old = "switch (x) {\ncase A:\n  copy(n);\n  break;\ncase B:\n  copy(n);\n  break;\n}\n"
    fixed = old.replace("case A:\n", "case A:\n  check(n);\n")
    kept_b = "switch (x) {\ncase A1:\n  copy(n + 1);\n  break;\ncase B:\n  check(n);\n  copy(n);\n  break;\n}\n"
    lost_b = "switch (x) {\ncase A1:\n  copy(n + 1);\n  leave;\ncase B1:\n  check(n);\n  copy(n);\n  leave;\n}\n"
    assert judged(old, fixed, kept_b) == (False,)
    assert judged(old, fixed, lost_b) == (False,)


def test_attack_generic_lines_in_a_rewritten_function_prove_nothing() -> None:
    old = "f()\n{\n  a1();\n  a2();\n  a3();\n  a4();\n}\n"
    fixed = old.replace("  a2();\n", "  a2();\n  break;\n")
    new = "f()\n{\n  b1();\n  break;\n  b2();\n  break;\n}\n"
    assert judged(old, fixed, new) == (False,)


def test_a_removed_line_must_be_gone_between_its_neighbours() -> None:
    gone = OLD.replace("    copy(size);\n", "")
    assert judged(OLD, gone, gone.replace("int parse(int n)", "int parse(long n)")) == (True,)
    assert judged(OLD, gone, OLD.replace("int parse(int n)", "int parse(long n)")) == (False,)
    assert judged(OLD, gone, OLD.replace("    copy(size);\n", "    copy2(size);\n")) == (False,)


def test_a_removal_that_a_diff_shows_elsewhere_is_the_same_removal() -> None:
    old = "".join(f"add(\n    {name},\n    do_{name})\n\n" for name in ("one", "two", "three", "four"))
    gone = old.replace("add(\n    two,\n    do_two)\n\n", "")
    new = gone.replace("do_one)", "do_one)  # first")
    assert judged(old, gone, gone) == (True,)
    assert judged(old, gone, new.replace("    three,\n", "    three, 3,\n")) == (False,)
    assert judged(old, gone, old.replace("do_two)", "do_two2)")) == (False,)


def test_a_replaced_line_that_still_stands_is_not_replaced() -> None:
    fixed = OLD.replace("    copy(size);\n", "    copy_n(size);\n")
    both = OLD.replace("    copy(size);\n", "    copy_n(size);\n    copy(size);\n")
    assert judged(OLD, fixed, both) == (False,)


def test_a_created_file_must_be_there_whole() -> None:
    patch = parse(b"--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+one line\n+two line\n").files[0]
    assert anchored(patch, b"", b"head\none line\ntwo line\nmore\n", None) == (True,)
    assert anchored(patch, b"", b"one line\nother\ntwo line\n", None) == (False,)


@pytest.mark.parametrize("new", ["", "other\n", OLD])
def test_nothing_there_proves_nothing(new: str) -> None:
    assert judged(OLD, FIXED, new) == (False,)


LINES = st.lists(
    st.sampled_from(["alpha one\n", "beta two\n", "gamma\n", "}\n", "\n", "delta\n"]), min_size=1, max_size=14
)


@given(LINES, LINES, LINES)
def test_what_is_proved_is_really_there_more_often_than_before(
    old: list[str], patched: list[str], new: list[str]
) -> None:
    patch = diff("".join(old), "".join(patched))
    if patch is None or patch.created or patch.deleted:
        return
    texts = "".join(old), "".join(new)
    proofs = judged(texts[0], "".join(patched), texts[1])
    for hunk in {number for number, good in enumerate(proofs) if good} and patch.hunks:
        added = [text for marker, text in hunk.marked() if marker == "+"]
        assert not any(proofs) or not added or any(line in texts[1].encode() for line in added)
    if texts[0] == texts[1]:
        assert not any(proofs)
