"""Each check on its own item: what spoils it is found, named and weighed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from evidence.pond import ENTRY, PATCHES, build, rpm, spec
from headrace.change.model import Plan
from headrace.evidence.checks import CHECKS
from headrace.evidence.model import Build, BuildStatus, Case, Finding, Result, RpmFile, Strength
from headrace.package.model import PatchClass, PatchFate, SourceFile
from headrace.words import Message


def run(name: str, case: Case) -> tuple[Finding, ...]:
    return CHECKS[name](case)


def results(findings: Iterable[Finding]) -> set[Result]:
    return {each.result for each in findings}


def said(findings: Iterable[Finding]) -> str:
    return "\n".join(f"{each.where}: {each.remark} {each.details}" for each in findings)


# --- the build


@pytest.mark.parametrize("status", [BuildStatus.FAILED, BuildStatus.TIMEOUT, BuildStatus.MEMORY, BuildStatus.DISK])
def test_a_new_version_that_does_not_build_is_a_blocker(case: Case, status: BuildStatus) -> None:
    failed = replace(build("1.1"), status=status, rpms=(), reason=Message("%build failed: no such header"))
    found = run("build", replace(case, new_build=failed))
    assert results(found) == {Result.BLOCKER}
    assert "no such header" in said(found)


def test_a_build_that_nobody_could_try_is_not_judged(case: Case) -> None:
    refused = replace(build("1.1"), status=BuildStatus.REFUSED, rpms=(), reason=Message("no worker for riscv64"))
    found = run("build", replace(case, new_build=refused))
    assert results(found) == {Result.NOT_JUDGED}
    assert "no worker for riscv64" in said(found)


def test_a_build_on_the_hosts_root_says_that_it_is_weaker(case: Case) -> None:
    (finding,) = run("build", case)
    assert finding.strength is Strength.HOST_ROOT
    assert "host's root" in str(finding.remark)
    clean = replace(build("1.1"), strength=Strength.CLEAN_BUILDROOT)
    (strong,) = run("build", replace(case, new_build=clean))
    assert strong.strength is Strength.CLEAN_BUILDROOT
    assert "host" not in str(strong.remark)


def test_a_build_without_packages_is_not_judged(case: Case) -> None:
    assert results(run("build", replace(case, new_build=replace(build("1.1"), rpms=())))) == {Result.NOT_JUDGED}


def test_a_lost_selftest_is_a_concern(case: Case) -> None:
    without = case.new_spec.replace(b"%check\nmake check\n", b"")
    assert results(run("selftest", replace(case, new_spec=without))) == {Result.CONCERN}
    neither = replace(case, new_spec=without, old_spec=case.old_spec.replace(b"%check\nmake check\n", b""))
    assert results(run("selftest", neither)) == {Result.NOT_APPLICABLE}
    failed: Build = replace(build("1.1"), status=BuildStatus.FAILED)
    assert results(run("selftest", replace(case, new_build=failed))) == {Result.NOT_JUDGED}


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        (None, None, Result.PASS),
        (None, (5, 0, 0), Result.PASS),
        ((100, 0, 0), (90, 0, 3), Result.PASS),
        ((100, 0, 0), (20, 0, 80), Result.CONCERN),
        ((100, 0, 0), (0, 0, 0), Result.CONCERN),
        ((100, 0, 0), (100, 1, 0), Result.CONCERN),
    ],
)
def test_tests_that_vanish_are_a_concern(
    case: Case, old: tuple[int, int, int] | None, new: tuple[int, int, int] | None, result: Result
) -> None:
    counted = replace(case, old_build=replace(build("1.0"), tests=old), new_build=replace(build("1.1"), tests=new))
    assert results(run("selftest", counted)) == {result}


# --- EVR


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        ("1.0", "1.1", Result.PASS),
        ("1.0", "1.0", Result.BLOCKER),
        ("1.0", "1.0~rc1", Result.BLOCKER),
        ("1.1.1w", "1.1.1k", Result.BLOCKER),
        ("1.9", "1.10", Result.PASS),
    ],
)
def test_the_evr_must_grow_in_rpms_order(case: Case, old: str, new: str, result: Result) -> None:
    specs = replace(case, old_spec=spec(old), new_spec=spec(new), new_rpms=(rpm(new),))
    assert results(run("evr-grows", specs)) == {result}


def test_a_release_that_cannot_be_read_is_not_judged(case: Case) -> None:
    shell = case.new_spec.replace(b"Release: 1", b"Release: %(date +%s)")
    assert results(run("evr-grows", replace(case, new_spec=shell))) == {Result.NOT_JUDGED}


def test_packages_of_another_evr_are_a_concern(case: Case) -> None:
    found = run("evr-grows", replace(case, new_rpms=(rpm("1.0"),)))
    assert Result.CONCERN in results(found)
    assert "pond-1.0-1.x86_64" in said(found)


@pytest.mark.parametrize(
    ("release", "result"), [("1", {Result.PASS}), ("0.2.rc1", {Result.PASS}), ("3", {Result.PASS, Result.CONCERN})]
)
def test_a_new_version_resets_the_release(case: Case, release: str, result: set[Result]) -> None:
    new = case.new_spec.replace(b"Release: 1", f"Release: {release}".encode())
    assert results(run("evr-grows", replace(case, new_spec=new, new_rpms=()))) == result


def test_a_new_epoch_without_need_is_a_concern(case: Case) -> None:
    epoch = replace(case, new_spec=case.new_spec.replace(b"Release:", b"Epoch: 1\nRelease:"), new_rpms=())
    assert Result.CONCERN in results(run("evr-grows", epoch))


# --- changelog


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("", "0 new entries"),
        (ENTRY + ENTRY.replace("Wed Jan 10", "Tue Jan  9"), "2 new entries"),
        (ENTRY.replace("Wed", "Thu"), "weekday"),
        (ENTRY.replace("Jan", "Foo"), "cannot be read"),
        (ENTRY.replace(" <ann@example.org>", ""), "e-mail"),
        (ENTRY.replace("1.1-1", "1.2-1"), "names 1.2-1, the spec is 1.1-1"),
        (ENTRY.replace(" - 1.1-1", ""), "names no EVR"),
        (ENTRY.replace("Wed Jan 10 2024", "Tue Jan 10 2023"), "older than the one below"),
        (ENTRY.replace("- upgrade to 1.1\n", "-\n"), "says nothing"),
    ],
)
def test_faults_of_the_changelog(case: Case, entry: str, words: str) -> None:
    found = run("changelog", replace(case, new_spec=spec(changelog=entry)))
    assert results(found) == {Result.CONCERN}
    assert words in said(found)


def test_the_distributions_suffix_may_be_left_out_of_the_changelog(case: Case) -> None:
    assert results(run("changelog", replace(case, macros="%dist .pd1\n"))) == {Result.PASS}


def test_an_old_entry_that_was_changed_is_a_concern(case: Case) -> None:
    found = run("changelog", replace(case, new_spec=case.new_spec.replace(b"- start", b"- never")))
    assert results(found) == {Result.CONCERN}


def test_an_epoch_belongs_into_the_changelog(case: Case) -> None:
    with_epoch = case.new_spec.replace(b"Release:", b"Epoch: 2\nRelease:")
    assert results(run("changelog", replace(case, new_spec=with_epoch))) == {Result.CONCERN}
    named = with_epoch.replace(b" - 1.1-1", b" - 2:1.1-1")
    assert results(run("changelog", replace(case, new_spec=named))) == {Result.PASS}


def test_a_changelog_of_the_build_system_is_not_for_us(case: Case) -> None:
    head = case.new_spec.partition(b"%changelog\n")[0]
    automatic = replace(case, new_spec=head + b"%changelog\n%autochangelog\n")
    assert results(run("changelog", automatic)) == {Result.NOT_APPLICABLE}


# --- patches


def test_a_declared_patch_that_is_not_there_is_a_blocker(case: Case) -> None:
    found = run("patches-declared", replace(case, tree_paths=("pond.spec",)))
    assert results(found) == {Result.BLOCKER}
    assert "keep.patch" in said(found)


def test_a_patch_file_that_nobody_declares_is_a_concern(case: Case) -> None:
    found = run("patches-declared", replace(case, tree_paths=(*case.tree_paths, "forgotten.patch")))
    assert results(found) == {Result.CONCERN}
    assert "forgotten.patch" in said(found)


def test_a_patch_that_is_no_longer_applied_is_a_blocker(case: Case) -> None:
    found = run("patches-applied", replace(case, new_spec=case.new_spec.replace(b"%autosetup -p1", b"%setup -q")))
    assert results(found) == {Result.BLOCKER}
    assert "keep.patch" in said(found)


def test_a_new_patch_that_is_not_applied_is_a_concern(case: Case) -> None:
    new = case.new_spec.replace(b"%autosetup -p1", b"%setup -q\n%patch1 -p1").replace(
        b"Patch1: keep.patch", b"Patch1: keep.patch\nPatch2: new.patch"
    )
    assert results(run("patches-applied", replace(case, new_spec=new))) == {Result.CONCERN}


def test_attack_a_cve_fix_dropped_without_proof_is_a_blocker(case: Case) -> None:
    keep = case.patches[1]
    for fate in (
        None,
        PatchFate(0, "CVE-2023-12345.patch", PatchClass.UNTOUCHED, Message("applies")),
        PatchFate(0, "CVE-2023-12345.patch", PatchClass.FAILED, Message("does not apply")),
    ):
        found = run("patches-merged", replace(case, patches=(fate, keep) if fate else (keep,)))
        assert Result.BLOCKER in results(found)
        assert "CVE-2023-12345.patch" in said(found)


def test_an_ordinary_patch_dropped_without_proof_is_a_concern(case: Case) -> None:
    gone = replace(case, new_spec=spec(patches=""))
    found = run("patches-merged", gone)
    assert results(found) == {Result.PASS, Result.CONCERN}
    assert "keep.patch is gone" in said(found)


def test_a_merged_patch_that_is_still_declared_is_a_concern(case: Case) -> None:
    found = run("patches-merged", replace(case, new_spec=spec(patches=PATCHES)))
    assert Result.CONCERN in results(found)


def test_every_patch_and_its_class_is_told(case: Case) -> None:
    found = run("patches-merged", case)
    assert [(each.where, each.details[0]) for each in found] == [
        ("CVE-2023-12345.patch", "merged upstream"),
        ("keep.patch", "untouched"),
    ]


def test_a_package_without_patches_has_nothing_to_judge(case: Case) -> None:
    bare = replace(case, old_spec=spec("1.0", ""), new_spec=spec("1.1", ""), patches=(), tree_paths=("pond.spec",))
    for name in ("patches-declared", "patches-applied", "patches-merged"):
        assert results(run(name, bare)) == {Result.NOT_APPLICABLE}


# --- sources and licence


def test_a_source_that_nobody_vouches_for_is_a_concern(case: Case) -> None:
    loose = replace(case.sources[0], checked=(), unchecked=(Message("no signature published"),))
    found = run("source-identical", replace(case, sources=(loose,)))
    assert results(found) == {Result.CONCERN}
    assert "no signature published" in said(found)


def test_a_source_that_was_not_fetched_is_not_judged(case: Case) -> None:
    plan: Plan = replace(
        case.plan, new_sources=(*case.plan.new_sources, SourceFile("more.zip", "https://example.org/more.zip"))
    )
    assert results(run("source-identical", replace(case, plan=plan))) == {Result.PASS, Result.NOT_JUDGED}


def test_a_source_without_address_is_a_concern(case: Case) -> None:
    new = case.new_spec.replace(b"Source0: https://example.org/", b"Source0: elsewhere-")
    assert results(run("source-address", replace(case, new_spec=new))) == {Result.CONCERN}
    there = replace(case, new_spec=new, tree_paths=("elsewhere-pond-1.1.tar.gz",))
    assert results(run("source-address", there)) == {Result.PASS}


@pytest.mark.parametrize(
    ("tag", "result"),
    [
        ("MIT", {Result.PASS}),
        ("Apache-2.0", {Result.PASS, Result.CONCERN}),
        ("Proprietary", {Result.CONCERN}),
        ("MIT AND Proprietary", {Result.CONCERN}),
        ("MIT AND (", {Result.CONCERN}),
    ],
)
def test_licence_tags(case: Case, tag: str, result: set[Result]) -> None:
    new = case.new_spec.replace(b"License: MIT", b"License: " + tag.encode())
    assert results(run("licence", replace(case, new_spec=new))) == result


def test_a_lost_licence_text_is_a_concern(case: Case) -> None:
    package = rpm("1.1")
    without = replace(package, files=tuple(each for each in package.files if "license" not in each.flags))
    assert Result.CONCERN in results(run("licence", replace(case, new_rpms=(without,))))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("curl -O https://example.org/x", "network"),
        ("git clone https://example.org/x", "network"),
        ("pip install flit", "network"),
        ("npm install", "network"),
        ("%global today %(date)", "while the spec is read"),
        ("sudo make install", "more rights"),
        ("chmod -R 777 .", "more rights"),
    ],
)
def test_bad_habits_are_found_only_where_they_are_new(case: Case, line: str, words: str) -> None:
    def with_line(data: bytes) -> bytes:
        return data.replace(b"%autosetup -p1\n", b"%autosetup -p1\n" + line.encode() + b"\n")

    new = replace(case, new_spec=with_line(case.new_spec))
    found = run("spec-hygiene", new)
    assert results(found) == {Result.CONCERN}
    assert words in said(found)
    assert results(run("spec-hygiene", replace(new, old_spec=with_line(case.old_spec)))) == {Result.PASS}


@pytest.mark.parametrize(
    "line", ["pip install --no-index --no-deps .", "npm ci --offline", "make install", "echo curling", "# curl x"]
)
def test_ordinary_lines_are_no_bad_habits(case: Case, line: str) -> None:
    new = case.new_spec.replace(b"%autosetup -p1\n", b"%autosetup -p1\n" + line.encode() + b"\n")
    assert results(run("spec-hygiene", replace(case, new_spec=new))) == {Result.PASS}


def test_attack_a_line_without_end_is_a_concern_and_costs_no_time(case: Case) -> None:
    long = b"npm install " * 100_000
    new = case.new_spec.replace(b"%autosetup -p1\n", b"%autosetup -p1\n" + long + b"\n")
    found = run("spec-hygiene", replace(case, new_spec=new))
    assert results(found) == {Result.CONCERN}
    assert "too long to be read" in said(found)


# --- the tree


@pytest.mark.parametrize("stray", ["pond.spec~", "keep.patch.orig", "x.rej", ".pond.spec.swp", ".idea/x", "a/core"])
def test_leftovers_are_found(case: Case, stray: str) -> None:
    found = run("stray-files", replace(case, tree_paths=(*case.tree_paths, stray)))
    assert results(found) == {Result.CONCERN}
    assert stray in said(found)


@pytest.mark.parametrize("binary", ["x.pyc", "lib/x.jar", "driver.ko", "x.so.1.2", "vendor.tar.gz", "Tool.EXE"])
def test_compiled_files_and_strange_archives_are_found(case: Case, binary: str) -> None:
    found = run("binaries", replace(case, tree_paths=(*case.tree_paths, binary)))
    assert results(found) == {Result.CONCERN}
    assert binary in said(found)


def test_the_fetched_archive_may_lie_in_the_tree(case: Case) -> None:
    found = run("binaries", replace(case, tree_paths=(*case.tree_paths, "pond-1.1.tar.gz")))
    assert results(found) == {Result.PASS}


# --- differences reach the findings


def test_a_removed_command_is_a_concern_that_names_it(case: Case) -> None:
    package = rpm("1.1")
    without = replace(package, files=package.files[1:])
    found = run("difference-files", replace(case, new_rpms=(without,)))
    assert [(each.result, each.where) for each in found] == [(Result.CONCERN, "/usr/bin/pond")]
    assert found[0].strength is Strength.HOST_ROOT


def test_an_added_file_is_a_note_inside_a_pass(case: Case) -> None:
    package = rpm("1.1")
    more = replace(package, files=(*package.files, RpmFile("/usr/share/pond/new", 0o100644, "root", "root", 1, "ee")))
    (finding,) = run("difference-files", replace(case, new_rpms=(more,)))
    assert finding.result is Result.PASS
    assert finding.details == ("/usr/share/pond/new: added (file 0644 in pond)",)


def test_a_flood_of_differences_is_cut_but_counted(case: Case) -> None:
    many = tuple(RpmFile(f"/usr/bin/tool{number}", 0o100755, "root", "root", 1, "x") for number in range(60))
    old = replace(rpm("1.0"), files=(*rpm("1.0").files, *many))
    found = run("difference-files", replace(case, old_rpms=(old,)))
    assert len(found) < 30
    assert sum(len(each.details) for each in found) == 60
