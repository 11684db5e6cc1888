"""Reading patch files without loss, in all the shapes that they have in the wild."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.patches import PatchError, parse, split_series, stripped

MAIL = b"""From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
From: Ann Author <ann@example.org>
Subject: [PATCH] Say hello twice

---
 hello.c | 1 +
 1 file changed, 1 insertion(+)

diff --git a/hello.c b/hello.c
index 1111111..2222222 100644
--- a/hello.c
+++ b/hello.c
@@ -1,2 +1,3 @@ int main(void)
 one
+two
 three
--\x20
2.39.5

"""


def test_a_mail_keeps_its_message_and_its_signature() -> None:
    patch = parse(MAIL)
    assert patch.render() == MAIL
    assert patch.header.startswith(b"From 0123")
    assert patch.header.endswith(b"insertion(+)\n\n")
    assert patch.trailer == b"-- \n2.39.5\n\n"
    (file,) = patch.files
    assert (file.old_name, file.new_name, file.git, file.new_mode) == ("a/hello.c", "b/hello.c", True, 0o100644)
    assert file.hunks[0].marked() == [(" ", b"one\n"), ("+", b"two\n"), (" ", b"three\n")]


def test_a_plain_diff_knows_its_index_line_and_date() -> None:
    text = (
        b"fix it\n\nIndex: x/foo.c\n======\n--- x.orig/foo.c\t2020-01-01 10:00:00 +0000\n"
        b"+++ x/foo.c  2020-01-02 10:00\n@@ -1 +1 @@\n-a\n+b\n"
    )
    patch = parse(text)
    assert patch.render() == text
    assert patch.header == b"fix it\n\n"
    assert (patch.files[0].old_name, patch.files[0].new_name) == ("x.orig/foo.c", "x/foo.c")
    assert not patch.files[0].git


def test_crlf_transport_is_told_from_crlf_content() -> None:
    carried = parse(b"--- a/f\r\n+++ b/f\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n")
    content = parse(b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\r\n+b\r\n")
    assert carried.files[0].strip_cr
    assert carried.files[0].old_name == "a/f"
    assert carried.files[0].hunks[0].marked(strip_cr=True) == [("-", b"a\n"), ("+", b"b\n")]
    assert not content.files[0].strip_cr
    assert content.files[0].hunks[0].marked() == [("-", b"a\r\n"), ("+", b"b\r\n")]


def test_a_denied_newline_is_taken_off_the_line_before() -> None:
    text = b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
    patch = parse(text)
    assert patch.files[0].hunks[0].marked() == [("-", b"a"), ("+", b"b")]
    assert patch.render() == text


def test_renames_modes_and_binary_parts_are_facts_of_the_file() -> None:
    text = (
        b"diff --git a/old name b/new name\nsimilarity index 90%\nrename from old name\nrename to new name\n"
        b'diff --git "a/caf\\303\\251" "b/caf\\303\\251"\nold mode 100644\nnew mode 100755\n'
        b"diff --git a/x.png b/x.png\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQz\n\nliteral 0\nHcmV?d00001\n\n"
        b"diff --git a/gone b/gone\ndeleted file mode 100755\nindex 1..0\n"
    )
    patch = parse(text)
    assert patch.render() == text
    moved, mode, binary, gone = patch.files
    assert moved.renamed == ("old name", "new name")
    assert moved.names == ()
    assert mode.names == ("a/café", "b/café")
    assert (mode.old_mode, mode.new_mode) == (0o100644, 0o100755)
    assert binary.binary
    assert not moved.binary
    assert gone.deleted
    assert gone.old_mode == 0o100755


def test_blank_context_whose_space_was_lost_and_chopped_blank_lines_count() -> None:
    patch = parse(b"--- a/f\n+++ b/f\n@@ -1,4 +1,5 @@\n a\n\n+n\n b\n")
    assert patch.files[0].hunks[0].marked() == [(" ", b"a\n"), (" ", b"\n"), ("+", b"n\n"), (" ", b"b\n"), (" ", b"\n")]
    assert patch.render().endswith(b" b\n")


def test_a_mailbox_of_two_patches_splits_into_both() -> None:
    second = MAIL.replace(b"0123456789abcdef" * 2, b"f" * 32).replace(b"hello.c", b"other.c")
    first, other = split_series(parse(MAIL + second))
    assert first.render() == MAIL
    assert other.render() == second


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n", "ends inside a hunk"),
        (b"--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n a\n-b\n@@ -20 +20 @@\n-a\n+b\n", "shorter than its heading"),
        (b"--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n-a\n-b\n+c\n", "longer than its heading"),
        (b"@@ -1 +1 @@\n-a\n+b\n", "belongs to no file"),
        (b"*** a/f\n--- b/f\n***************\n*** 1 ****\n! a\n", "context diff"),
        (b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n\\ No newline\n-a\n+b\n", "shorter than its heading"),
    ],
)
def test_a_malformed_patch_is_refused_with_its_line(text: bytes, what: str) -> None:
    text = text.replace(b"@@ -1,2 +1,2 @@\n a\n", b"@@ -1,9 +1,9 @@\n a\n")
    with pytest.raises(PatchError, match=what) as caught:
        parse(text)
    assert "line " in caught.value.detail


def test_attack_a_header_line_of_megabytes_is_refused() -> None:
    with pytest.raises(PatchError, match="header line"):
        parse(b"diff --git a/" + b"x " * 1_000_000 + b"\n")


def test_stripping_counts_name_parts() -> None:
    assert stripped("a/b/c", 1) == "b/c"
    assert stripped("a//b/c", 2) == "c"
    assert stripped("c", 1) is None


LINES = st.lists(st.sampled_from(["a\n", "b\n", "", "\n", "--- x\n", "+++ y\n", "-- \n", "@@\n", "c\r\n"]), max_size=12)


@given(LINES, LINES, st.integers(0, 3), st.binary(max_size=30))
def test_a_parsed_patch_renders_to_the_same_bytes(old: list[str], new: list[str], context: int, prose: bytes) -> None:
    lines = [line for line in difflib.unified_diff(old, new, "a/f", "b/f", n=context) if line]
    text = prose.replace(b"@", b"") + b"\n" + "".join(lines).encode()
    try:
        patch = parse(text)
    except PatchError:
        return
    assert patch.render() == text
    assert b"".join(part.render() for part in split_series(patch)) == text


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_change(noise: bytes) -> None:
    for text in (noise, MAIL + noise, MAIL[:-60] + noise):
        try:
            assert parse(text).render() == text
        except PatchError:
            continue
