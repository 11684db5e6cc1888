"""Patches carried between real archives by real git: the four classes, each with its proof, and hostile input."""

from __future__ import annotations

import difflib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from headrace.package.model import PatchClass, PatchFate
from headrace.package.patches import parse
from headrace.package.patches_apply import Blob, TreeChange, apply_patch
from headrace.work.carry import PatchInput, carry
from work.sources import archive

Tree = Mapping[str, bytes]


def diff(old: Tree, new: Tree, *, git: bool = False, context: int = 3) -> bytes:
    out = b""
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        names = [
            b"/dev/null" if text is None else side + name.encode() for side, text in ((b"a/", before), (b"b/", after))
        ]
        if git:
            out += b"diff --git a/%b b/%b\n" % (name.encode(), name.encode())
            out += b"new file mode 100644\n" * (before is None) + b"deleted file mode 100644\n" * (after is None)
            out += b"index 1111111..2222222" + b" 100644" * (before is not None and after is not None) + b"\n"
        lines = ((text or b"").splitlines(keepends=True) for text in (before, after))
        for line in difflib.diff_bytes(difflib.unified_diff, *lines, *names, n=context):
            out += line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
    return out


def numbered(count: int, word: str = "line") -> bytes:
    return b"".join(b"%s %d\n" % (word.encode(), number) for number in range(count))


def run(tmp_path: Path, old: Tree, new: Tree, *patches: bytes, names: tuple[str, ...] = ()) -> tuple[PatchFate, ...]:
    inputs = [
        PatchInput(number, names[number - 1] if names else f"{number}.patch", content, 1)
        for number, content in enumerate(patches, 1)
    ]
    return carry(archive(tmp_path / "old.tar", old), archive(tmp_path / "new.tar", new), inputs, tmp_path / "scratch")


BASE = numbered(60)
FIXED = BASE.replace(b"line 30\n", b"line thirty\n")
FIX = diff({"f.c": BASE}, {"f.c": FIXED})


def test_a_patch_that_still_applies_is_untouched(tmp_path: Path) -> None:
    (fate,) = run(tmp_path, {"f.c": BASE}, {"f.c": b"new\n" + BASE}, FIX)
    assert (fate.patch_class, fate.content, fate.conflicts) == (PatchClass.UNTOUCHED, None, ())
    assert "moved by 1 at the most" in str(fate.proof)
    assert not (tmp_path / "scratch").exists()


def test_changed_context_means_rebased_with_the_header_kept(tmp_path: Path) -> None:
    new = BASE.replace(b"line 28\n", b"line twenty-eight\n")
    header = b"Description: thirty\nOrigin: https://example.org/commit/0123456789ab\n\n"
    (fate,) = run(tmp_path, {"f.c": BASE}, {"f.c": new}, header + FIX)
    assert fate.patch_class is PatchClass.REBASED
    assert fate.content == header + diff({"f.c": new}, {"f.c": new.replace(b"line 30\n", b"line thirty\n")})


def test_a_mail_keeps_message_and_signature_and_gets_a_new_diffstat(tmp_path: Path) -> None:
    new = BASE.replace(b"line 28\n", b"line twenty-eight\n").replace(b"line 50\n", b"line fifty\n")
    fixed = FIXED.replace(b"line 50\n", b"line fifty\n")
    head = (
        b"From "
        + b"a" * 40
        + b" Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\nSubject: [PATCH] fix\n\nWhy.\n---\n"
    )
    stat = b" f.c | 4 ++--\n 1 file changed, 2 insertions(+), 2 deletions(-)\n\n"
    tail = b"-- \n2.30.0\n\n"
    patch = head + stat + diff({"f.c": BASE}, {"f.c": fixed}, git=True) + tail
    (fate,) = run(tmp_path, {"f.c": BASE}, {"f.c": new}, patch)
    assert fate.patch_class is PatchClass.REBASED
    assert fate.content is not None
    assert fate.content.startswith(
        head + b" f.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\ndiff --git a/f.c b/f.c\nindex "
    )
    assert fate.content.endswith(tail)
    (index,) = [line for line in fate.content.splitlines() if line.startswith(b"index ")]
    assert len(index) == len(b"index 1111111..2222222 100644")
    assert "partly merged upstream: 1 of 2" in str(fate.proof)


