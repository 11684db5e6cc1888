"""Builds with rpmbuild on the host's own root, shut in by bubblewrap: no network, nothing writable but the build's own place.

The host's packages stand in for a buildroot, so build requirements are not resolved (`--nodeps`) and what the spec
forgot to ask for may be there by luck: the proof is no stronger than `Strength.HOST_ROOT`.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path

from headrace.evidence.model import Build, BuildOrder, BuildStatus, EvidenceError, Limits, Strength
from headrace.evidence.tally import count_tests
from headrace.evidence.telling import failing_stage, telling_line
from headrace.outside import scratch
from headrace.outside.command import CommandError, run
from headrace.outside.sandbox import Sandbox, find_way, sandbox_command
from headrace.outside.supervise import Bounds, Outcome, Stop, supervise
from headrace.words import Message, Text

_MACROS = """\
%_topdir /build
%_tmppath /tmp
%_dbpath /build/rpmdb
%_buildhost build.headrace.invalid
%_buildshell /bin/bash
%__gpg /usr/bin/gpg
%use_source_date_epoch_as_buildtime 1
%source_date_epoch_from_changelog 0
%clamp_mtime_to_source_date_epoch 1
%_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm
"""
_TOOLS = ("rpmbuild", "gcc", "ld", "python3", "node", "bwrap")
_PACKAGE_LISTS = ("/var/lib/dpkg/status", "/var/lib/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite")
_LOG_READ = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """A builder on the host's root. `scratch_root` is where builds work: a directory that ordinary users can reach."""

    scratch_root: Path = Path("/var/tmp")  # noqa: S108 - the scratch directories in it are private
    name: str = field(default="bubblewrap", init=False)
    strength: Strength = field(default=Strength.HOST_ROOT, init=False)

    def key(self, order: BuildOrder) -> str:
        """The hash of the spec, the sources' content, macros, limits, and of what the host would build with."""
        return hashlib.sha256(json.dumps(self._inputs(order), sort_keys=True).encode()).hexdigest()

    def build(self, order: BuildOrder, directory: Path, progress: Callable[[str], None]) -> Build:
        """Build into `directory`: `rpms/`, `srpm/`, `build.log`, and `record.json` with `order.macros`, to repeat it.

        `progress` hears the name of every stage as it begins. Raises EvidenceError when there is no sandbox here or an
        input is not usable; a build that fails or hits a limit is an answer.
        """
        key = self.key(order)
        if order.arch != platform.machine():
            nobody = Message("no worker for {arch}: this machine is {here}", arch=order.arch, here=platform.machine())
            return self._answer(key, directory, BuildStatus.REFUSED, reason=nobody)
        _need_tools()
        try:
            return self._try(order, directory, key, progress)
        except CommandError as error:
            raise EvidenceError(error.brief, error.detail, error.remedy) from error
        except OSError as error:
            why = f"{error.filename or directory}: {error.strerror}"
            raise EvidenceError(
                f"{order.package} cannot be built", why, "make room on the disk and run again"
            ) from error

    def _try(self, order: BuildOrder, directory: Path, key: str, progress: Callable[[str], None]) -> Build:
        inputs = self._inputs(order)
        _record(directory, {"key": key, "inputs": inputs})
        (directory / "order.macros").write_text(_all_macros(order), encoding="utf-8")
        log = directory / "build.log"
        with scratch.directory(self.scratch_root, "headrace-build-") as place:
            work = place / "build"
            _lay_out(order, work)
            sandbox = _sandbox(order, work)
            argv = sandbox_command(sandbox, _rpmbuild(order), find_way(sandbox))
            outcome = supervise(argv, bounds=_bounds(order.limits), directory=work, log=log, hear=_stages(progress))
            rpms, srpm = _collect(work, directory)
        used = {"seconds": round(outcome.seconds, 3), "peak_memory": outcome.peak_memory, "packages": [*rpms, srpm]}
        _record(directory, {"key": key, "inputs": inputs, "used": used})
        status, reason = _judge(outcome, order.limits, _tail(log), packages=bool(rpms))
        answer = self._answer(key, directory, status, rpms=rpms, srpm=srpm, reason=reason, seconds=outcome.seconds)
        tally = count_tests(log.read_text(encoding="utf-8", errors="replace"))
        return replace(answer, tests=(tally.passed, tally.failed, tally.skipped) if tally.known else None)

    def _inputs(self, order: BuildOrder) -> dict[str, object]:
        return {
            "builder": self.name,
            "host": host_facts(),
            "package": order.package,
            "spec_name": _plain_name(order.spec_name),
            "spec": hashlib.sha256(order.spec).hexdigest(),
            "sources": {_plain_name(name): _file_digest(path) for name, path in sorted(order.sources.items())},
            "macros": hashlib.sha256(_all_macros(order).encode()).hexdigest(),
            "arch": order.arch,
            "source_date_epoch": order.source_date_epoch,
            "limits": asdict(order.limits),
            "with_check": order.with_check,
        }

    def _answer(
        self, key: str, directory: Path, status: BuildStatus, *, rpms: tuple[str, ...] = (), srpm: str = "",
        reason: Text | None = None, seconds: float = 0.0,
    ) -> Build:  # fmt: skip
        log = "build.log" if (directory / "build.log").exists() else ""
        return Build(
            key, status, self.strength, str(directory), rpms, srpm, log, round(seconds, 3), reason, self.name
        )  # fmt: skip


