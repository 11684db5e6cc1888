"""Changes in which everything is well: the text alone gives no blocker and no concern."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import SPEC, Files, Repository, edited, logged, patch, released, upgraded, written_policy

from headrace.evidence.model import Result, Verdict
from headrace.work.review import review_change

GOOD = "Upgrade pond to 1.0.2\n\nUpstream repairs the pump, nothing else changes."


def fixed() -> Files:
    files = released(
        ("Patch1: keep.patch", "Patch1: keep.patch\nPatch2: CVE-2024-1111.patch"), text="fix CVE-2024-1111"
    )
    return {**files, "CVE-2024-1111.patch": patch("Fix CVE-2024-1111", "c.c")}


def renumbered() -> Files:
    return {**upgraded(), "keep.patch": patch("Keep the water", "bank.c").replace("@@ -1,2 +1,2 @@", "@@ -9,2 +9,2 @@")}


CHANGES: dict[str, tuple[Files, str, str]] = {
    "plain upgrade": (upgraded(), GOOD, "master"),
    "upgrade on a branch of patch releases": (upgraded(), GOOD, "lts"),
    "minor upgrade": (
        upgraded(version="1.1.0", text="upgrade to 1.1.0"),
        "Upgrade pond to 1.1.0\n\nIt has a new pump now.",
        "master",
    ),
    "major upgrade": (
        upgraded(version="2.0.0", text="upgrade to 2.0.0"),
        "Update to version 2.0.0\n\nIt has a new pump now.",
        "master",
    ),
    "upgrade with a new requirement": (upgraded(("BuildRequires: gcc", "BuildRequires: gcc make")), GOOD, "master"),
    "upgrade with a renumbered patch": (renumbered(), GOOD, "master"),
    "upgrade with a new file": (upgraded(("%{_bindir}/pond\n", "%{_bindir}/pond\n%{_bindir}/dam\n")), GOOD, "master"),
    "upgrade with a new subpackage": (
        upgraded(("%prep\n", "%package doc\nSummary: Words\n%description doc\nWords.\n\n%prep\n")),
        GOOD,
        "master",
    ),
    "pre-release with a tilde": (
        upgraded(version="1.1.0~rc1", text="upgrade to 1.1.0~rc1"),
        "Upgrade pond to 1.1.0~rc1\n\nA trial for the next one.",
        "master",
    ),
    "security fix": (fixed(), "Fix CVE-2024-1111\n\nThe pump no longer overflows on long pipes.", "old"),
    "packaging": (
        released(("%make_build", "%make_build V=1")),
        "Show the commands of the build\n\nLogs tell more then.",
        "old",
    ),
    "comment alone": (
        {"pond.spec": edited(SPEC, ("%build\n", "# the pond fills itself\n%build\n"))},
        "Say why nothing fills the pond\n\nPeople asked.",
        "old",
    ),
    "readme alone": ({"README.md": "# Pond\n\nWater.\n"}, "Tell what the pond is for\n\nPeople asked for it.", "old"),
    "configure with the shell's own words": (
        released(("%make_build", 'for each in a b; do\n  echo "$each"\ndone\n%make_build')),
        "Tell the parts\n\nLogs tell more then.",
        "old",
    ),
}


@pytest.mark.parametrize(("files", "message", "branch"), CHANGES.values(), ids=CHANGES)
def test_a_good_change_has_no_concern(files: Files, message: str, branch: str, tmp_path: Path) -> None:
    """What is left is only what a text cannot tell, and so the verdict is to ask, never to accept."""
    repository = Repository(tmp_path / "pond")
    if branch != "master":
        repository.git("checkout", "-q", "-b", "newer")
        repository.commit(upgraded(version="3.0.0", text="upgrade to 3.0.0"), "Upgrade pond to 3.0.0")
        repository.git("branch", "-f", "kept", "master")
        repository.git("branch", "-f", "master", "newer")
        repository.git("checkout", "-q", "-B", "proposal", "kept")
    else:
        repository.git("checkout", "-q", "-b", "proposal")
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit(files, message)
    if branch != "master":
        repository.git("branch", "-f", "lts", head)
    found = review_change(repository.directory, f"{base}..{head}", branch, written_policy(tmp_path / "rules"))
    heavy = [
        (each.check, str(each.remark)) for each in found.findings if each.result in {Result.BLOCKER, Result.CONCERN}
    ]
    assert heavy == []
    assert found.judgement.verdict is Verdict.ASK


def test_a_first_changelog_entry_is_enough_for_a_new_package(tmp_path: Path) -> None:
    """A package that was not there is judged as an intake."""
    repository = Repository(tmp_path / "pond")
    repository.git("checkout", "-q", "--orphan", "empty")
    repository.git("rm", "-rfq", ".")
    base = repository.commit({"README.md": "x\n"}, "Begin")
    head = repository.commit(
        {"README.md": None, "pond.spec": logged(SPEC, "1.0.1-3")}, "Bring the pond\n\nA new package, it holds water."
    )
    found = {each.check: each.result for each in review_change(repository.directory, f"{base}..{head}").findings}
    assert found["intake"] is Result.NOT_JUDGED
    assert found["evr-grows"] is Result.NOT_APPLICABLE
