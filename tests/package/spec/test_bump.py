"""Edits: the lines that must change and no other."""

import datetime as dt

import pytest

from headrace.package.model import PackageError
from headrace.package.spec.bump import Bumped, ChangelogEntry, SpecError, bump

ENTRY = ChangelogEntry("Ada Lin <ada@example.org>", dt.date(2024, 3, 5), ("Upgrade",))


def spec(version: str = "1.2.3", release: str = "4%{?dist}", head: str = "", more: str = "", log: str = "") -> bytes:
    return (
        f"{head}Name: lamp\nVersion: {version}\nRelease: {release}\nSummary: Lamp\nLicense: MIT\n"
        f"{more}\n%description\nLight.\n\n%prep\n%autosetup -p1\n\n%changelog\n{log}"
    ).encode()


def lines(bumped: Bumped) -> list[tuple[str, str]]:
    return [(edit.old, edit.new) for edit in bumped.edits]


def test_version_and_release_and_nothing_else() -> None:
    bumped = bump(spec(), "1.3.0")
    assert lines(bumped) == [("Version: 1.2.3", "Version: 1.3.0"), ("Release: 4%{?dist}", "Release: 1%{?dist}")]
    assert (bumped.from_evr, bumped.to_evr) == ("1.2.3-4", "1.3.0-1")


@pytest.mark.parametrize(
    ("version", "head", "to", "changed"),
    [
        ("%{ver}", "%global ver 1.2.3\n", "2.0", [("%global ver 1.2.3", "%global ver 2.0")]),
        (
            "%{major}.%{minor}.%{patch}",
            "%define major 1\n%define minor 2\n%define patch 3\n",
            "1.4.0",
            [("%define minor 2", "%define minor 4"), ("%define patch 3", "%define patch 0")],
        ),
        ("%{series}.3", "%global series 1.2\n", "1.3.3", [("%global series 1.2", "%global series 1.3")]),
    ],
)
def test_version_where_it_is_defined(version: str, head: str, to: str, changed: list[tuple[str, str]]) -> None:
    assert lines(bump(spec(version, "1", head), to)) == changed


def test_changelog_in_the_style_of_the_newest_entry() -> None:
    log = (
        "*   Mon Jan 01 2024 Bo <bo@example.org> 1.2.3-4\n-   Light\n"
        "*   Fri Dec 01 2023 Bo <bo@example.org> 1.2.3-3\n-   Dark\n"
    )
    bumped = bump(spec(log=log), "1.3", entry=ENTRY)
    assert bumped.edits[-1].new == "*   Tue Mar 05 2024 Ada Lin <ada@example.org> 1.3-1\n-   Upgrade"


def test_version_that_cannot_be_known_is_refused() -> None:
    with pytest.raises(SpecError, match="never run"):
        bump(spec("%(touch /tmp/x; echo 1)"), "2.0")


BETA = "%global base 1.0\n%global beta 2\n"
STATE = "20240101git%{shortcommit}"
PRE = "%global pre rc1\n"


