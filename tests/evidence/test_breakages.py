"""A real package upgraded for real: clean it is accepted; broken in one of thirty ways the breakage is found and named."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from headrace.change.model import Plan
from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.checks import CHECKS
from headrace.evidence.examine import examine
from headrace.evidence.gate import judge
from headrace.evidence.model import Build, BuildOrder, BuildStatus, Case, Finding, Limits, Result, Strength, Verdict
from headrace.evidence.packages import read_packages
from headrace.package.model import FetchedSource, PatchClass, PatchFate, SourceFile
from headrace.words import Message

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not all(shutil.which(tool) for tool in ("bwrap", "rpmbuild", "gcc")), reason="needs bwrap, rpmbuild and gcc"
    ),
]

_SPEC = """\
Name: brook
Version: @version@
Release: 1
Summary: Water that runs
License: MIT
Source0: https://example.org/brook-%{version}.txt
Patch0: CVE-2024-1111.patch
Patch1: keep.patch
Provides: running-water = 2

%description
Water that runs.

%package tools
Summary: Tools for it
%description tools
Tools for it.

%prep
%setup -q -c -T
cp %{SOURCE0} water.txt
%patch0 -p1
%patch1 -p1

%build
cat > lib.c <<'X'
int flow(int x) { return x + 1; }
int ebb(int x) { return x - 1; }
X
cat > main.c <<'X'
int flow(int x);
int main(void) { return flow(-1); }
X
gcc -O2 -fPIC -shared -Wl,-z,relro,-z,now -Wl,-soname,libbrook.so.1 -o libbrook.so.1.@version@ lib.c
ln -sf libbrook.so.1.@version@ libbrook.so.1; ln -sf libbrook.so.1 libbrook.so
gcc -O2 -fPIE -pie -Wl,-z,relro,-z,now -o brook main.c libbrook.so

%install
mkdir -p %{buildroot}/usr/{bin,lib64,include,lib/systemd/system,lib/python3.11/site-packages/brook,share/brook} %{buildroot}/etc
install -m755 brook %{buildroot}/usr/bin/brook
echo '#!/bin/sh' > %{buildroot}/usr/bin/brook-tool
cp -a libbrook.so* %{buildroot}/usr/lib64/
echo 'int flow(int);' > %{buildroot}/usr/include/brook.h
printf '[Service]\\nUser=brook\\nExecStart=/usr/bin/brook\\n' > %{buildroot}/usr/lib/systemd/system/brook.service
printf 'def swim(): pass\\ndef dive(): pass\\n' > %{buildroot}/usr/lib/python3.11/site-packages/brook/__init__.py
printf 'depth = 3\\nwidth = 2\\n' > %{buildroot}/etc/brook.conf
echo water > %{buildroot}/usr/share/brook/data
echo 'Do as you like.' > LICENSE

%check
echo '12 passed in 0.1s'

%post
echo installed

%files
%license LICENSE
/usr/bin/brook
/usr/lib64/libbrook.so*
/usr/include/brook.h
/usr/lib/systemd/system/brook.service
/usr/lib/python3.11/site-packages/brook
%config(noreplace) /etc/brook.conf
/usr/share/brook

%files tools
%attr(0755, root, root) /usr/bin/brook-tool

