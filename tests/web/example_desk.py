"""A small distribution as a desk shows it: changes in every state, patches of all four classes, English and Chinese text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from headrace.change.model import ChangeState, Edit
from headrace.evidence.model import BuildStatus, Finding, Judgement, Result, Strength, Verdict
from headrace.package.model import PatchClass
from headrace.upstream.model import Choice, Rejected
from headrace.words import Message, Text
from headrace.work.views import (
    AnnouncedVersion,
    BranchView,
    BuildView,
    ChangeBrief,
    ChangeView,
    Difference,
    PackageView,
    PatchView,
    ReleasedRow,
    ReleaseView,
    Stand,
    UpstreamView,
)
from web.desk_in_memory import DeskInMemory

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LTS = "openEuler-24.03-LTS"
ASKS = "python-einops-master-0.8.1"
NEWEST = Message("The newest stable release; it was announced {days} days ago.", days=12)
SAME_SERIES = Message("The newest patch release of the series {series}.", series="1.26")

DIFF = """\
diff --git a/python-einops.spec b/python-einops.spec
index 3b18e51..8f0c2ab 100644
--- a/python-einops.spec
+++ b/python-einops.spec
@@ -1,9 +1,8 @@
 %global pypi_name einops
 Name:           python-%{pypi_name}
-Version:        0.7.0
-Release:        3
+Version:        0.8.1
+Release:        1
 Summary:        A new flavour of deep learning operations
 License:        MIT
 URL:            https://example.org/einops
-Patch0001:      0001-keep-old-numpy.patch
 Patch0002:      0002-fix-layer-names.patch
@@ -31,3 +30,6 @@
 %changelog
+* Mon May 04 2026 Headrace <headrace@example.org> - 0.8.1-1
+- Upgrade to 0.8.1
+
 * Tue Feb 13 2024 Wang Xiaoming <wang@example.org> - 0.7.0-3
 - 修复 numpy 兼容性问题
"""

PATCH_DIFF = """\
--- a/0002-fix-layer-names.patch
+++ b/0002-fix-layer-names.patch
@@ -4,5 +4,5 @@
 --- a/einops/layers/_einmix.py
 +++ b/einops/layers/_einmix.py
-@@ -40,6 +40,7 @@
+@@ -52,6 +52,7 @@
      def forward(self, tensor):
 +        self._check_names()
          return tensor