@pytest.mark.parametrize(
    ("version", "release", "head", "to", "changed"),
    [
        ("2.0%{?pre:~%{pre}}", "1", PRE, "2.0~rc2", [("%global pre rc1", "%global pre rc2")]),
        ("2.0%{?pre:~%{pre}}", "1", PRE, "2.0", [("%global pre rc1", "#global pre rc1")]),
        ("2.0%{?pre:~%{pre}}", "1", PRE, "2.1", [("%global pre rc1", "#global pre rc1"), ("2.0%{?pre", "2.1%{?pre")]),
        (
            "2.0%{?pre:~%{pre}}",
            "1",
            "#global pre rc1\n",
            "2.1rc3",
            [("#global pre rc1", "%global pre rc3"), ("2.0%", "2.1%")],
        ),
        (
            "%{base}~beta.%{beta}",
            "1",
            "%global base 1.0\n%global beta 2\n",
            "1.0.8",
            [("base 1.0", "base 1.0.8"), ("~beta.%{beta}", "")],
        ),
        ("1.0^%{day}git", "1", "%global day 20240101\n", "1.1", [("1.0^%{day}git", "1.1")]),
        ("1.0~rc1", "3", "", "1.0", [("1.0~rc1", "1.0"), ("Release: 3", "Release: 1")]),
        ("2.0.0", "3", "", "2.1.0-rc1", [("2.0.0", "2.1.0~rc1"), ("Release: 3", "Release: 1")]),
        ("2.0.0", "3", "", "2.1.0b2", [("2.0.0", "2.1.0~b2"), ("Release: 3", "Release: 1")]),
        ("2.0b1", "1", "", "2.0b2", [("2.0b1", "2.0b2")]),
        ("0.1.1alpha", "1", "", "0.1.2alpha", [("0.1.1alpha", "0.1.2alpha")]),
        ("7.1.1.14", "1", "", "7.1.1-15", [("7.1.1.14", "7.1.1.15")]),
        ("7.1.1_14", "1", "", "7.1.2-1", [("7.1.1_14", "7.1.2_1")]),
        ("2.0", "1", "", "v2.1", [("2.0", "2.1")]),
        ("2.0rc1", "1", "", "2.0-rc2", [("2.0rc1", "2.0rc2")]),
        ("9.1p1", "1", "", "9.2p1", [("9.1p1", "9.2p1")]),
        ("2.0", "0.3.rc1%{?dist}", "", "2.1", [("2.0", "2.1"), ("0.3.rc1%", "1%")]),
        ("2.0", "%{?pre:0.}3%{?pre:.%{pre}}%{?dist}", PRE, "2.1", [("2.0", "2.1"), ("}3%", "}1%")]),
        ("2.0", f"0.3.{STATE}%{{?dist}}", "", "2.1", [("2.0", "2.1"), (f"0.3.{STATE}%", "1%")]),
        ("2.0", "4.%{gitdate}git%(echo x)%{?dist}", "", "2.1", [("2.0", "2.1"), ("4.%{gitdate}git%(echo x)%", "1%")]),
        ("2.0", "28%{?day:.%{day}git}%{?dist}", "", "2.1", [("2.0", "2.1"), ("28%{?day:.%{day}git}", "1")]),
        ("20240101", "0.3.svn%{?dist}", "", "20240202", [("20240101", "20240202"), ("0.3.svn%", "0.1.svn%")]),
        ("2.0", "%{rel}%{?dist}", "%global rel 7\n", "2.1", [("%global rel 7", "%global rel 1"), ("2.0", "2.1")]),
        ("2.0", "%autorelease", "", "2.1", [("2.0", "2.1")]),
        ("2.0", "%{autorelease -b 3}", "", "2.1", [("2.0", "2.1")]),
        ("2.0", "4%{?dist}.2", "", "2.1", [("2.0", "2.1"), ("4%{?dist}.2", "1%{?dist}")]),
        ("2.0", "4.1%{?dist}", "", "2.1", [("2.0", "2.1"), ("4.1%", "1%")]),
        ("%{version}", "1", "%define version 2.0\n", "2.1", [("%define version 2.0", "%define version 2.1")]),
        ("3.1.%{day}", "1", "%global day 20240101\n", "3.1.20250202", [("20240101", "20250202")]),
        ("%{y}%{m}", "1", "%global y 2024\n%global m 05\n", "202611", [("2024", "2026"), ("05", "11")]),
    ],
)
def test_conventions(version: str, release: str, head: str, to: str, changed: list[tuple[str, str]]) -> None:
    bumped = bump(spec(version, release, head), to)
    edits = bumped.edits
    assert len(edits) == len({edit.line for edit in edits})
    for old, new in changed:
        assert any(edit.old.replace(old, new) == edit.new and old in edit.old for edit in edits), (old, new, edits)
    assert sum(len(edit.old) - len(edit.new) for edit in edits) == sum(len(old) - len(new) for old, new in changed)


@pytest.mark.parametrize(
    ("version", "head", "to"),
    [
        ("%{y}%{m}", "%global y 2024\n%global m 05\n", "2026.1"),
        ("%{major}.%{major}", "%global major 1\n", "1.2"),
        ("%{lua:print(1)}", "", "2"),
        ("%{upper:a}", "", "B"),
        ("1.0", "", "not a version"),
        ("1.0", "", "1.1-2"),
        ("1.0", "", "%(id)"),
        ("1.0", "", ""),
    ],
)
def test_what_would_be_a_guess_is_refused(version: str, head: str, to: str) -> None:
    used_elsewhere = "URL: https://example.org/%{?y}%{?major}%{upper:a}\n"
    with pytest.raises(SpecError):
        bump(spec(version, "1", head, used_elsewhere), to)


@pytest.mark.parametrize(
    ("release", "grown"),
    [
        ("1", "2"),
        ("9%{?dist}", "10%{?dist}"),
        ("0.3.rc1%{?dist}", "0.4.rc1%{?dist}"),
        ("1%{?dist}.1", "1%{?dist}.2"),
        ("4.1%{?dist}", "4.2%{?dist}"),
        ("%{?pre:0.}3%{?pre:.%{pre}}%{?dist}", "%{?pre:0.}4%{?pre:.%{pre}}%{?dist}"),
    ],
)
def test_the_same_version_only_grows_the_release(release: str, grown: str) -> None:
    bumped = bump(spec("2.0", release, PRE), "2.0")
    assert lines(bumped) == [(f"Release: {release}", f"Release: {grown}")]


