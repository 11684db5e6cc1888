"""How well and how fast specs are read and moved to another version, beside rpm itself and packit's `specfile`.

    python -m benchmarks.spec agreement FOLDER [--target azurelinux]   our reading against rpmspec's, spec by spec
    python -m benchmarks.spec bump FOLDER [--specfile PYTHON]          every spec moved one step, ours and specfile's
    python -m benchmarks.spec replay CASES REPO=DIR [REPO=DIR]         upgrades that people made, done again

FOLDER holds specs anywhere below it. rpmspec and specfile run foreign code, so they run in bubblewrap without network.
PYTHON is an interpreter that has both `rpm` and `specfile`. CASES and the scoring are those of the replay benchmark.
"""

from __future__ import annotations

import argparse
import atexit
import collections
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.spec_replay import ENTRY, milliseconds, replay, share
from headrace.package.spec import targets
from headrace.package.spec.bump import SpecError, bump
from headrace.package.spec.changelog import read_entries
from headrace.package.spec.document import SpecDocument
from headrace.package.spec.facts import SpecFacts, read
from headrace.package.spec.value import Known, Unknown, Value

SANDBOX = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
SANDBOX_END = [
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--setenv",
    "HOME",
    "/tmp",
    "--setenv",
    "LC_ALL",
    "C.UTF-8",
]
SOURCE_QUERY = (
    "N|%{NAME}\nE|%{EPOCH}\nV|%{VERSION}\nR|%{RELEASE}\n[S|%{SOURCE}\n][P|%{PATCH}\n]"
    "[B|%{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\n]"
)
BINARY_QUERY = "K|%{NAME}\n[Q|%{NAME}|%{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\n]"
FACTS = ("name", "epoch", "version", "release", "sources", "patches", "build_requires", "subpackages", "requires")
AUTOMATIC = re.compile(r"rpmlib\(|config\(|/bin/sh\b|/sbin/ldconfig|<lua>|\(none\)")
LUA = """%x86_64 x86_64 amd64 em64t ia32e
%arm64 aarch64
%py3_dist() %{lua:for name in string.gmatch(rpm.expand("%*"), "[^ ]+") do local plain = string.gsub(name, "[-_.]+", "-") \\
print("python3dist(" .. string.lower(plain) .. ") ") end}
%sub() %{lua:print(string.sub(rpm.expand("%1"), tonumber(rpm.expand("%2")), tonumber(rpm.expand("%3"))))}
%version_no_tilde() %{lua:print((string.gsub(rpm.expand("%version"), "~", rpm.expand("%#") == "0" and "-" or rpm.expand("%1"))))}
"""
"""Natives of newer rpms and of distributions that rpm 4.18 lacks, for the oracle only."""


