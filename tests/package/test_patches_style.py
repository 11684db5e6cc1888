"""A carried patch looks like the patch that it was."""

from __future__ import annotations

import pytest

from headrace.package.patches import Patch, parse
from headrace.package.patches_style import refreshed, style_of

GIT = (
    b"diff --git %(old)bsrc/f.c %(new)bsrc/f.c\nindex 1234567890123456789012345678901234567890.."
    b"abcdefabcdefabcdefabcdefabcdefabcdefabcd 100644\n"
    b"--- %(old)bsrc/f.c\n+++ %(new)bsrc/f.c\n@@ -5,3 +5,3 @@ main()\n one\n-two\n+TWO\n three\n"
)


HEAD = b"diff --git a/src/f.c b/src/f.c\n"
BODY = b"--- a/src/f.c\n+++ b/src/f.c\n@@ -1 +1 @@ x\n-a\n+b\n"


def fresh(old: bytes = b"a/", new: bytes = b"b/") -> Patch:
    return parse(GIT % {b"old": old, b"new": new})


@pytest.mark.parametrize(
    ("text", "strip", "prefixes", "context", "index"),
    [
        (b"--- a/src/f.c\n+++ b/src/f.c\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n", 1, ("a/", "b/"), 1, 0),
        (b"--- src/f.c\n+++ src/f.c\n@@ -1,2 +1,2 @@ x\n-two\n+2\n three\n", 0, ("", ""), 1, 0),
        (b"--- p-1.orig/src/f.c\n+++ p-1/src/f.c\n@@ -1 +1 @@\n-two\n+2\n", 1, ("p-1.orig/", "p-1/"), 3, 0),
        (b"--- /dev/null\n+++ x/y/src/f.c\n@@ -0,0 +1 @@\n+2\n", 2, ("x/y/", "x/y/"), 3, 0),
        (HEAD + b"index 12345678..abcdef00 100644\n" + BODY, 1, ("a/", "b/"), 3, 8),
    ],
)  # fmt: skip
def test_the_style_is_read_off(text: bytes, strip: int, prefixes: tuple[str, str], context: int, index: int) -> None:
    style = style_of(parse(text), strip)
    assert (style.old_prefix, style.new_prefix) == prefixes
    assert (style.context, style.abbreviation, style.git) == (context, index, index > 0)


def test_a_plain_diff_keeps_its_lines_around_the_names_and_has_no_headings() -> None:
    head = b"words\n\nIndex: src/f.c\n=====\n--- p.orig/src/f.c\t2020-01-01\n+++ p/src/f.c\t2020-02-02\n"
    patch = parse(head + b"@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n")
    style = style_of(patch, 1)
    new = refreshed(patch, fresh(b"p.orig/", b"p/"), 1, style, {}, b"")
    assert new.render() == head + b"@@ -5,3 +5,3 @@\n one\n-two\n+TWO\n three\n"


def test_a_moved_file_changes_every_name() -> None:
    patch = parse(b"Index: old/f.c\n--- a/old/f.c\n+++ b/old/f.c\n@@ -1 +1 @@ x\n-two\n+TWO\n")
    new = refreshed(patch, fresh(), 1, style_of(patch, 1), {"src/f.c": "old/f.c"}, b"")
    assert new.render().startswith(b"Index: src/f.c\n--- a/src/f.c\n+++ b/src/f.c\n@@ -5,3 +5,3 @@ main()\n")


def test_gits_ids_keep_their_length_or_stay_away() -> None:
    short = parse(HEAD + b"index 123456789..abcdef000 100644\n" + BODY)
    bare = parse(HEAD + BODY)
    new = refreshed(short, fresh(), 1, style_of(short, 1), {}, b"").render()
    assert b"\nindex 123456789..abcdefabc 100644\n" in new
    assert b"index" not in refreshed(bare, fresh(), 1, style_of(bare, 1), {}, b"").render()


def test_the_last_diffstat_of_a_mail_is_renewed_and_nothing_else() -> None:
    head = b"Subject: x\n\n f.c | 1 file changed in my dreams\n\n---\n src/f.c | 9 +++++++++\n"
    head += b" 1 file changed, 9 insertions(+)\n create mode 100644 x\n\n"
    patch = parse(head + GIT % {b"old": b"a/", b"new": b"b/"} + b"-- \n2.30\n")
    stat = b" src/f.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n"
    new = refreshed(patch, fresh(), 1, style_of(patch, 1), {}, stat)
    assert new.header == b"Subject: x\n\n f.c | 1 file changed in my dreams\n\n---\n" + stat + b"\n"
    assert new.trailer == b"-- \n2.30\n"


def test_files_keep_their_order() -> None:
    parts = [b"--- a/%b\n+++ b/%b\n@@ -1 +1 @@\n-a\n+b\n" % (name, name) for name in (b"z.c", b"a.c")]
    patch, turned = parse(b"".join(parts)), parse(b"".join(reversed(parts)))
    new = refreshed(patch, turned, 1, style_of(patch, 1), {}, b"")
    assert [file.new_name for file in new.files] == ["b/z.c", "b/a.c"]