def test_text_that_repeats_the_version_follows() -> None:
    more = (
        "%global commit_tag v1.2.3\n%global under 1_2_3\nSource0: https://example.org/1.2/lamp-1.2.3/%{under}.tar.gz\n"
        "Source1: lamp-1.2.3.sig\nSource2: bulb-1.2.3.tar.gz\nSource3: https://example.org/%{commit_tag}/lamp.txt\n"
    )
    data = spec(more=more).replace(b"%autosetup -p1", b"%setup -q -n lamp-1.2.3\ncd lamp-1.2.3/src\necho lamp-1.2.3")
    text = bump(data, "1.3.0").data.decode()
    assert "https://example.org/1.3/lamp-1.3.0/%{under}.tar.gz" in text
    assert "%global under 1_3_0" in text
    assert "Source1: lamp-1.3.0.sig" in text
    assert "Source2: bulb-1.2.3.tar.gz" in text
    assert "%setup -q -n lamp-1.3.0\ncd lamp-1.3.0/src\necho lamp-1.2.3" in text


def test_a_source_that_does_not_follow_is_told() -> None:
    bumped = bump(spec(more="Source0: https://example.org/lamp.tar.gz\n"), "1.3.0")
    assert [str(note) for note in bumped.notes] == ["Source0 reads as before: https://example.org/lamp.tar.gz"]


FIRST = "# first, from Bo\nPatch1: a.patch\n"
SECOND = "# second\nPatch2: b.patch\n"
THIRD = "Patch3: c.patch\n"
BOTH = "# both of the next\n"
FOURTH = "Patch4: d.patch\n"
FIFTH = "Patch5: e.patch\n"
PATCHES = FIRST + SECOND + THIRD + BOTH + FOURTH + FIFTH


@pytest.mark.parametrize(
    ("drop", "left"),
    [
        ({1}, SECOND + THIRD + BOTH + FOURTH + FIFTH),
        ({3}, FIRST + SECOND + BOTH + FOURTH + FIFTH),
        ({4}, FIRST + SECOND + THIRD + BOTH + FIFTH),
        ({4, 5}, FIRST + SECOND + THIRD),
        ({1, 2, 3, 4, 5}, ""),
    ],
)
def test_dropped_patches(drop: set[int], left: str) -> None:
    prep = "".join(f"%patch{number} -p1\n" for number in range(1, 6))
    data = spec(more=PATCHES).replace(b"%autosetup -p1\n", prep.encode())
    expected = spec("1.3", "1%{?dist}", more=left).replace(
        b"%autosetup -p1\n", "".join(f"%patch{number} -p1\n" for number in range(1, 6) if number not in drop).encode()
    )
    assert bump(data, "1.3", drop_patches=drop).data == expected


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("%patch -P 1 -P 2 -p1", "%patch -P 2 -p1"),
        ("%patch 1 2 -p1", "%patch 2 -p1"),
        ("%patch -P1 -p1", ""),
        ("%autosetup -p1", "%autosetup -p1"),
    ],
)
def test_lines_that_apply_a_dropped_patch(line: str, left: str) -> None:
    data = spec(more="Patch1: a.patch\nPatch2: b.patch\n").replace(b"%autosetup -p1", line.encode())
    text = bump(data, "1.3", drop_patches=[1]).data.decode()
    assert text.partition("%prep\n")[2].partition("%changelog")[0].strip() == left


def test_a_patch_that_is_not_there_cannot_be_dropped() -> None:
    with pytest.raises(SpecError, match="no patch 7"):
        bump(spec(), "1.3", drop_patches=[7])


def test_a_suffix_macro_that_nothing_else_uses_gives_way() -> None:
    bumped = bump(spec("2.3.3%{op}", "1", "%define op op2\n"), "2.4.1")
    assert lines(bumped) == [("Version: 2.3.3%{op}", "Version: 2.4.1")]
    with pytest.raises(SpecError, match="without guessing"):
        bump(spec("2.3.3%{op}", "1", "%define op op2\n", "URL: https://example.org/%{op}\n"), "2.4.1")


def test_the_entry_goes_to_the_changelog_that_has_entries() -> None:
    data = spec(log="\n%changelog\n* Mon Jan 01 2024 Bo <bo@example.org> - 1.2.3-4\n- Light\n")
    text = bump(data, "1.3", entry=ENTRY).data.decode()
    assert text.endswith(
        "%changelog\n\n%changelog\n* Tue Mar 05 2024 Ada Lin <ada@example.org> - 1.3-1\n- Upgrade\n"
        "* Mon Jan 01 2024 Bo <bo@example.org> - 1.2.3-4\n- Light\n"
    )


def test_a_patch_whose_name_follows_the_version_is_told() -> None:
    bumped = bump(spec(more="Patch4: lamp-%{version}-glow.patch\n"), "1.3")
    assert "lamp-1.3-glow.patch" in str(bumped.notes[0])


