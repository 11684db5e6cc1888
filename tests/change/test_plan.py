from __future__ import annotations

from dataclasses import replace

import pytest

from headrace.change.model import ChangeError
from headrace.change.plan import Wish, plan_upgrade
from headrace.package.model import PackageError, PackageTree
from headrace.upstream.model import Announcement, Artefact
from headrace.words import Message

SPEC = b"""Name: demo
Version: 1.0
Release: 2
Summary: x
License: MIT
Source0: https://demo.example/demo-%{version}.tar.gz
Source1: demo.conf
Patch0: fix.patch

%description
x

%prep
%autosetup -p1

%changelog
* Mon Jan 05 2026 A <a@x.example> - 1.0-2
- x
"""
TREE = PackageTree(
    "demo",
    "c1",
    {"demo.spec": SPEC, "demo.conf": b"x", "fix.patch": b"", "sources": b"SHA512 (demo-1.0.tar.gz) = " + b"a" * 128},
)
WISH = Wish(TREE, "master", "1.1", "v1.1", Message("the newest"), "Headrace <h@x.example>", 1_767_700_000)


def announced(version: str, *names: str, kind: str = "archive") -> Announcement:
    artefacts = tuple(Artefact(f"https://up.example/{name}", name, {"sha256": "b" * 64}, kind=kind) for name in names)
    return Announcement(version, f"v{version}", artefacts=artefacts, commit="f" * 40)


def test_a_plan_names_every_source_with_its_voucher_and_every_patch() -> None:
    plan = plan_upgrade(
        WISH, [announced("1.0", "demo-1.0.tar.gz"), announced("1.1", "demo-1.1.tar.gz", "demo-1.1.zip")], ()
    )
    assert (plan.from_evr, plan.to_evr, plan.base, plan.patches) == ("1.0-2", "1.1-1", "c1", ("fix.patch",))
    old, local = plan.old_sources
    assert (old.pinned, set(old.digests)) == ("package", {"sha512", "sha256"})
    assert local.kind == "local"
    new = plan.new_sources[0]
    assert (new.filename, new.url, new.pinned) == ("demo-1.1.tar.gz", "https://up.example/demo-1.1.tar.gz", "registry")
    assert [edit.new for edit in plan.edits if edit.old and edit.old.startswith("Version")] == ["Version: 1.1"]
    assert all(str(edit.reason) for edit in plan.edits)


def test_an_archive_under_another_name_is_taken_when_it_is_the_only_one_of_its_kind() -> None:
    plan = plan_upgrade(WISH, [announced("1.1", "Demo_1.1.orig.tar.gz")], ())
    assert plan.new_sources[0].url == "https://up.example/Demo_1.1.orig.tar.gz"


def test_two_archives_that_might_be_meant_are_not_guessed_between() -> None:
    plan = plan_upgrade(WISH, [announced("1.1", "a-1.1.tar.gz", "b-1.1.tar.gz")], ())
    assert plan.new_sources[0].url == "https://demo.example/demo-1.1.tar.gz", "the spec's own address stands"
    assert plan.new_sources[0].pinned == ""


def test_a_tag_becomes_an_archive_made_from_its_commit() -> None:
    plan = plan_upgrade(WISH, [announced("1.1", "demo.git", kind="git")], ())
    assert (plan.new_sources[0].kind, plan.new_sources[0].tag, plan.new_sources[0].commit) == ("git", "v1.1", "f" * 40)


def test_a_source_that_nobody_can_give_is_a_sentence() -> None:
    spec = SPEC.replace(b"https://demo.example/", b"")
    tree = PackageTree("demo", "c1", {**TREE.files, "demo.spec": spec})
    with pytest.raises(ChangeError, match="nothing says where demo-1.1.tar.gz of demo comes from"):
        plan_upgrade(replace(WISH, tree=tree), [], ())


def test_a_patch_that_is_declared_and_missing_is_a_sentence() -> None:
    files = {path: content for path, content in TREE.files.items() if path != "fix.patch"}
    with pytest.raises(PackageError, match=r"fix.patch is declared but not in the package"):
        plan_upgrade(replace(WISH, tree=replace(TREE, files=files)), [announced("1.1", "demo-1.1.tar.gz")], ())


def test_the_same_wish_gives_the_same_plan() -> None:
    made = [announced("1.1", "demo-1.1.tar.gz")]
    assert plan_upgrade(WISH, made, ()) == plan_upgrade(WISH, made, ())
