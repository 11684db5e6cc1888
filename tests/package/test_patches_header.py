"""What a patch says of itself, and when two patches are the same."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.patches import parse
from headrace.package.patches_header import header_facts, identity

DIFF = b"--- a/f.c\n+++ b/f.c\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_a_mail_tells_its_author_subject_and_commits() -> None:
    head = (
        f"From {'a' * 40} Mon Sep 17 00:00:00 2001\nFrom: Ann <ann@example.org>\nSubject: [PATCH] Fix cve-2024-1234\n\n"
    )
    head += f"(cherry picked from commit {COMMIT})\nSee https://example.org/p/commit/fedcba987654 and CVE-2023-99999.\n---\n"
    facts = header_facts(parse(head.encode() + DIFF))
    assert (facts.subject, facts.author) == ("[PATCH] Fix cve-2024-1234", "Ann <ann@example.org>")
    assert facts.cves == ("CVE-2024-1234", "CVE-2023-99999")
    assert facts.commits == (COMMIT, "fedcba987654", "a" * 40)
    assert facts.urls == ("https://example.org/p/commit/fedcba987654",)


@pytest.mark.parametrize(
    ("name", "cves"),
    [
        ("CVE-2024-1234.patch", ("CVE-2024-1234",)),
        ("backport-CVE_2024_1234-fix.patch", ("CVE-2024-1234",)),
        ("fix-CVE-2024-12.patch", ()),
        ("CVE-2024-12345678.patch", ()),
        ("a.patch", ()),
    ],
)
def test_the_file_name_may_name_the_weakness(name: str, cves: tuple[str, ...]) -> None:
    assert header_facts(parse(DIFF), name).cves == cves


def test_what_is_not_said_stays_empty() -> None:
    facts = header_facts(parse(DIFF))
    assert (facts.subject, facts.author, facts.cves, facts.commits, facts.urls) == ("", "", (), (), ())
    assert header_facts(parse(b"commit this to decade\nFrom " + b"0" * 40 + b" x\n" + DIFF)).commits == ()


def test_prose_numbers_and_white_space_do_not_change_the_identity() -> None:
    other = b"words\n" + DIFF.replace(b"@@ -1,3 +1,3 @@", b"@@ -9,3 +11,3 @@ main").replace(b"+TWO", b"+ TWO ")
    assert identity(parse(DIFF)) == identity(parse(other))
    assert identity(parse(DIFF)) != identity(parse(DIFF.replace(b"+TWO", b"+THREE")))
    assert identity(parse(DIFF)) != identity(parse(DIFF.replace(b"f.c", b"g.c")))
    second = DIFF.replace(b"f.c", b"g.c")
    assert identity(parse(DIFF + second)) == identity(parse(second + DIFF))


WORDS = st.lists(st.sampled_from([" one", " two", "-three", "+four", "+ four", "-five"]), min_size=1, max_size=6)


def made(lines: list[str], start: int) -> bytes:
    old, new = sum(line[0] != "+" for line in lines), sum(line[0] != "-" for line in lines)
    body = "".join(line + "\n" for line in lines)
    return f"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -{start},{old} +{start},{new} @@\n{body}".encode()


@pytest.mark.skipif(shutil.which("git") is None, reason="git patch-id is the oracle")
@given(WORDS, WORDS, st.integers(1, 99))
def test_equal_identity_means_equal_patch_id(one: list[str], other: list[str], start: int) -> None:
    ids = []
    for text in (made(one, 1), made(other, start)):
        said = subprocess.run(["git", "patch-id", "--stable"], input=text, capture_output=True, check=True).stdout
        ids.append((said.split()[:1], identity(parse(text))))
    assert (ids[0][0] == ids[1][0]) == (ids[0][1] == ids[1][1])
