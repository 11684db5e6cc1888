"""Reading a unified diff for a page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headrace.web.diffs import DiffLine, read_diff


def test_lines_have_their_numbers():
    shown = read_diff("--- a/x\n+++ b/x\n@@ -3,2 +3,3 @@ section\n same\n-old\n+new\n+more\ntail")
    assert shown.lines == (
        DiffLine("head", "--- a/x"),
        DiffLine("head", "+++ b/x"),
        DiffLine("hunk", "@@ -3,2 +3,3 @@ section"),
        DiffLine("same", "same", 3, 3),
        DiffLine("del", "old", 4),
        DiffLine("add", "new", None, 4),
        DiffLine("add", "more", None, 5),
        DiffLine("head", "tail"),
    )


def test_attack_a_removed_line_that_looks_like_a_header_stays_a_removed_line():
    shown = read_diff("@@ -1,3 +1,2 @@\n--- /dev/null\n-@@ -9 +9 @@\n same\n+++ b/evil")
    assert [line.kind for line in shown.lines] == ["hunk", "del", "del", "same", "add"]
    assert shown.lines[1].text == "-- /dev/null"


def test_what_is_left_off_is_counted():
    shown = read_diff("@@ -0,0 +1,9 @@\n" + "+x\n" * 9 + "+" + "y" * 50, max_lines=4, max_width=10)
    assert len(shown.lines) == 4
    assert shown.left == 7
    assert read_diff("+" * 50, max_width=10).lines[0].text == "+" * 10 + " …"


@given(st.text(alphabet="@-+ ,0123456789\\\nab"))
def test_any_text_is_shown_line_by_line(text):
    shown = read_diff(text)
    assert len(shown.lines) == len(text.split("\n")) - text.endswith("\n") if text else len(shown.lines) <= 1
    assert all(line.kind in {"add", "del", "same", "hunk", "head"} for line in shown.lines)