@cache
def host_facts() -> dict[str, str]:
    """What the host would build with: the versions of its tools and a hash of its list of packages. Asked once a process."""
    facts = {"machine": platform.machine(), "packages": ""}
    for tool in _TOOLS:
        try:
            facts[tool] = run([tool, "--version"], seconds=20, check=False).text.partition("\n")[0].strip()
        except CommandError:
            facts[tool] = "absent"
    for place in _PACKAGE_LISTS:
        if Path(place).is_file():
            facts["packages"] = _file_digest(Path(place))
            break
    return facts


def _need_tools() -> None:
    for tool, package in (("bwrap", "bubblewrap"), ("rpmbuild", "rpm (rpm-build)")):
        if shutil.which(tool) is None:
            raise EvidenceError(
                "nothing can be built on this machine", f"{tool} is not installed", f"install the package {package}"
            )


def _plain_name(name: str) -> str:
    if not name or name in {".", ".."} or "/" in name or "\0" in name or name.startswith("-"):
        raise EvidenceError(
            "a source cannot be laid out for the build",
            f"{name!r} is not a plain file name",
            "correct the Source or Patch line",
        )
    return name


def _file_digest(path: Path) -> str:
    try:
        stat = path.stat()
        return _digest(str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise EvidenceError(
            "a source of the build cannot be read", f"{path.name}: {error.strerror}", "fetch it again"
        ) from error


@lru_cache(maxsize=4096)
def _digest(path: str, _inode: int, _size: int, _changed: int) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _all_macros(order: BuildOrder) -> str:
    """The target's macros and ours; ours come last, so that no target can move the build out of its place."""
    return f"{order.macros}\n{_MACROS}"


def _record(directory: Path, record: dict[str, object]) -> None:
    text = json.dumps(record, indent=2, sort_keys=True)
    (directory / "record.json").write_text(text + "\n", encoding="utf-8")


def _lay_out(order: BuildOrder, work: Path) -> None:
    """Put the inputs where rpmbuild expects them and give the whole to the user that builds."""
    for name in ("SPECS", "SOURCES", "BUILD", "BUILDROOT", "RPMS", "SRPMS", "rpmdb", "home", "tmp"):
        (work / name).mkdir(parents=True)
    (work / "SPECS" / _plain_name(order.spec_name)).write_bytes(order.spec)
    (work / "order.macros").write_text(_all_macros(order), encoding="utf-8")
    try:
        for name, path in order.sources.items():
            shutil.copyfile(path, work / "SOURCES" / _plain_name(name))
    except OSError as error:
        raise EvidenceError("a source of the build cannot be laid out", str(error), "fetch it again") from error
    scratch.stamp(work, order.source_date_epoch)


def _sandbox(order: BuildOrder, work: Path) -> Sandbox:
    environment = {"SOURCE_DATE_EPOCH": str(order.source_date_epoch), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return Sandbox(work, environment, order.limits.processes, order.limits.disk, order.limits.memory)


def _rpmbuild(order: BuildOrder) -> list[str]:
    argv = ["rpmbuild", "-ba", "--nodeps", "--load", "/build/order.macros"]
    if not order.with_check:
        argv.append("--nocheck")
    return [*argv, f"SPECS/{order.spec_name}"]


def _bounds(limits: Limits) -> Bounds:
    return Bounds(limits.seconds, limits.memory, limits.disk, limits.processes, limits.log)


def _stages(progress: Callable[[str], None]) -> Callable[[str], None]:
    def hear(line: str) -> None:
        if line.startswith("Executing(%"):
            progress(line[len("Executing(") :].partition(")")[0])
        elif line.startswith("Wrote: "):
            progress(Path(line).name)

    return hear


def _collect(work: Path, directory: Path) -> tuple[tuple[str, ...], str]:
    """Take the packages out; the build may have left anything there, so only plain files count and no link is followed."""
    taken: dict[str, list[str]] = {"rpms": [], "srpm": []}
    for kind, source, suffix in (("rpms", "RPMS", ".rpm"), ("srpm", "SRPMS", ".src.rpm")):
        (directory / kind).mkdir()
        for path in scratch.plain_files(work / source):
            if path.name.endswith(suffix):
                scratch.take(path, directory / kind / path.name)
                taken[kind].append(f"{kind}/{path.name}")
    return tuple(sorted(taken["rpms"])), next(iter(sorted(taken["srpm"])), "")


def _tail(log: Path) -> str:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _LOG_READ))
        return stream.read(_LOG_READ).decode("utf-8", "replace")