def test_a_fix_that_upstream_took_is_merged_with_its_proof(tmp_path: Path) -> None:
    new = b"intro\n" + FIXED + b"more\n"
    patch = b"From: a\nSubject: fix\n\n(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)\n" + FIX
    (fate,) = run(tmp_path, {"f.c": BASE}, {"f.c": new}, patch)
    assert (fate.patch_class, fate.content) == (PatchClass.MERGED, None)
    assert "comes off them again" in str(fate.proof)
    assert "0123456789abcdef" in str(fate.proof)


def test_a_conflict_names_its_files(tmp_path: Path) -> None:
    new = BASE.replace(b"line 30\n", b"line XXX\n")
    (fate,) = run(tmp_path, {"f.c": BASE, "g.c": b""}, {"f.c": new, "g.c": b""}, FIX)
    assert (fate.patch_class, fate.conflicts) == (PatchClass.FAILED, ("f.c",))
    assert "conflicts in f.c" in str(fate.proof)


def test_a_patch_that_never_applied_says_so_and_harms_no_other(tmp_path: Path) -> None:
    wrong = diff({"f.c": numbered(60, "other")}, {"f.c": numbered(60, "other").replace(b"other 3\n", b"x\n")})
    first, second = run(tmp_path, {"f.c": BASE}, {"f.c": BASE}, wrong, FIX)
    assert first.patch_class is PatchClass.FAILED
    assert first.conflicts == ("f.c",)
    assert "not even apply to the old sources: f.c: hunk 1 of 1" in str(first.proof)
    assert second.patch_class is PatchClass.UNTOUCHED


@pytest.mark.parametrize(
    ("content", "strip", "reason"),
    [
        (FIX, None, "does not tell how it is applied"),
        (b"just prose\n", 1, "holds no diff"),
        (b"--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n a\n", 1, "cannot be read"),
        (b"--- a/../../f\n+++ b/../../f\n@@ -1 +1 @@\n-a\n+b\n", 1, "outside the sources"),
        (b"--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n", 0, "outside the sources"),
        (b"--- /dev/null\n+++ b/.git/config\n@@ -0,0 +1 @@\n+b\n", 1, ".git folder"),
        (b"diff --git a/x.png b/x.png\nindex 1..2 100644\nGIT binary patch\nliteral 1\nIc\n\n", 1, "binary"),
    ],
)
def test_what_cannot_be_judged_fails_with_its_reason(
    tmp_path: Path, content: bytes, strip: int | None, reason: str
) -> None:
    old = archive(tmp_path / "old.tar", {"f.c": BASE, "x.png": b"png"})
    (fate,) = carry(old, old, [PatchInput(7, "p.patch", content, strip)], tmp_path / "scratch")
    assert (fate.number, fate.patch_class) == (7, PatchClass.FAILED)
    assert reason in str(fate.proof)


def test_a_patch_follows_a_file_that_upstream_moved(tmp_path: Path) -> None:
    (fate,) = run(
        tmp_path,
        {"src/f.c": BASE, "a": b"a\n"},
        {"lib/core/f.c": BASE + b"end\n", "a": b"a\n"},
        FIX.replace(b"f.c", b"src/f.c"),
    )
    assert fate.patch_class is PatchClass.REBASED
    assert fate.content is not None
    assert "src/f.c -> lib/core/f.c" in str(fate.proof)
    done = apply_patch(parse(fate.content), 1, {"lib/core/f.c": Blob(BASE + b"end\n")})
    assert isinstance(done, TreeChange)
    assert done.files == {"lib/core/f.c": Blob(FIXED + b"end\n")}


def test_later_patches_stand_on_earlier_ones(tmp_path: Path) -> None:
    second = FIXED.replace(b"line thirty\n", b"line thirty and more\n")
    new = BASE.replace(b"line 28\n", b"line twenty-eight\n")
    fates = run(tmp_path, {"f.c": BASE}, {"f.c": new}, FIX, diff({"f.c": FIXED}, {"f.c": second}))
    assert [fate.patch_class for fate in fates] == [PatchClass.REBASED, PatchClass.REBASED]
    tree = {"f.c": Blob(new)}
    for fate in fates:
        assert fate.content is not None
        done = apply_patch(parse(fate.content), 1, tree)
        assert isinstance(done, TreeChange)
        tree |= {path: blob for path, blob in done.files.items() if blob}
    assert tree["f.c"].data == second.replace(b"line 28\n", b"line twenty-eight\n")