def test_a_snapshot_moves_to_another_commit() -> None:
    old, new = "a1b2c3d" + "0" * 33, "f9e8d7c" + "1" * 33
    head = f"%global commit {old}\n%global shortcommit {old[:7]}\n%global day 20240101\n"
    bumped = bump(spec("1.0^%{day}git%{shortcommit}", "1", head), f"1.0^20250202git{new[:7]}", commit=new)
    assert [edit.new for edit in bumped.edits] == [
        f"%global commit {new}",
        f"%global shortcommit {new[:7]}",
        "%global day 20250202",
    ]
    assert (bumped.from_evr, bumped.to_evr) == (f"1.0^20240101git{old[:7]}-1", f"1.0^20250202git{new[:7]}-1")


@pytest.mark.parametrize("commit", ["abc", "g" * 40, "a" * 40])
def test_a_commit_that_cannot_be_set_is_refused(commit: str) -> None:
    with pytest.raises(PackageError):
        bump(spec(), "2.0", commit=commit)


FILES = "%files\n# lamp-1.2.3\n%{_libdir}/liblamp.so.1.2.3\n%{_docdir}/bulb-11.2.3/x\n"


def test_address_and_files_named_after_the_version_follow() -> None:
    data = spec(more="URL: https://example.org/lamp-1.2.3.tar.gz\n") + FILES.encode()
    bumped = bump(data, "1.3.0")
    assert b"URL: https://example.org/lamp-1.3.0.tar.gz\n" in bumped.data
    assert bumped.data.endswith(FILES.replace("so.1.2.3", "so.1.3.0").encode())


def test_files_stay_where_the_build_names_the_version_itself() -> None:
    data = spec(more="%build\nmake DOCS=share/doc/lamp-1.2.3\n") + FILES.encode()
    assert bump(data, "1.3.0").data.endswith(FILES.encode())


def test_a_dropped_block_leaves_one_blank_line() -> None:
    data = spec(more="Source0: a\n\n# glow\nPatch1: a.patch\nPatch2: b.patch\n\nBuildRequires: gcc\n")
    text = bump(data, "1.3", drop_patches=[1, 2]).data.decode()
    assert "Source0: a\n\nBuildRequires: gcc\n" in text


def test_a_folder_that_may_name_a_series_is_left_when_a_part_is_added() -> None:
    data = spec("1.16", more="Source0: https://example.org/1.16/lamp-1.16.tar.gz\n")
    assert b"https://example.org/1.16/lamp-1.16.1.tar.gz" in bump(data, "1.16.1").data
    assert b"https://example.org/1.17/lamp-1.17.tar.gz" in bump(data, "1.17").data


def test_two_commits_are_a_choice_and_refused() -> None:
    head = f"%global commit {'a' * 40}\n%global other {'b' * 40}\n"
    with pytest.raises(PackageError, match="different commits"):
        bump(spec(head=head), "2.0", commit="c" * 40)


def test_an_edit_that_does_not_read_as_asked_is_refused() -> None:
    data = spec("%{ver}", head="%global ver 1.2.3\n")
    guarded = data.replace(b"Version: %{ver}", b'%if "%{ver}" == "1.2.3"\nVersion: %{ver}\n%else\nVersion: 0\n%endif')
    with pytest.raises(SpecError, match=r"would not read as version 1\.3\.0"):
        bump(guarded, "1.3.0")


def test_a_macro_that_is_defined_anew_below_the_version_is_left() -> None:
    data = spec("%{ver}", "1", head="%global ver 1.2.3\n", more="%global ver 9\n")
    assert lines(bump(data, "1.3.0")) == [("%global ver 1.2.3", "%global ver 1.3.0")]


def test_an_address_that_holds_a_digest_is_told() -> None:
    source = f"Source0: https://example.org/ab/cd/{'0a' * 30}/lamp-%{{version}}.tar.gz\n"
    assert "lies at a digest of the old archive" in str(bump(spec(more=source), "1.3").notes[0])


def test_patches_of_a_list_are_dropped_too() -> None:
    data = spec(more="%patchlist\na.patch\nb.patch\n")
    assert b"%patchlist\nb.patch\n" in bump(data, "1.3", drop_patches=[0]).data


def test_patches_that_are_counted_are_not_dropped_from_under_their_numbers() -> None:
    data = spec(more="Patch: a.patch\nPatch: b.patch\n").replace(b"%autosetup -p1", b"%patch0 -p1\n%patch1 -p1")
    with pytest.raises(SpecError, match="patch numbers"):
        bump(data, "1.3", drop_patches=[0])
    assert b"Patch: a.patch\n\n" in bump(data, "1.3", drop_patches=[1]).data