"""


def brief(package: str, branch: str, old: str, new: str, state: ChangeState, **more: object) -> ChangeBrief:
    version = new.split("-", maxsplit=1)[0].rsplit(":", maxsplit=1)[-1]
    defaults: dict[str, object] = {"opened": NOW - timedelta(hours=7), "updated": NOW - timedelta(hours=2)}
    return ChangeBrief(f"{package}-{branch}-{version}", package, branch, old, new, state, **(defaults | more))  # type: ignore[arg-type]


def finding(check: str, result: Result, remark: Text, looked_at: Text, **more: object) -> Finding:
    return Finding(check, result, remark, looked_at, **({"strength": Strength.HOST_ROOT} | more))  # type: ignore[arg-type]


def asks() -> ChangeView:
    """The change that asks a person: patches of all four classes, findings of every result."""
    why = Message("A patch was dropped because upstream has merged it; a person should confirm that.")
    files = Message("{count} files of {packages} packages", count=41, packages=1)
    return ChangeView(
        brief(
            "python-einops",
            "master",
            "0.7.0-3",
            "0.8.1-1",
            ChangeState.PROPOSED,
            waits=True,
            verdict=Verdict.ASK,
            why=why,
            concerns=2,
            not_judged=1,
        ),
        reason=Message(
            "Upstream released {version} on {date}; the branch takes the newest stable release.",
            version="0.8.1",
            date="2026-04-22",
        ),
        base="51f0a2c4d8e91b7f6a3c2d1e0f9b8a7c6d5e4f30",
        commit="c0ffee5a17b2c3d4e5f60718293a4b5c6d7e8f90",
        branch_name="headrace/python-einops-0.8.1",
        release_date="2026-04-22",
        judgement=Judgement(Verdict.ASK, (why, Message("{count} item could not be judged.", count=1))),
        findings=(
            finding(
                "version",
                Result.PASS,
                Message("The EVR grows from {old} to {new}.", old="0.7.0-3", new="0.8.1-1"),
                Message("both specs, evaluated by rpm in the sandbox"),
            ),
            finding(
                "changelog",
                Result.PASS,
                Message("One entry was added, in the file's own style."),
                Message("the changelog of both specs"),
                strength=Strength.TEXT,
                where="python-einops.spec:34",
            ),
            finding(
                "patches",
                Result.CONCERN,
                Message("{name} was dropped: upstream has merged it.", name="0001-keep-old-numpy.patch"),
                Message("every patch of the old spec against the new sources"),
                where="python-einops.spec:9",
                details=("0001-keep-old-numpy.patch",),
                settles=Message("A person who compares the patch with upstream's commit."),
            ),
            finding(
                "requires",
                Result.CONCERN,
                Message("A new requirement: {name}.", name="python3-numpy >= 1.24"),
                files,
                where="python3-einops-0.8.1-1.noarch",
                settles=Message("The branch carries {name}.", name="python3-numpy 1.26.4"),
            ),
            finding(
                "signature",
                Result.NOT_JUDGED,
                Message("Upstream publishes no signature for its archive."),
                Message("the registry's list of files"),
                strength=Strength.TEXT,
                settles=Message("A key of upstream in the package and a signature beside the archive."),
            ),
            finding("licence", Result.PASS, Message("The licence is the same: {licence}.", licence="MIT"), files),
            finding("setuid", Result.PASS, Message("No file gained privileges."), files),
            finding("soname", Result.NOT_APPLICABLE, Message("The packages hold no shared library."), files),
        ),
        patches=(
            PatchView(
                1,
                "0001-keep-old-numpy.patch",
                PatchClass.MERGED,
                Message(
                    "Every line that it adds is in the new sources; upstream's commit is {commit}.", commit="9af21c0"
                ),
            ),
            PatchView(
                2,
                "0002-fix-layer-names.patch",
                PatchClass.REBASED,
                Message("It applies {lines} lines further down.", lines=12),
                diff=PATCH_DIFF,
            ),
            PatchView(3, "0003-build-without-network.patch", PatchClass.UNTOUCHED, Message("It applies as it is.")),
            PatchView(
                4,
                "0004-修复中文文档.patch",
                PatchClass.FAILED,
                Message("Two hunks do not apply."),
                conflicts=("docs/zh/index.md", "docs/zh/安装.md"),
            ),
        ),
        edits=(
            Edit(
                "python-einops.spec",
                3,
                "Version:        0.7.0",
                "Version:        0.8.1",
                Message("The version is defined here."),
            ),
            Edit(
                "python-einops.spec",
                4,
                "Release:        3",
                "Release:        1",
                Message("A new version starts at release 1."),
            ),
            Edit(
                "python-einops.spec",
                9,
                "Patch0001:      0001-keep-old-numpy.patch",
                None,
                Message("Upstream has merged this patch."),
            ),
        ),
        diff=DIFF,
        builds=(
            BuildView(
                "old",
                "b-old",
                BuildStatus.BUILT,
                Strength.HOST_ROOT,
                21.4,
                "bubblewrap",
                rpms=("python3-einops-0.7.0-3.noarch.rpm",),
                log="build.log",
            ),
            BuildView(
                "new",
                "b-new",
                BuildStatus.BUILT,
                Strength.HOST_ROOT,
                19.8,
                "bubblewrap",
                rpms=("python3-einops-0.8.1-1.noarch.rpm",),
                log="build.log",
            ),
        ),
        differences=(
            Difference("file", "/usr/lib/python3.11/site-packages/einops/packing.py", None, "-rw-r--r-- root root"),
            Difference("file", "/usr/lib/python3.11/site-packages/einops/_old.py", "-rw-r--r-- root root", None),
            Difference("requires", "python3-einops", "python3-numpy", "python3-numpy >= 1.24"),
            Difference("size", "python3-einops", "212 KiB", "231 KiB"),
        ),
    )


def others() -> tuple[ChangeView, ...]:
    """One change in each other state that a line knows."""
    dropped = Message("It drops a security fix: {patch}.", patch="0007-CVE-2025-1234.patch")
    slow = Message("The build took longer than {seconds} seconds.", seconds=1800)
    clear = Message("Every check is clear and the policy lets patch releases of this branch pass.")
    no = Message("The spec's macros need rpm of the target; the build failed while preparing.")
    upgrade = Message("Upstream released a newer version.")
    return (
        ChangeView(
            brief("zlib", LTS, "1.2.13-4", "1.2.13-5", ChangeState.RELEASED, verdict=Verdict.ACCEPT, why=clear),
            upgrade,
            commit="1" * 40,
            judgement=Judgement(Verdict.ACCEPT, (clear,)),
            findings=(finding("version", Result.PASS, Message("The EVR grows."), Message("both specs")),),
            builds=(BuildView("new", "b-zlib", BuildStatus.BUILT, Strength.CLEAN_BUILDROOT, 48.0, "mock"),),
        ),
        ChangeView(
            brief(
                "nodejs-semver", "master", "7.5.4-1", "7.6.3-1", ChangeState.ACCEPTED, verdict=Verdict.ACCEPT, why=clear
            ),
            upgrade,
            commit="2" * 40,
            judgement=Judgement(Verdict.ACCEPT, (clear,)),
        ),
        ChangeView(
            brief(
                "libarchive",
                "master",
                "3.7.2-2",
                "3.7.9-1",
                ChangeState.REFUSED,
                verdict=Verdict.REFUSE,
                why=dropped,
                blockers=1,
            ),
            upgrade,
            commit="3" * 40,
            judgement=Judgement(Verdict.REFUSE, (dropped,)),
            findings=(finding("patches", Result.BLOCKER, dropped, Message("every patch of the old spec")),),
        ),
        ChangeView(
            brief("python-tokenizers", "master", "0.15.0-1", "0.20.3-1", ChangeState.FAILED, why=slow),
            upgrade,
            failure=slow,
            builds=(
                BuildView(
                    "new",
                    "b-tok",
                    BuildStatus.TIMEOUT,
                    Strength.NONE,
                    1800.0,
                    "bubblewrap",
                    reason=slow,
                    log="build.log",
                ),
            ),
        ),
        ChangeView(
            brief("python-regex", "master", "2023.10.3-1", "2024.11.6-1", ChangeState.FAILED, why=no),
            upgrade,
            failure=no,
        ),
        ChangeView(brief("hello-line", "master", "1.0-1", "1.1-1", ChangeState.WORKING), upgrade),
    )


def stand(
    package: str, carried: str, newest: str | None, behind: int | None, branch: str = "master", **more: object
) -> Stand:
    why = more.pop("why", NEWEST if behind else Message("This is the newest stable release."))
    values: dict[str, object] = {"checked": NOW - timedelta(minutes=14), "behind_days": behind * 31 if behind else None}
    return Stand(package, branch, carried, newest, why, behind, **(values | more))  # type: ignore[arg-type]


def stands() -> tuple[Stand, ...]:
    doubt = Message(
        "Two upstreams answer differently: the registry says {a}, the repository says {b}.", a="2.1.0", b="3.0.0rc1"
    )
    gone = Message("The upstream did not answer: {reason}.", reason="connection refused")
    return (
        stand("hello-line", "1.0-1", "1.1", 1),
        stand("libarchive", "3.7.2-2", "3.7.9", 7),
        stand("nodejs-semver", "7.5.4-1", "7.6.3", 5),
        stand("python-einops", "0.7.0-3", "0.8.1", 2),
        stand(
            "python-einops",
            "0.7.0-2",
            "0.7.0",
            0,
            LTS,
            why=Message("The series {series} has no newer patch release.", series="0.7"),
        ),
        stand("python-markdown-it", "3.0.0-1", "3.0.0", 0),
        stand("python-regex", "2023.10.3-1", "2024.11.6", 11),
        stand("python-safetensors", "0.4.1-1", None, None, why=doubt),
        stand("python-tokenizers", "0.15.0-1", "0.20.3", 14),
        stand("xxhash", "0.8.2-1", None, None, why=Message("It was never asked."), problem=gone, checked=None),
        stand("zlib", "1.3-1", "1.3.1", 1),
        stand("zlib", "1.2.13-5", "1.2.13", 0, LTS, why=SAME_SERIES),
    )


def packages() -> dict[str, PackageView]:
    rejected = (
        Rejected("0.9.0rc1", Message("A pre-release; the branch takes stable releases.")),
        Rejected("0.8.0", Message("Older than {version}.", version="0.8.1")),
        Rejected("0.7.9", Message("Withdrawn by upstream: {why}.", why="broken wheel")),
    )
    choice = Choice("0.8.1", NEWEST, rejected=rejected, confidence=0.97)
    upstream = UpstreamView(
        "pypi",
        "einops",
        "https://registry.example.org/simple",
        NOW - timedelta(minutes=14),
        notes=(Message("Upstream moved its repository to {address}.", address="https://git.example.org/einops"),),
        announced=(
            AnnouncedVersion("0.9.0rc1", NOW - timedelta(days=3)),
            AnnouncedVersion("0.8.1", NOW - timedelta(days=12)),
            AnnouncedVersion("0.8.0", NOW - timedelta(days=190)),
            AnnouncedVersion("0.7.9", NOW - timedelta(days=220), "broken wheel"),
            AnnouncedVersion("0.7.0", NOW - timedelta(days=600)),
        ),
        announced_total=19,
    )
    found: dict[str, PackageView] = {}
    for each in stands():
        branch = BranchView(
            each,
            "any" if each.branch == "master" else "patch-releases",
            "51f0a2c",
            choice if each.package == "python-einops" and each.behind else None,
        )
        earlier = found.get(each.package, PackageView(each.package))
        found[each.package] = PackageView(
            each.package,
            "灵活而强大的张量操作 (flexible tensor operations)" if each.package == "python-einops" else "",
            "sig-ai",
            ("wangxm", "li-na"),
            each.package,
            upstream if each.package == "python-einops" else None,
            (*earlier.branches, branch),
        )
    return found


def example_desk() -> DeskInMemory:
    """The whole example."""
    desk = DeskInMemory(stands=stands(), packages=packages())
    for view in (*others(), asks()):
        desk.all_changes[view.brief.id] = view
    rows = (
        ReleasedRow("zlib-1.2.13-5.x86_64", "zlib-1.2.13-5.x86_64.rpm", "9f" * 32, 88_412, f"zlib-{LTS}-1.2.13"),
        ReleasedRow("zlib-devel-1.2.13-5.x86_64", "zlib-devel-1.2.13-5.x86_64.rpm", "7c" * 32, 123_000),
    )
    desk.releases[LTS] = ReleaseView(
        LTS,
        7,
        NOW - timedelta(hours=1),
        rows,
        "4F2A 91C0 77B3 E5D8 1A20  6C9E 03F1 88AD 5B7E 2C44",
        "ab" * 32,
        f"/published/{LTS}/",
        "/published/RPM-GPG-KEY-headrace",
    )
    desk.logs = {
        "b-old": b"+ python3 -m build\nSuccessfully built einops-0.7.0.tar.gz\n",
        "b-new": "+ python3 -m build\n\x1b[32mSuccessfully built einops-0.8.1.tar.gz\x1b[0m\n构建完成\n".encode(),
        "b-tok": b"compiling ...\n" * 4000 + b"killed after 1800 s\n",
    }
    at = NOW - timedelta(hours=3)
    for number, (kind, subject, message) in enumerate(
        (
            (
                "upstream",
                "python-einops",
                Message("Upstream announced {version}.", version="0.8.1"),
            ),
            (
                "change",
                ASKS,
                Message(
                    "{version} was proposed for {branch}.",
                    version="0.8.1",
                    branch="master",
                ),
            ),
            ("build", ASKS, Message("Both versions were built.")),
            ("verdict", ASKS, Message("The gate asks a person.")),
            ("problem", "xxhash", Message("The upstream did not answer.")),
            ("release", "zlib", Message("Publication {serial} of {branch} is out.", serial=7, branch=LTS)),
        )
    ):
        desk.tell(kind, subject, message, at + timedelta(minutes=11 * number))
    return desk