def test_a_patch_that_lacks_a_failed_one_says_so(tmp_path: Path) -> None:
    second = FIXED.replace(b"line thirty\n", b"line thirty and more\n")
    new = BASE.replace(b"line 30\n", b"line XXX\n")
    fates = run(tmp_path, {"f.c": BASE}, {"f.c": new}, FIX, diff({"f.c": FIXED}, {"f.c": second}))
    assert [fate.patch_class for fate in fates] == [PatchClass.FAILED, PatchClass.FAILED]
    assert "where 1.patch before it could not be carried either" in str(fates[1].proof)


def test_a_merged_patch_below_an_unmerged_one_leaves_it_alone(tmp_path: Path) -> None:
    second = FIXED.replace(b"line 10\n", b"line ten\n")
    fates = run(tmp_path, {"f.c": BASE}, {"f.c": FIXED}, FIX, diff({"f.c": FIXED}, {"f.c": second}))
    assert [fate.patch_class for fate in fates] == [PatchClass.MERGED, PatchClass.UNTOUCHED]


def test_attack_a_cve_fix_whose_look_alike_is_upstream_is_not_dropped(tmp_path: Path) -> None:
    """Upstream fixed a second function in the same words and rewrote the first: the fix must not count as merged."""
    body = b"{\n  int n;\n  read(&n);\n  copy(n);\n  done();\n  leave();\n}\n"
    safe = body.replace(b"  copy(n);\n", b"  check(n);\n  copy(n);\n")
    old = b"void first(void)\n" + body + numbered(20) + b"void second(void)\n" + body
    fixed = old.replace(body, safe, 1)
    new = (
        b"void first(void)\n{\n  int n = get();\n  copy(n); /* fast */\n}\n"
        + numbered(20)
        + b"void second(void)\n"
        + safe
    )
    (fate,) = run(
        tmp_path, {"f.c": old}, {"f.c": new}, diff({"f.c": old}, {"f.c": fixed}), names=("CVE-2024-12345.patch",)
    )
    assert fate.patch_class is PatchClass.FAILED
    (plain,) = run(tmp_path, {"f.c": old}, {"f.c": new}, diff({"f.c": old}, {"f.c": fixed}))
    assert plain.patch_class is PatchClass.FAILED


def test_a_cve_fix_needs_both_proofs_and_names_its_commit(tmp_path: Path) -> None:
    """Upstream has the lines, but the old sources had them elsewhere too: not newly there, so it is not proved twice."""
    (fate,) = run(
        tmp_path, {"f.c": BASE}, {"f.c": FIXED}, b"CVE-2024-1111\nhttps://example.org/p/commit/abcdef012345\n" + FIX
    )
    assert fate.patch_class is PatchClass.MERGED
    assert "abcdef012345" in str(fate.proof)
    twice = BASE + b"line thirty\n"
    patch = diff({"f.c": twice}, {"f.c": twice.replace(b"line 30\n", b"line thirty\n")})
    new = twice.replace(b"line 30\n", b"line thirty\n").removesuffix(b"line thirty\n") + b"gone\n"
    (doubtful,) = run(tmp_path, {"f.c": twice}, {"f.c": new}, b"CVE-2024-1111\n" + patch)
    assert doubtful.patch_class is PatchClass.FAILED
    assert "proved twice" in str(doubtful.proof)
    (plain,) = run(tmp_path, {"f.c": twice}, {"f.c": new}, patch)
    assert plain.patch_class is PatchClass.MERGED


def test_a_cve_fix_is_merged_though_upstream_went_on_right_beside_it(tmp_path: Path) -> None:
    fixed = BASE.replace(b"line 30\n", b"check the length\nline 30\n")
    patch = diff({"f.c": BASE}, {"f.c": fixed})
    new = fixed.replace(b"line 29\n", b"line twenty-nine\n")
    (fate,) = run(tmp_path, {"f.c": BASE}, {"f.c": new}, patch, names=("CVE-2024-1234.patch",))
    assert fate.patch_class is PatchClass.MERGED
    assert "each at its own place" in str(fate.proof)
    beside = BASE.replace(b"line 29\n", b"line twenty-nine\n").replace(b"line 30\n", b"check the width\nline 30\n")
    (kept,) = run(tmp_path, {"f.c": BASE}, {"f.c": beside}, patch, names=("CVE-2024-1234.patch",))
    assert kept.patch_class is PatchClass.FAILED


