"""The upgrade of a package called pond, in which everything is well until a test spoils it."""

from __future__ import annotations

from dataclasses import replace

from headrace.change.model import Plan
from headrace.evidence.model import Build, BuildStatus, Case, Rpm, RpmFile, Strength
from headrace.package.model import FetchedSource, PatchClass, PatchFate, SourceFile
from headrace.words import Message

SPEC = """\
Name: pond
Version: {version}
Release: 1%{{?dist}}
Summary: A pond
License: MIT
Source0: https://example.org/pond-%{{version}}.tar.gz
{patches}
%description
A pond.
%prep
%autosetup -p1
%check
make check
%changelog
{changelog}* Tue Nov 14 2023 Ann <ann@example.org> - 1.0-1
- start
"""
ENTRY = "* Wed Jan 10 2024 Ann <ann@example.org> - 1.1-1\n- upgrade to 1.1\n\n"
PATCHES = "Patch0: CVE-2023-12345.patch\nPatch1: keep.patch"


def rpm(version: str, **changes: object) -> Rpm:
    files = (
        RpmFile("/usr/bin/pond", 0o100755, "root", "root", 10, "aa" if version == "1.0" else "bb"),
        RpmFile("/etc/pond.conf", 0o100644, "root", "root", 5, "cc", flags=("config", "noreplace")),
        RpmFile(f"/usr/share/licenses/pond-{version}/LICENSE", 0o100644, "root", "root", 5, "dd", flags=("license",)),
        RpmFile("/usr/lib64/libpond.so.1", 0o120777, "root", "root", 5, "", link=f"libpond.so.1.{version}"),
    )
    plain = Rpm(
        "pond", 0, version, "1", "x86_64", "MIT", 1000, files,
        (f"pond = {version}-1", "libpond.so.1()(64bit)", "libpond.so.1(POND_1)(64bit)"),
        ("libc.so.6()(64bit)", "rpmlib(CompressedFileNames) <= 3.0.4-1"), contents_read=True,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def build(version: str) -> Build:
    return Build("k", BuildStatus.BUILT, Strength.HOST_ROOT, "d", (f"rpms/pond-{version}.rpm",), builder="bubblewrap")


def spec(version: str = "1.1", patches: str = PATCHES, changelog: str = ENTRY) -> bytes:
    return SPEC.format(version=version, patches=patches, changelog=changelog).encode()


def good_case() -> Case:
    """An upgrade from 1.0 to 1.1 with one carried and one merged patch, all well."""
    sources = (SourceFile("pond-1.1.tar.gz", "https://example.org/pond-1.1.tar.gz"),)
    plan = Plan("pond", "dev", "c0", "1.0-1", "1.1-1", "1.0", "1.1", Message("newer"), (), (), sources)
    return Case(
        plan,
        spec("1.0", changelog=""),
        spec(patches="Patch1: keep.patch"),
        "pond.spec",
        "",
        patches=(
            PatchFate(0, "CVE-2023-12345.patch", PatchClass.MERGED, Message("upstream's commit has every line")),
            PatchFate(1, "keep.patch", PatchClass.UNTOUCHED, Message("applies as it is")),
        ),
        sources=(FetchedSource("pond-1.1.tar.gz", "p", "ab", 3, (Message("the registry's digest"),)),),
        old_build=build("1.0"),
        new_build=build("1.1"),
        old_rpms=(rpm("1.0"),),
        new_rpms=(rpm("1.1"),),
        allowed_licences=("MIT", "Apache-2.0"),
        tree_paths=("pond.spec", "pond.yaml", "keep.patch"),
    )
