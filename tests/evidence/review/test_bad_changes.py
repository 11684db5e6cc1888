"""Changes that must not go in as they are: each is stopped, by the right item, for the right reason."""

from __future__ import annotations

import gzip
import io
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from repository import (
    PATCH,
    SOURCES,
    SPEC,
    YAML,
    Files,
    Repository,
    edited,
    logged,
    patch,
    released,
    upgraded,
    written_policy,
)

from headrace.evidence.model import Result, Verdict
from headrace.work.review import review_change

CONCERN, BLOCKER, UNKNOWN = Result.CONCERN, Result.BLOCKER, Result.NOT_JUDGED
GOOD = "Upgrade pond to 1.0.2\n\nUpstream repairs the pump, nothing else changes."
FIX = "Repair the packaging of the pond\n\nIt was broken since the last release of it."
KEY = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIE\n-----END RSA PRIVATE " + "KEY-----\n"


def archive(*names: str) -> bytes:
    """A gzip archive of empty files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name in names:
            tar.addfile(tarfile.TarInfo(name))
    return packed.getvalue()


@dataclass(frozen=True)
class Bad:
    """A bad change: what it does, and the item, result and words that must stop it."""

    files: Files
    item: str
    result: Result
    words: str
    message: str = FIX
    branch: str = ""
    others: dict[str, str] = field(default_factory=dict)


def spec_with(*changes: tuple[str, str]) -> Files:
    return released(*changes)


def downgraded() -> Files:
    spec = edited(SPEC, ("Version: 1.0.1", "Version: 1.0.0"), ("Release: 3", "Release: 1"))
    return {"pond.spec": logged(spec, "1.0.0-1")}


BASE64 = "echo ZWNobyBoaQ== | base64 -d | sh"
BAD: dict[str, Bad] = {
    "empty title": Bad(released(), "title", CONCERN, "does not say", message=""),
    "vague title": Bad(
        released(), "title", CONCERN, "does not say", message="update\n\nmany words that say very little"
    ),
    "unfinished title": Bad(
        released(), "title", CONCERN, "not finished", message="WIP: pump\n\nthis is not yet done at all"
    ),
    "title names another version": Bad(upgraded(), "agrees", CONCERN, "the spec says", message="Upgrade pond to 2.5.0"),
    "cve claimed and not fixed": Bad(
        released(), "agrees", CONCERN, "nothing in the change", message="Fix CVE-2024-99999\n\nThe pump leaks no more."
    ),
    "merge inside": Bad(released(), "one-purpose", CONCERN, "belongs into", message="fixup! the pump"),
    "upgrade with a fix by the way": Bad(
        {
            **upgraded(("Patch1: keep.patch", "Patch1: keep.patch\nPatch2: CVE-2024-1111.patch")),
            "CVE-2024-1111.patch": patch("Fix CVE-2024-1111"),
        },
        "one-purpose",
        CONCERN,
        "an upgrade and",
        GOOD,
    ),
    "ci changed": Bad({**released(), ".github/workflows/build.yml": "on: push\n"}, "ci", CONCERN, "CI or a hook"),
    "hook added": Bad({**released(), ".githooks/pre-commit": "#!/bin/sh\n"}, "ci", CONCERN, "CI or a hook"),
    "editor's backup": Bad({**released(), "pond.spec~": "x\n"}, "stray-files", CONCERN, "leftovers"),
    "bytecode": Bad({**released(), "run.pyc": b"\xa7\r\r\n\0\0\0\0"}, "binaries", CONCERN, "bytecode"),
    "program without a suffix": Bad({**released(), "data": b"\x7fELF\2\1\1\0"}, "binaries", CONCERN, "ELF"),
    "jar inside an archive": Bad(
        {**released(), "tools.tar.gz": archive("tools/a.jar", "tools/b.txt")}, "binaries", CONCERN, "inside the archive"
    ),
    "archive that leads out": Bad(
        {**released(), "x.tar.gz": archive("../../etc/cron.d/x")}, "binaries", CONCERN, "cannot be listed"
    ),
    "archive that is no archive": Bad(
        {**released(), "x.tar.gz": gzip.compress(b"x" * 99)}, "binaries", CONCERN, "cannot be listed"
    ),
    "binary patch": Bad(
        {
            **released(("Patch1: keep.patch", "Patch1: keep.patch\nPatch2: logo.patch")),
            "logo.patch": patch("Logo") + "diff --git a/l.png b/l.png\nGIT binary patch\nliteral 1\nIcmZ\n\n",
        },
        "binaries",
        CONCERN,
        "binary file",
    ),
    "python that does not parse": Bad({**released(), "tool.py": "def broken(:\n"}, "lint", CONCERN, "does not parse"),
    "turned text": Bad({**released(), "fill.sh": "#!/bin/sh\nfill '\u202e'\n"}, "lint", CONCERN, "U+202E"),
    "turned text in the spec": Bad(
        spec_with(("make check", "make check # \u2066ok")), "spec-hygiene", CONCERN, "U+2066"
    ),
    "very long line": Bad(
        {**released(), "fill.sh": "#!/bin/sh\n: " + "x y" * 900 + "\n"}, "lint", CONCERN, "characters"
    ),
    "encoded data": Bad({**released(), "fill.sh": "#!/bin/sh\nx=" + "QUJD" * 300 + "\n"}, "lint", CONCERN, "encoded"),
    "licence refused": Bad(spec_with(("License: MIT", "License: SSPL-1.0")), "licence", BLOCKER, "refuses"),
    "licence not allowed": Bad(
        spec_with(("License: MIT", "License: GPL-3.0-only")), "licence", CONCERN, "not on the list"
    ),
    "licence changed": Bad(spec_with(("License: MIT", "License: Apache-2.0")), "licence", CONCERN, "changed from"),
    "private key": Bad({**released(), "key.txt": KEY}, "secrets", BLOCKER, "private key"),
    "token": Bad(
        {**released(), "fill.sh": "#!/bin/sh\nt=ghp_" + "a1B2" * 9 + "\n"}, "secrets", BLOCKER, "GitHub token"
    ),
    "password": Bad({**released(), "fill.sh": "#!/bin/sh\nPASSWORD='hunter2Xq!9'\n"}, "secrets", CONCERN, "password"),
    "minor version on a patch branch": Bad(
        upgraded(version="1.1.0", text="upgrade to 1.1.0"),
        "compatible",
        BLOCKER,
        "patch releases of 1.0",
        "Upgrade pond to 1.1.0",
        "lts",
    ),
    "l1 package moves": Bad(
        upgraded(version="1.1.0", text="upgrade to 1.1.0"), "level", BLOCKER, "L1", "Upgrade pond to 1.1.0", "lts"
    ),
    "version on a branch of patches": Bad(upgraded(), "frozen", BLOCKER, "patches only", GOOD, "old"),
    "frozen branch": Bad(released(), "frozen", BLOCKER, "is frozen", branch="ice"),
    "newer on an older branch": Bad(
        upgraded(), "branch-order", BLOCKER, "newer than", GOOD, "lts", {"master-stays": "1.0.1"}
    ),
    "evr goes down": Bad(downgraded(), "evr-grows", BLOCKER, "older", "Go back to 1.0.0"),
    "release not raised": Bad(
        {"pond.spec": edited(SPEC, ("%make_build", "%make_build -j1"))}, "evr-grows", BLOCKER, "not newer"
    ),
    "release not reset": Bad(
        upgraded(("Release: 1", "Release: 4"), ("- 1.0.2-1", "- 1.0.2-4")), "evr-grows", CONCERN, "not reset", GOOD
    ),
    "no changelog": Bad(
        {"pond.spec": edited(SPEC, ("Release: 3", "Release: 4"))}, "changelog", CONCERN, "0 new entries"
    ),
    "two entries": Bad(
        {"pond.spec": logged(released()["pond.spec"], "1.0.1-4", "again")},
        "changelog",
        CONCERN,
        "2 new entries",  # type: ignore[arg-type]
    ),
    "wrong weekday": Bad(spec_with(("* Wed Jan 10", "* Mon Jan 10")), "changelog", CONCERN, "weekday"),
    "no address": Bad(spec_with(("2024 Ann Reed <ann@example.org>", "2024 Ann Reed")), "changelog", CONCERN, "e-mail"),
    "changelog names another evr": Bad(spec_with(("- 1.0.1-4", "- 1.0.1-9")), "changelog", CONCERN, "the spec is"),
    "older than the entry below": Bad(spec_with(("Wed Jan 10 2024", "Tue Jan 10 2023")), "changelog", CONCERN, "older"),
    "history rewritten": Bad(spec_with(("- keep the water in", "- nothing")), "changelog", CONCERN, "old changelog"),
    "declared and missing": Bad(
        spec_with(("Patch1: keep.patch", "Patch1: keep.patch\nPatch2: gone.patch")),
        "patches-declared",
        BLOCKER,
        "not there",
    ),
    "there and undeclared": Bad(
        {**released(), "more.patch": patch("More")}, "patches-declared", CONCERN, "not declared"
    ),
    "no longer applied": Bad(
        spec_with(("%autosetup -p1", "%setup -q\n%patch -P1 -p1")), "patches-applied", BLOCKER, "no longer"
    ),
    "cve fix dropped": Bad(
        {**spec_with(("Patch0: CVE-2023-12345.patch\n", "")), "CVE-2023-12345.patch": None},
        "patches-merged",
        BLOCKER,
        "fixes a CVE",
    ),
    "cve fix dropped in an upgrade": Bad(
        {**upgraded(("Patch0: CVE-2023-12345.patch\n", "")), "CVE-2023-12345.patch": None},
        "patches-merged",
        CONCERN,
        "nothing here proves",
        GOOD,
    ),
    "patch dropped without a word": Bad(
        {**upgraded(("Patch1: keep.patch\n", "")), "keep.patch": None},
        "patches-merged",
        UNKNOWN,
        "shows only in its source",
        GOOD,
    ),
    "patch dropped for nothing": Bad(
        {**spec_with(("Patch1: keep.patch\n", "")), "keep.patch": None}, "patches-merged", CONCERN, "not newer"
    ),
    "another host": Bad(
        upgraded(("Source0: https://github.com/", "Source0: https://github.example/")),
        "source-address",
        CONCERN,
        "another host",
        GOOD,
    ),
    "another project": Bad(
        upgraded(("Source0: https://github.com/still/", "Source0: https://github.com/sti1l/")),
        "source-address",
        CONCERN,
        "another project",
        GOOD,
    ),
    "not protected": Bad(
        upgraded(("Source0: https:", "Source0: http:")), "source-address", CONCERN, "not protected", GOOD
    ),
    "a user in the address": Bad(
        upgraded(("Source0: https://github.com/", "Source0: https://github.com@evil.example/")),
        "source-address",
        CONCERN,
        "a user",
        GOOD,
    ),
    "digest changed": Bad(
        {**released(), "sources": SOURCES.replace("aaaa", "cccc")}, "source-identical", BLOCKER, "another digest"
    ),
    "archive against its digest": Bad(
        {**upgraded(), "pond-1.0.2.tar.gz": archive("pond/a")},
        "source-identical",
        BLOCKER,
        "does not have the digest",
        GOOD,
    ),
    "metadata of another project": Bad(
        {**released(), "pond.yaml": YAML.replace("still", "wild")}, "metadata", CONCERN, "the metadata name"
    ),
    "metadata broken": Bad({**released(), "pond.yaml": "version_control: [\n"}, "metadata", CONCERN, "cannot be read"),
    "fetch in the build": Bad(
        spec_with(("%make_build", "curl -O https://example.org/x\n%make_build")), "spec-hygiene", CONCERN, "network"
    ),
    "pip in a scriptlet": Bad(
        spec_with(("/sbin/ldconfig", "/sbin/ldconfig\npip3 install pump")), "spec-hygiene", CONCERN, "network"
    ),
    "decoded into a shell": Bad(
        spec_with(("%make_build", f"{BASE64}\n%make_build")), "spec-hygiene", CONCERN, "decodes"
    ),
    "eval": Bad(spec_with(("%make_build", 'eval "$PUMP"\n%make_build')), "spec-hygiene", CONCERN, "eval"),
    "test data unpacked": Bad(
        spec_with(("%make_build", "tar -xf tests/bad.tar\n%make_build")), "spec-hygiene", CONCERN, "test data"
    ),
    "shell while it is read": Bad(
        spec_with(("BuildRequires: gcc", "BuildRequires: gcc\n%global now %(date)")),
        "spec-hygiene",
        CONCERN,
        "while the spec is read",
    ),
    "foreign conditional": Bad(
        spec_with(("BuildRequires: gcc", "%if 0%{?suse_version}\nBuildRequires: gcc\n%endif")),
        "spec-hygiene",
        CONCERN,
        "another distribution",
    ),
    "script that fetches": Bad(
        {**released(), "fill.sh": "#!/bin/sh\n# License: MIT\nwget https://example.org/x\n"},
        "spec-hygiene",
        CONCERN,
        "fetches",
    ),
    "tests removed": Bad(spec_with(("%check\nmake check\n\n", "")), "selftest", CONCERN, "no %check"),
    "tests skipped": Bad(spec_with(("make check", "exit 0\nmake check")), "selftest", CONCERN, "before its tests"),
    "tests made deaf": Bad(spec_with(("make check", "make check || :")), "selftest", CONCERN, "no longer ends"),
    "tests commented out": Bad(spec_with(("make check", "# make check")), "selftest", CONCERN, "%check"),
    "config loses noreplace": Bad(spec_with(("%config(noreplace)", "%config")), "difference", CONCERN, "noreplace"),
    "setuid": Bad(
        spec_with(("%{_bindir}/pond\n", "%attr(4755, root, root) %{_bindir}/pond\n")), "difference", CONCERN, "rights"
    ),
    "subpackage on an image": Bad(
        spec_with(
            ("%package devel\nSummary: Headers of the pond\n\n%description devel\nHeaders.\n\n", ""),
            ("%files devel\n%{_includedir}/pond.h\n\n", ""),
        ),
        "on-images",
        BLOCKER,
        "image list",
    ),
    "patch without the cve in its name": Bad(
        {
            **spec_with(("Patch1: keep.patch", "Patch1: keep.patch\nPatch2: pump.patch")),
            "pump.patch": patch("Fix CVE-2024-1111"),
        },
        "patch-named",
        CONCERN,
        "its name does not",
    ),
    "patch from nowhere": Bad(
        {
            **spec_with(("Patch1: keep.patch", "Patch1: keep.patch\nPatch2: pump.patch")),
            "pump.patch": PATCH.format(subject="x", file="a", line="b").partition("---\n")[2],
        },
        "patch-origin",
        CONCERN,
        "where it comes from",
    ),
    "patch that changes nothing": Bad(
        {**released(), "keep.patch": "nothing\n"}, "patch-adapted", CONCERN, "changes nothing"
    ),
    "owners changed": Bad({**released(), "CODEOWNERS": "* @mallory\n"}, "ownership", CONCERN, "who owns"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_change_is_stopped_for_the_right_reason(bad: Bad, tmp_path: Path) -> None:
    """The verdict is never `accept`, a blocker refuses, and the item that was hurt says why and where."""
    repository = Repository(tmp_path / "pond")
    repository.git("branch", "lts")
    repository.git("checkout", "-q", "-b", "proposal")
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit(bad.files, bad.message)
    found = review_change(repository.directory, f"{base}..{head}", bad.branch, written_policy(tmp_path / "rules"))
    mine = [each for each in found.findings if each.check == bad.item]
    said = [(each.result, str(each.remark)) for each in mine]
    assert any(result is bad.result and bad.words in remark for result, remark in said), said
    blocked = any(each.result is Result.BLOCKER for each in found.findings)
    assert found.judgement.verdict is (Verdict.REFUSE if blocked else Verdict.ASK)
    if bad.result is BLOCKER:
        assert any(bad.item in str(reason) for reason in found.judgement.reasons)


def test_there_are_enough_kinds() -> None:
    """Most items of the checklist that a text can hurt are hurt by one of the changes at least."""
    assert len(BAD) >= 40
    assert len({bad.item for bad in BAD.values()}) >= 25