%changelog
@entry@* Tue Nov 14 2023 Ann <ann@example.org> - 1.0-1
- start
"""
_ENTRY = "* Wed Jan 10 2024 Ann <ann@example.org> - 1.1-1\n- upgrade to 1.1\n\n"
_PATCHES = {
    "CVE-2024-1111.patch": "--- a/water.txt\n+++ b/water.txt\n@@ -1,2 +1,3 @@\n one\n+fixed\n two\n",
    "keep.patch": "--- a/water.txt\n+++ b/water.txt\n@@ -2,2 +2,3 @@\n fixed\n two\n+kept\n",
}
_FATES = (
    PatchFate(0, "CVE-2024-1111.patch", PatchClass.UNTOUCHED, Message("applies as it is")),
    PatchFate(1, "keep.patch", PatchClass.UNTOUCHED, Message("applies as it is")),
)


@dataclass(frozen=True)
class Breakage:
    """What is replaced in the new spec, and the check, the place and the words that must tell of it."""

    name: str
    check: str
    told: str
    changes: Mapping[str, str] = field(default_factory=dict)
    verdict: Verdict = Verdict.ASK
    fates: tuple[PatchFate, ...] = _FATES
    tree: tuple[str, ...] = ()


_TOOL = "/usr/bin/brook-tool"
BREAKAGES = (
    Breakage(
        "removed command",
        "difference-files",
        _TOOL,
        {f"%attr(0755, root, root) {_TOOL}\n": "", f"> %{{buildroot}}{_TOOL}": ">/dev/null"},
    ),
    Breakage("new setuid file", "difference-privileges", _TOOL, {"%attr(0755": "%attr(4755"}),
    Breakage(
        "new capability",
        "difference-privileges",
        _TOOL,
        {f"%attr(0755, root, root) {_TOOL}": f"%caps(cap_net_raw=ep) {_TOOL}"},
    ),
    Breakage("world-writable file", "difference-privileges", _TOOL, {"%attr(0755": "%attr(0777"}),
    Breakage("other owner", "difference-privileges", _TOOL, {"%attr(0755, root": "%attr(0755, daemon"}),
    Breakage("renamed soname", "difference-sonames", "libbrook.so.1", {"libbrook.so.1": "libbrook.so.2"}),
    Breakage("lost symbol", "difference-symbols", "ebb", {"int ebb(int x) { return x - 1; }\n": ""}),
    Breakage(
        "lost header",
        "difference-files",
        "/usr/include/brook.h",
        {"/usr/include/brook.h\n/usr/lib/s": "/usr/lib/s", "'int flow(int);' > %{buildroot}/usr/include/brook.h": "x"},
    ),
    Breakage(
        "lost service",
        "difference-files",
        "brook.service",
        {
            "/usr/lib/systemd/system/brook.service\n/usr": "/usr",
            "> %{buildroot}/usr/lib/systemd/system/brook.service": "",
        },
    ),
    Breakage("service as root", "difference-settings", "User=root", {"User=brook": "User=root"}),
    Breakage("lost public name", "difference-python", "dive", {"\\ndef dive(): pass": ""}),
    Breakage("lost config default", "difference-configs", "no longer sets width = 2", {"\\nwidth = 2": ""}),
    Breakage("changed config default", "difference-configs", "depth = 4", {"depth = 3": "depth = 4"}),
    Breakage(
        "config replaced on upgrade", "difference-configs", "noreplace is gone", {"%config(noreplace)": "%config"}
    ),
    Breakage(
        "config no longer marked", "difference-configs", "edited copies are overwritten", {"%config(noreplace) ": ""}
    ),
    Breakage(
        "lost data file",
        "difference-files",
        "/usr/share/brook/data",
        {"echo water > %{buildroot}/usr/share/brook/data": ""},
    ),
    Breakage("lost provide", "difference-dependencies", "running-water", {"Provides: running-water = 2\n": ""}),
    Breakage(
        "new requirement",
        "difference-dependencies",
        "sea",
        {"Provides: running": "Requires: sea >= 3\nProvides: running"},
    ),
    Breakage(
        "new obsoletes",
        "difference-dependencies",
        "pond",
        {"Provides: running": "Obsoletes: pond < 9\nProvides: running"},
    ),
    Breakage("changed scriptlet", "difference-scriptlets", "%post", {"echo installed": "rm -rf /var/cache/brook"}),
    Breakage("lost PIE", "hardening", "no PIE", {"-fPIE -pie": "-no-pie"}),
    Breakage("lost RELRO", "hardening", "none RELRO", {"-pie -Wl,-z,relro,-z,now": "-pie -Wl,-z,norelro"}),
    Breakage("run path", "hardening", "/opt/water", {"-o brook main.c": "-Wl,-rpath,/opt/water -o brook main.c"}),
    Breakage("bundled giant", "difference-size", "doubled", {"echo water > %": "head -c 9000000 /dev/zero > %"}),
    Breakage("other licence", "licence", "Proprietary", {"License: MIT": "License: Proprietary"}),
    Breakage("other licence text", "licence", "words of 1 licence texts", {"Do as you like.": "Pay us first."}),
    Breakage("lost selftest", "selftest", "no %check", {"%check\necho '12 passed in 0.1s'\n": ""}),
    Breakage("tests vanish", "selftest", "only 2 tests passed, 12 before", {"12 passed": "2 passed"}),
    Breakage(
        "lost package",
        "difference-packages",
        "brook-tools",
        {"%package tools\nSummary: Tools for it\n%description tools\nTools for it.\n": "", "%files tools\n": "\n"},
    ),
    Breakage("wrong weekday", "changelog", "weekday", {"* Wed Jan 10": "* Mon Jan 10"}),
    Breakage(
        "network in build", "spec-hygiene", "network", {"%build\n": "%build\ntrue || curl -O https://example.org/x\n"}
    ),
    Breakage("leftover", "stray-files", "brook.spec.orig", tree=("brook.spec.orig",)),
    Breakage("patch not applied", "patches-applied", "keep.patch", {"%patch1 -p1\n": ""}, Verdict.REFUSE),
    Breakage(
        "dropped security fix",
        "patches-merged",
        "CVE-2024-1111.patch",
        {"Patch0: CVE-2024-1111.patch\n": "", "%patch0 -p1\n": "sed -i 1afixed water.txt\n"},
        Verdict.REFUSE,
    ),
    Breakage(
        "does not build",
        "build",
        "no/such.h",
        {"cat > main.c <<'X'\n": "cat > main.c <<'X'\n#include <no/such.h>\n"},
        Verdict.REFUSE,
    ),
    Breakage(
        "file list drift",
        "build",
        "/usr/bin/surprise",
        {"%check\n": "touch %{buildroot}/usr/bin/surprise\n%check\n"},
        Verdict.REFUSE,
    ),
    Breakage(
        "failing test", "build", "test_flow", {"%check\n": "%check\necho 'FAILED test_flow'; exit 1\n"}, Verdict.REFUSE
    ),
    Breakage(
        "half-applied patch",
        "patches-merged",
        "water.txt",
        fates=(
            _FATES[0],
            PatchFate(
                1, "keep.patch", PatchClass.FAILED, Message("does not apply to water.txt"), conflicts=("water.txt",)
            ),
        ),
        verdict=Verdict.REFUSE,
    ),
)


def _spec(version: str, changes: Mapping[str, str]) -> bytes:
    text = _SPEC.replace("@version@", version).replace("@entry@", _ENTRY if version == "1.1" else "")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


def _build(directory: Path, version: str, changes: Mapping[str, str] | None = None) -> tuple[bytes, Build]:
    directory.mkdir()
    (directory / "source").write_text("one\ntwo\n")
    sources = {f"brook-{version}.txt": directory / "source"}
    for name, text in _PATCHES.items():
        sources[name] = directory / name
        sources[name].write_text(text)
    out = directory / "out"
    out.mkdir()
    spec = _spec(version, changes or {})
    order = BuildOrder("brook", "brook.spec", spec, sources, "", limits=Limits(seconds=120))
    return spec, Bubblewrap().build(order, out, lambda _: None)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Build]:
    """The old version, built once."""
    spec, build = _build(tmp_path_factory.mktemp("brook") / "old", "1.0")
    assert build.status is BuildStatus.BUILT, (Path(build.directory) / "build.log").read_text()
    return spec, build


def _case(old: tuple[bytes, Build], new: tuple[bytes, Build], breakage: Breakage) -> Case:
    name = "brook-1.1.txt"
    sources = (SourceFile(name, f"https://example.org/{name}"),)
    plan = Plan("brook", "dev", "c", "1.0-1", "1.1-1", "1.0", "1.1", Message("newer"), (), (), sources)
    built = new[1].status is BuildStatus.BUILT
    return Case(
        plan, old[0], new[0], "brook.spec", "", patches=breakage.fates,
        sources=(FetchedSource(name, "p", "ab", 1, (Message("the registry's digest"),)),),
        old_build=old[1], new_build=new[1], old_rpms=read_packages(old[1]), new_rpms=read_packages(new[1]) if built else None,
        allowed_licences=("MIT",), tree_paths=("brook.spec", "brook.yaml", *_PATCHES, *breakage.tree),
    )  # fmt: skip


def _judged(case: Case) -> tuple[tuple[Finding, ...], Verdict]:
    findings = examine(case, CHECKS)
    return findings, judge(findings, needed=Strength.HOST_ROOT, expected=CHECKS).verdict


def test_the_clean_upgrade_is_accepted(old: tuple[bytes, Build], tmp_path: Path) -> None:
    new = _build(tmp_path / "new", "1.1")
    assert new[1].status is BuildStatus.BUILT, (Path(new[1].directory) / "build.log").read_text()
    findings, verdict = _judged(_case(old, new, Breakage("none", "", "")))
    bad = [each for each in findings if each.result not in {Result.PASS, Result.NOT_APPLICABLE}]
    assert (bad, verdict) == ([], Verdict.ACCEPT)


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.name)
def test_a_breakage_is_found_and_named(old: tuple[bytes, Build], tmp_path: Path, breakage: Breakage) -> None:
    new = _build(tmp_path / "new", "1.1", breakage.changes)
    findings, verdict = _judged(_case(old, new, breakage))
    mine = [
        each for each in findings if each.check == breakage.check and each.result in {Result.CONCERN, Result.BLOCKER}
    ]
    log = (Path(new[1].directory) / "build.log").read_text()
    assert mine, f"{[str(each.remark) for each in findings if each.result is not Result.PASS]}\n{log}"
    words = "\n".join(f"{each.where} {each.remark} {' '.join(each.details)}" for each in mine)
    assert breakage.told in words, words
    assert verdict is breakage.verdict


def test_every_part_of_the_sources_is_needed_for_accepting(old: tuple[bytes, Build], tmp_path: Path) -> None:
    case = _case(old, _build(tmp_path / "new", "1.1"), Breakage("none", "", ""))
    for spoilt in (replace(case, old_rpms=None), replace(case, sources=()), replace(case, patches=())):
        assert _judged(spoilt)[1] is Verdict.ASK