def test_attack_a_part_of_a_cve_fix_that_is_gone_without_proof_is_not_dropped(tmp_path: Path) -> None:
    """The first half is upstream's, but its line stood elsewhere before: it is not proved to be newly there."""
    old = BASE + b"line thirty\n"
    fixed = old.replace(b"line 30\n", b"line thirty\n", 1).replace(b"line 10\n", b"line ten\n")
    new = old.replace(b"line 30\n", b"line thirty\n", 1).removesuffix(b"line thirty\n") + b"gone\n"
    patch = diff({"f.c": old}, {"f.c": fixed})
    (fate,) = run(tmp_path, {"f.c": old}, {"f.c": new}, patch, names=("CVE-2024-1234.patch",))
    assert fate.patch_class is PatchClass.FAILED
    assert "a part of this fix for CVE-2024-1234 is not left" in str(fate.proof)
    (plain,) = run(tmp_path, {"f.c": old}, {"f.c": new}, patch)
    assert plain.patch_class is PatchClass.REBASED


def test_a_deletion_without_context_proves_nothing(tmp_path: Path) -> None:
    gone = BASE.replace(b"line 30\n", b"")
    (bare,) = run(tmp_path, {"f.c": BASE}, {"f.c": gone}, diff({"f.c": BASE}, {"f.c": gone}, context=0))
    assert bare.patch_class is not PatchClass.UNTOUCHED
    (held,) = run(tmp_path, {"f.c": BASE}, {"f.c": gone}, diff({"f.c": BASE}, {"f.c": gone}))
    assert held.patch_class is PatchClass.MERGED


def test_created_and_removed_files_are_carried_and_recognised(tmp_path: Path) -> None:
    old = {"f.c": BASE, "gone.c": b"x\n"}
    patch = diff(old, {"f.c": BASE, "new.c": b"n\n"})
    assert run(tmp_path, old, {**old, "f.c": FIXED}, patch)[0].patch_class is PatchClass.UNTOUCHED
    assert run(tmp_path, old, {"f.c": FIXED, "new.c": b"n\n"}, patch)[0].patch_class is PatchClass.MERGED
    half = run(tmp_path, old, {"f.c": BASE, "gone.c": b"x\n", "new.c": b"n\n"}, patch)[0]
    assert half.patch_class is PatchClass.REBASED
    assert half.content is not None
    assert b"gone.c" in half.content
    assert b"new.c" not in half.content


def test_a_removal_that_upstream_took_is_merged_though_another_file_looks_like_it(tmp_path: Path) -> None:
    old, new = {"a.conf": BASE, "f.c": BASE}, {"b.conf": BASE, "f.c": BASE}
    (fate,) = run(tmp_path, old, new, diff(old, new))
    assert fate.patch_class is PatchClass.MERGED, str(fate.proof)


def test_a_fuzzy_patch_needs_none_afterwards(tmp_path: Path) -> None:
    fuzzy = FIX.replace(b" line 27\n", b" line OTHER\n")
    (fate,) = run(tmp_path, {"f.c": BASE}, {"f.c": BASE}, fuzzy)
    assert fate.patch_class is PatchClass.REBASED
    assert fate.content == FIX
    assert "fuzz of 1" in str(fate.proof)


def test_a_mailbox_keeps_what_is_left_of_it(tmp_path: Path) -> None:
    def mail(number: int, old: bytes, new: bytes) -> bytes:
        head = b"From %040x Mon Sep 17 00:00:00 2001\nSubject: [PATCH %d/2] x\n\n---\n" % (number + 15, number)
        return head + diff({"f.c": old}, {"f.c": new}, git=True) + b"-- \n2.30\n\n"

    second = FIXED.replace(b"line 10\n", b"line ten\n")
    (fate,) = run(tmp_path, {"f.c": BASE}, {"f.c": FIXED}, mail(1, BASE, FIXED) + mail(2, FIXED, second))
    assert fate.patch_class is PatchClass.REBASED
    assert fate.content == mail(2, FIXED, second)


def test_the_style_of_a_plain_diff_is_kept(tmp_path: Path) -> None:
    new = BASE.replace(b"line 28\n", b"line twenty-eight\n")
    text = diff({"f.c": BASE}, {"f.c": FIXED}, context=2)
    text = text.replace(b"--- a/f.c", b"--- p.orig/f.c\t2020-01-01").replace(b"+++ b/f.c", b"+++ p/f.c\t2020-01-02")
    text = b"fix\n\nIndex: p/f.c\n" + b"=" * 67 + b"\n" + text
    (fate,) = run(tmp_path, {"f.c": BASE}, {"f.c": new}, text)
    assert fate.patch_class is PatchClass.REBASED
    expected = diff({"f.c": new}, {"f.c": new.replace(b"line 30\n", b"line thirty\n")}, context=2)
    assert fate.content == text[: text.index(b"@@")] + expected[expected.index(b"@@") :]