def _judge(outcome: Outcome, limits: Limits, log: str, *, packages: bool) -> tuple[BuildStatus, Text | None]:
    match outcome.stopped:
        case Stop.TIME:
            reason = Message("ended after {seconds} seconds, its limit", seconds=limits.seconds)
            return BuildStatus.TIMEOUT, reason
        case Stop.MEMORY:
            return BuildStatus.MEMORY, Message("used more than {limit} MiB of memory", limit=limits.memory >> 20)
        case Stop.DISK:
            return BuildStatus.DISK, Message("used more than {limit} MiB of disk", limit=limits.disk >> 20)
        case Stop.DISK_FULL:
            return BuildStatus.DISK, Message("the disk of the build machine ran full")
        case Stop.PROCESSES:
            reason = Message("started more than {limit} processes", limit=limits.processes)
            return BuildStatus.FAILED, reason
        case Stop.OUTPUT:
            return BuildStatus.FAILED, Message("wrote more than {limit} MiB of log", limit=limits.log >> 20)
        case None:
            return _judge_end(outcome, log, packages=packages)


def _judge_end(outcome: Outcome, log: str, *, packages: bool) -> tuple[BuildStatus, Text | None]:
    if outcome.returncode == 0 and packages:
        return BuildStatus.BUILT, None
    if outcome.returncode == 0:
        return BuildStatus.FAILED, Message("rpmbuild ended well but made no package")
    line, stage = telling_line(log), failing_stage(log)
    if not line:
        return BuildStatus.FAILED, Message("rpmbuild ended with status {status}", status=outcome.returncode)
    if stage:
        return BuildStatus.FAILED, Message("{stage} failed: {line}", stage=stage, line=line)
    return BuildStatus.FAILED, Message("rpmbuild failed: {line}", line=line)