def sandboxed(command: Sequence[str], folder: Path, *more: Path, seconds: float = 60) -> tuple[int, str]:
    """Run a command that may run foreign code; it sees everything, reaches nothing and writes nowhere."""
    binds = [part for path in (folder, *more) for part in ("--ro-bind", str(path), str(path))]
    try:
        done = subprocess.run(
            [*SANDBOX, *binds, *SANDBOX_END, *command], stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return 124, ""
    return done.returncode, done.stdout.decode("utf-8", "replace")


def scratch() -> Path:
    """A folder that the sandbox can see (it hides /tmp), removed at the end."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def asked(spec: Path, macros: Path, kind: str, query: str) -> str | None:
    """What rpmspec answers; None when it refuses the spec."""
    load = ["--load", str(macros), "--define", f"_sourcedir {spec.parent}", "--define", "_topdir /tmp/rb"]
    code, text = sandboxed(["rpmspec", "-q", kind, "--qf", query, *load, str(spec)], spec.parent, macros)
    return text if code == 0 else None


def specs_below(folder: Path, limit: int) -> list[Path]:
    return sorted(folder.resolve().rglob("*.spec"))[: limit or None]


def beside(spec: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in spec.parent.iterdir()
        if path.is_file() and path.suffix not in (".spec", ".patch") and path.stat().st_size < 100_000
    }


def host_macros() -> list[str]:
    """The macro files that rpmspec itself reads here: both readers see the same."""
    rpm = Path("/usr/lib/rpm")
    places = [rpm / "macros", *rpm.glob("platform/x86_64-linux/macros"), *sorted(rpm.glob("fileattrs/*.attr"))]
    return [path.read_text(encoding="utf-8", errors="replace") for path in places if path.exists()]


# --- agreement -------------------------------------------------------------------------------------------------------


def settled(items: Iterable[object], pick: Callable[[object], Value[str]]) -> Value[tuple[str, ...]]:
    """All of a list's values sorted, or the first reason why one is not known."""
    found = set()
    for item in items:
        condition = getattr(item, "condition", None)
        value = condition or pick(item)
        if isinstance(value, Unknown):
            return value
        if not AUTOMATIC.match(value.value):
            found.add(value.value)
    return Known(tuple(sorted(found)))


def ours(facts: SpecFacts, built: set[str]) -> dict[str, Value[object]]:
    epoch = facts.epoch if isinstance(facts.epoch, Unknown) else Known(str(facts.epoch.value or "(none)"))
    if facts.epoch == Known(0):
        epoch = Known("0")
    required = [one for one in facts.requires if not one.qualifier.startswith("missingok")]

    def requirement(one: object) -> Value[str]:
        package = one.package if one.package != Known("") else facts.name  # type: ignore[attr-defined]
        value = one.value  # type: ignore[attr-defined]
        if isinstance(package, Unknown) or isinstance(value, Unknown):
            return package if isinstance(package, Unknown) else value
        return Known(f"{package.value}: {value.value}")

    wanted = settled(required, requirement)
    if isinstance(wanted, Known):
        kept = (row for row in wanted.value if row.partition(": ")[0] in built)
        wanted = Known(tuple(row for row in kept if not AUTOMATIC.match(row.partition(": ")[2])))
    names = settled(facts.subpackages, lambda one: one.name)  # type: ignore[attr-defined]
    return {
        "name": facts.name,
        "epoch": epoch,
        "version": facts.version,
        "release": facts.release,
        "sources": settled(facts.sources, lambda one: one.filename),  # type: ignore[attr-defined]
        "patches": settled(facts.patches, lambda one: one.filename),  # type: ignore[attr-defined]
        "build_requires": settled(facts.build_requires, lambda one: one.value),  # type: ignore[attr-defined]
        "subpackages": names,
        "requires": wanted,
    }


def theirs(source: str, binary: str) -> dict[str, object]:
    rows = [row.split("|", 1) for row in source.splitlines() if "|" in row]

    def some(key: str) -> list[str]:
        return [" ".join(value.split()) for name, value in rows if name == key]

    pairs = [row.split("|", 2)[1:] for row in binary.splitlines() if row.startswith("Q|")]
    needs = {
        f"{name}: {' '.join(need.split())}" for name, need in pairs if not AUTOMATIC.match(need.strip() or "(none)")
    }
    return {
        "name": some("N")[0],
        "epoch": some("E")[0],
        "version": some("V")[0],
        "release": some("R")[0],
        "sources": tuple(sorted(set(some("S")))),
        "patches": tuple(sorted(set(some("P")))),
        "build_requires": tuple(sorted({need for need in some("B") if not AUTOMATIC.match(need)})),
        "subpackages": tuple(sorted(row[2:] for row in binary.splitlines() if row.startswith("K|"))),
        "requires": tuple(sorted(needs)),
    }


def verdict(name: str, mine: Value[object], right: object, main: object) -> str:
    if isinstance(mine, Unknown):
        return "unknown"
    if name == "subpackages":  # rpm lists only those that have files
        return "agree" if set(right) <= {*mine.value, main} else "WRONG"  # type: ignore[misc,call-overload]
    return "agree" if mine.value == right else "WRONG"


def agreement(arguments: argparse.Namespace) -> None:
    """Print, fact by fact, on how many specs we agree with rpmspec, do not know, or are wrong."""
    own = "\n".join(targets.load(arguments.target)) if arguments.target else ""
    own += "\n%__pypi_url https://pypi.example/packages/\n%with_check 0\n"
    macro_file = scratch() / "target.macros"
    macro_file.write_text(LUA + own, encoding="utf-8")
    host = host_macros()
    tally: collections.Counter[tuple[str, str]] = collections.Counter()
    refused, times = 0, list[float]()

    def question(spec: Path) -> tuple[Path, str | None, str | None]:
        source = asked(spec, macro_file, "--srpm", SOURCE_QUERY)
        return spec, source, asked(spec, macro_file, "--builtrpms", BINARY_QUERY) if source else None

    with ThreadPoolExecutor(2) as pool:
        for spec, source, binary in pool.map(question, specs_below(arguments.folder, arguments.limit)):
            if source is None:
                refused += 1
                continue
            data, files = spec.read_bytes(), beside(spec)
            macros = (*host, own, f"%_sourcedir {spec.parent}\n%_topdir /tmp/rb\n")
            started = time.perf_counter()
            facts = read(data, macros=macros, files=files)
            times.append(time.perf_counter() - started)
            right = theirs(source, binary or "")
            built = set(right["subpackages"])  # type: ignore[call-overload]
            for name, mine in ours(facts, built).items():
                answer = verdict(name, mine, right[name], right["name"])
                if answer == "WRONG" and facts.doubts and name not in ("name", "epoch", "version", "release"):
                    answer = "unknown"  # the lists say themselves that they may not be complete
                tally[name, answer] += 1
                if answer == arguments.show.partition(":")[2] and name == arguments.show.partition(":")[0]:
                    print(f"{spec.name}: {name}: {getattr(mine, 'value', None) or mine} | {right[name]}")
    print(f"specs that rpm reads {len(times)}, refused by rpm {refused}; our reading {milliseconds(times)}")
    for name in FACTS:
        counts = {answer: tally[name, answer] for answer in ("agree", "unknown", "WRONG")}
        known = counts["agree"] + counts["WRONG"]
        print(
            f"{name:15} agree {counts['agree']:5} = {share(counts['agree'], sum(counts.values()))} of all, "
            f"{share(counts['agree'], known)} of known; unknown {counts['unknown']:4}; wrong {counts['WRONG']}"
        )


# --- bump ------------------------------------------------------------------------------------------------------------

SPECFILE = Path(__file__).with_name("specfile_runner.py").read_text(encoding="utf-8")


def stepped(version: str) -> str | None:
    """One step further: the last number of the version grows by one."""
    numbers = list(re.finditer(r"\d+", version))
    if not numbers or len(numbers[-1].group()) > 9:
        return None
    last = numbers[-1]
    return version[: last.start()] + str(int(last.group()) + 1).zfill(len(last.group())) + version[last.end() :]


def style(head: str) -> str:
    """The replay benchmark's classes of changelog heads."""
    if re.search(r">\s+-\s+\S+\s*$", head):
        return "> - ver-rel"
    return "> ver-rel" if re.search(r">\s*-?\s*\S*\d\S*\s*$", head) else "other"


def heads(data: bytes) -> list[str]:
    document = SpecDocument.parse(data)
    log = document.section("changelog")
    return (
        [entry.head for entry in read_entries([line.text for line in document.lines[log.start + 1 : log.end]])]
        if log
        else []
    )


def changed(before: bytes, after: bytes) -> int:
    """Lines outside the changelog that differ."""
    cut = re.compile(rb"(?m)^%changelog")
    old, new = (collections.Counter(cut.split(data)[0].splitlines()) for data in (before, after))
    return max(sum((old - new).values()), sum((new - old).values()))


def judged(spec: Path, data: bytes, to: str, was: str, macro_file: Path) -> collections.Counter[str]:
    """What became of one bump, as rpm sees it."""
    tally: collections.Counter[str] = collections.Counter(done=1)
    before = spec.read_bytes()
    folder = scratch()
    path = folder / spec.name
    path.write_bytes(data)
    load = ["--load", str(macro_file), "--define", f"_sourcedir {spec.parent}", "--define", "_topdir /tmp/rb"]
    code, text = sandboxed(
        ["rpmspec", "-q", "--srpm", "--qf", SOURCE_QUERY, *load, str(path)], folder, spec.parent, macro_file
    )
    shutil.rmtree(folder)
    now, then = (theirs(one, "") if one else {} for one in (text if code == 0 else "", was))
    same = bool(now) and all(now[key] == then[key] for key in ("name", "epoch"))
    right = same and now["version"] == to and len(now["patches"]) == len(then["patches"])  # type: ignore[arg-type]
    tally["right"] += right
    tally["wrong"] += not right
    old_heads, new_heads = heads(before), heads(data)
    if old_heads:
        tally["logged"] += 1
        tally["style"] += len(new_heads) == len(old_heads) + 1 and style(new_heads[0]) == style(old_heads[0])
    tally["lines"] += changed(before, data)
    return tally


def bumped_by_us(jobs: Sequence[tuple[Path, str]]) -> Iterator[tuple[Path, bytes | None, float]]:
    for spec, to in jobs:
        files = beside(spec)
        started = time.perf_counter()
        try:
            data: bytes | None = bump(spec.read_bytes(), to, spec_name=spec.name, files=files, entry=ENTRY).data
        except SpecError as error:
            print(f"  ours refuses {spec.name}: {error}", file=sys.stderr)
            data = None
        yield spec, data, time.perf_counter() - started


def bumped_by_specfile(python: str, jobs: Sequence[tuple[Path, str]]) -> Iterator[tuple[Path, bytes | None, float]]:
    if not jobs:
        return
    out = scratch()
    folder = Path(jobs[0][0].anchor, *jobs[0][0].parts[1:3])
    binds = ["--ro-bind", str(folder), str(folder), "--bind", str(out), str(out)]
    venv = Path(python).parent.parent
    command = [*SANDBOX, *binds, "--ro-bind", str(venv), str(venv), *SANDBOX_END, python, "-c", SPECFILE]
    lines = "".join(json.dumps([str(spec), to, str(out / f"{at}.spec")]) + "\n" for at, (spec, to) in enumerate(jobs))
    done = subprocess.run(command, input=lines.encode(), capture_output=True)
    for at, line in enumerate(done.stdout.decode().splitlines()):
        _, error, seconds = json.loads(line)
        path = out / f"{at}.spec"
        yield jobs[at][0], None if error else path.read_bytes(), seconds


def bumps(arguments: argparse.Namespace) -> None:
    """Move every spec one step and ask rpm what it reads now."""
    macro_file = scratch() / "target.macros"
    macro_file.write_text(LUA + "%with_check 0\n", encoding="utf-8")
    jobs, was = [], dict[Path, str]()
    for spec in specs_below(arguments.folder, arguments.limit)[:: arguments.every]:
        answer = asked(spec, macro_file, "--srpm", SOURCE_QUERY)
        to = stepped(str(theirs(answer, "")["version"])) if answer else None
        if answer and to and "%" not in to:
            jobs.append((spec, to))
            was[spec] = answer
    wanted = dict(jobs)
    tools = {"headrace": bumped_by_us(jobs)}
    if arguments.specfile:
        tools["specfile"] = bumped_by_specfile(arguments.specfile, jobs)
    for tool, results in tools.items():
        tally, times = collections.Counter[str](), list[float]()
        for spec, data, seconds in results:
            times.append(seconds)
            result = judged(spec, data, wanted[spec], was[spec], macro_file) if data else collections.Counter(refused=1)
            if result["wrong"] and tool == "headrace":
                print(f"  wrong: {spec}", file=sys.stderr)
            tally += result
        print(
            f"{tool:9} {len(times)} specs: right {share(tally['right'], len(times))}, refused {tally['refused']}, wrong "
            f"{tally['wrong']}, changelog style kept {share(tally['style'], tally['logged'])}, "
            f"{tally['lines'] / max(1, tally['done']):.2f} lines changed outside the changelog, load+bump {milliseconds(times)}"
        )


def main() -> None:
    """Read the arguments and run one of the three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, act in (("agreement", agreement), ("bump", bumps)):
        command = commands.add_parser(name)
        command.set_defaults(act=act)
        command.add_argument("folder", type=Path)
        command.add_argument("--limit", type=int, default=0)
        if name == "agreement":
            command.add_argument("--target", default="")
            command.add_argument("--show", default="", help="FACT:WRONG or FACT:unknown")
        else:
            command.add_argument("--specfile", default="", help="an interpreter that has rpm and specfile")
            command.add_argument("--every", type=int, default=1)
    command = commands.add_parser("replay")
    command.set_defaults(act=replay)
    command.add_argument("cases", type=Path)
    command.add_argument("repositories", nargs="+")
    arguments = parser.parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