def test_attack_attributes_and_git_folders_of_an_archive_change_nothing(tmp_path: Path) -> None:
    hostile = {
        ".gitattributes": b"* merge=union filter=evil diff=evil text eol=crlf ident working-tree-encoding=UTF-16\n",
        ".git/config": b'[core]\n\thooksPath = hooks\n[filter "evil"]\n\tclean = touch '
        + bytes(tmp_path / "owned")
        + b"\n",
        ".git/hooks/pre-commit": b"#!/bin/sh\ntouch " + bytes(tmp_path / "owned") + b"\n",
        ".gitmodules": b'[submodule "x"]\n\tpath = x\n\turl = ext::touch\n',
    }
    touch = diff(
        {"f.c": BASE, ".gitattributes": hostile[".gitattributes"]}, {"f.c": FIXED, ".gitattributes": b"* merge=union\n"}
    )
    new = BASE.replace(b"line 30\n", b"line XXX\n")
    (fate,) = run(tmp_path, {"f.c": BASE, **hostile}, {"f.c": new, **hostile}, touch)
    assert fate.patch_class is PatchClass.FAILED
    assert fate.conflicts == ("f.c",)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("name", [b"caf\xe9.c", b"\x1b[31mred.c", b"a" * 200 + b".c"])
def test_attack_names_that_are_no_text_do_not_reach_the_records(tmp_path: Path, name: bytes) -> None:
    quoted = b'"b/' + b"".join(b"\\%03o" % byte for byte in name) + b'"'
    patch = FIX.replace(b"a/f.c", quoted).replace(b"b/f.c", quoted)
    (absent,) = run(tmp_path, {"f.c": BASE}, {"f.c": BASE}, patch)
    assert absent.patch_class is PatchClass.FAILED
    text = name.decode("utf-8", "surrogateescape")
    if name.isascii() and b"\x1b" in name:
        return  # an archive with such a name is refused as a whole
    fates = run(tmp_path, {text: BASE}, {text: BASE.replace(b"line 30\n", b"x\n")}, patch)
    for fate in (absent, *fates):
        assert fate.conflicts
        for said in (str(fate.proof), *fate.conflicts):
            said.encode()
            assert said.isprintable()


def test_attack_a_link_in_the_sources_is_not_patched_through(tmp_path: Path) -> None:
    target = tmp_path / "victim"
    target.write_bytes(BASE)
    path = tmp_path / "link.tar"
    with tarfile.open(path, "w") as tar:
        for name, link in (("pkg/d", "inside"), ("pkg/f.c", "inside/f.c")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, link
            tar.addfile(info)
        info = tarfile.TarInfo("pkg/inside/f.c")
        info.size = len(BASE)
        tar.addfile(info, io.BytesIO(BASE))
    for patch in (FIX, FIX.replace(b"f.c", b"d/f.c")):
        (fate,) = carry(path, path, [PatchInput(1, "p", patch, 1)], tmp_path / "scratch")
        assert fate.patch_class is PatchClass.FAILED
        assert "no such file" in str(fate.proof)


def test_a_scratch_left_by_a_killed_run_is_started_afresh(tmp_path: Path) -> None:
    (tmp_path / "scratch" / "history.git" / "refs").mkdir(parents=True)
    (tmp_path / "scratch" / "old").mkdir()
    (tmp_path / "scratch" / "old" / "junk").write_bytes(b"x")
    (fate,) = run(tmp_path, {"f.c": BASE}, {"f.c": BASE}, FIX)
    assert fate.patch_class is PatchClass.UNTOUCHED


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    new = BASE.replace(b"line 28\n", b"line twenty-eight\n")
    first = run(tmp_path, {"f.c": BASE}, {"f.c": new}, diff({"f.c": BASE}, {"f.c": FIXED}, git=True))
    assert first == run(tmp_path, {"f.c": BASE}, {"f.c": new}, diff({"f.c": BASE}, {"f.c": FIXED}, git=True))
    assert first[0].patch_class is PatchClass.REBASED
