"""The builder against real rpmbuild runs of small specs of our own, and against specs that attack the machine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.waiting import wait_until
from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.model import Build, BuildOrder, BuildStatus, EvidenceError, Limits, Strength
from headrace.outside import supervise
from headrace.outside.cage import Cage
from headrace.outside.sandbox import Way

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (shutil.which("bwrap") and shutil.which("rpmbuild")), reason="needs bwrap and rpmbuild"),
]

_HEAD = """\
Name: tiny
Version: 1.0
Release: 1
Summary: A tiny package
License: MIT
Source0: greeting.txt
BuildArch: noarch
%description
Tiny.
"""
_TAIL = """\
%files
%config(noreplace) /etc/tiny.conf
/usr/share/tiny/greeting.txt
"""
_INSTALL = """\
%install
mkdir -p %{buildroot}/{etc,usr/share/tiny}
echo colour=blue > %{buildroot}/etc/tiny.conf
cp -p %{SOURCE0} %{buildroot}/usr/share/tiny/
"""


def _order(tmp_path: Path, build: str = "", *, head: str = "", limits: Limits | None = None) -> BuildOrder:
    greeting = tmp_path / "cache" / "anything"
    greeting.parent.mkdir(exist_ok=True)
    greeting.write_text("hello\n")
    spec = _HEAD + head + f"%build\n{build}\n" + _INSTALL + _TAIL
    bounds = limits or Limits(seconds=60, memory=512 << 20, disk=512 << 20, processes=256, log=4 << 20)
    return BuildOrder(
        "tiny",
        "tiny.spec",
        spec.encode(),
        {"greeting.txt": greeting},
        "",
        source_date_epoch=1_700_000_000,
        limits=bounds,
    )


def _build(order: BuildOrder, tmp_path: Path, name: str = "out") -> tuple[Build, Path, str]:
    directory = tmp_path / name
    directory.mkdir()
    build = Bubblewrap().build(order, directory, lambda _stage: None)
    return build, directory, (directory / "build.log").read_text(errors="replace")


def test_a_package_is_built_and_laid_out(tmp_path: Path) -> None:
    stages: list[str] = []
    directory = tmp_path / "out"
    directory.mkdir()
    order = _order(tmp_path, "cat %{SOURCE0}")
    build = Bubblewrap().build(order, directory, stages.append)
    assert build.status is BuildStatus.BUILT, (directory / "build.log").read_text()
    assert build.rpms == ("rpms/tiny-1.0-1.noarch.rpm",)
    assert build.srpm == "srpm/tiny-1.0-1.src.rpm"
    assert (build.strength, build.reason, build.builder) == (Strength.HOST_ROOT, None, "bubblewrap")
    assert all((directory / path).is_file() for path in (*build.rpms, build.srpm, build.log))
    assert "%build" in stages
    record = json.loads((directory / "record.json").read_text())
    assert record["key"] == build.key == Bubblewrap().key(order)
    assert set(record["inputs"]["sources"]) == {"greeting.txt"}
    macros = (directory / "order.macros").read_bytes()
    assert hashlib.sha256(macros).hexdigest() == record["inputs"]["macros"]


def test_the_tests_of_check_are_counted(tmp_path: Path) -> None:
    order = _order(tmp_path, "echo '9 passed in 1.0s'")
    spec = order.spec.replace(b"%files", b"%check\necho '3 passed, 1 skipped in 0.1s'\n%files")
    build, _, _ = _build(replace(order, spec=spec), tmp_path)
    assert build.tests == (3, 0, 1)
    without, _, log = _build(replace(order, spec=spec, with_check=False), tmp_path, "without")
    assert without.tests is None
    assert "3 passed" not in log


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    order = _order(tmp_path)
    first, one, _ = _build(order, tmp_path, "one")
    second, two, _ = _build(order, tmp_path, "two")
    assert first.key == second.key
    assert (one / first.rpms[0]).read_bytes() == (two / second.rpms[0]).read_bytes()


def test_compiled_packages_are_reproducible_too(tmp_path: Path) -> None:
    if not shutil.which("gcc"):
        pytest.skip("needs gcc")
    compile_it = "echo 'int main(void){return 0;}' > a.c; gcc -g -O2 -o a a.c; echo 'x = 1' > m.py; python3 -m compileall -q m.py"
    into = b"%{buildroot}/usr/lib/made"
    install = b"%install\ncd /build/BUILD; mkdir -p " + into + b"; cp -a a m.py __pycache__ " + into + b"\n"
    order = _order(tmp_path, compile_it)
    spec = (
        order.spec.replace(b"BuildArch: noarch\n", b"")
        .replace(b"%install\n", install)
        .replace(b"%files\n", b"%files\n/usr/lib/made\n")
    )
    first, one, log = _build(replace(order, spec=spec), tmp_path, "one")
    second, two, _ = _build(replace(order, spec=spec), tmp_path, "two")
    assert first.status is BuildStatus.BUILT, log
    assert (one / first.rpms[0]).read_bytes() == (two / second.rpms[0]).read_bytes()
    assert (one / first.srpm).read_bytes() == (two / second.srpm).read_bytes()


def test_the_key_depends_on_every_input(tmp_path: Path) -> None:
    order = _order(tmp_path)
    other = tmp_path / "other"
    other.write_text("bye\n")
    variants = [
        order,
        replace(order, spec=order.spec + b"\n"),
        replace(order, sources={"greeting.txt": other}),
        replace(order, sources={**order.sources, "more": other}),
        replace(order, macros="%x 1\n"),
        replace(order, source_date_epoch=1),
        replace(order, limits=Limits(seconds=1)),
        replace(order, with_check=False),
    ]
    assert len({Bubblewrap().key(each) for each in variants}) == len(variants)


def test_extra_macros_are_loaded(tmp_path: Path) -> None:
    order = replace(_order(tmp_path, "echo %{our_macro}"), macros="%our_macro from-the-target\n%_topdir /elsewhere")
    build, _, log = _build(order, tmp_path)
    assert build.status is BuildStatus.BUILT
    assert "\nfrom-the-target\n" in log


def test_a_failing_build_quotes_the_telling_line(tmp_path: Path) -> None:
    build, _, _ = _build(
        _order(tmp_path, "echo preparing\necho 'main.c:3:1: error: no semicolon' >&2\nexit 3"), tmp_path
    )
    assert build.status is BuildStatus.FAILED
    assert "%build failed: main.c:3:1: error: no semicolon" in str(build.reason)
    assert build.rpms == ()


def test_a_build_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    limits = Limits(seconds=2, memory=512 << 20, disk=512 << 20, processes=256)
    mark = "3571.25"
    build, _, _ = _build(_order(tmp_path, f"sleep {mark} & setsid sleep {mark} & wait", limits=limits), tmp_path)
    assert build.status is BuildStatus.TIMEOUT
    assert build.seconds < 10
    assert mark not in _command_lines()


@pytest.fixture(params=["control groups", "watched"])
def _limits_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each hog meets the kernel's limits and, where no control group may be made, our own watch."""
    if request.param == "watched":
        monkeypatch.setattr(supervise, "make_cage", lambda _memory, _processes: Cage())


@pytest.mark.usefixtures("_limits_by")
def test_attack_memory_hog(tmp_path: Path) -> None:
    hog = "python3 -c \"x = [b'x' * (1 << 20) for _ in range(100000)]\""
    build, _, _ = _build(_order(tmp_path, hog, limits=replace(_order(tmp_path).limits, memory=128 << 20)), tmp_path)
    assert build.status is BuildStatus.MEMORY


def test_attack_memory_in_shared_files(tmp_path: Path) -> None:
    hog = "head -c 2000000000 /dev/zero > /dev/shm/hog"
    build, _, _ = _build(_order(tmp_path, hog), tmp_path)
    assert build.status in {BuildStatus.FAILED, BuildStatus.MEMORY}


@pytest.mark.parametrize(
    "hog",
    [
        "for i in 1 2 3 4 5 6 7 8 9; do head -c 60000000 /dev/zero > hog$i; done; sleep 20",
        "exec 9> hog; rm hog; head -c 900000000 /dev/zero >&9; sleep 20",
        "python3 -c \"import time; fs = [open('h%d' % i, 'wb') for i in range(9)]; import os;"
        ' [os.unlink(f.name) for f in fs]; [f.write(bytes(60000000)) for f in fs]; [f.flush() for f in fs]; time.sleep(20)"',
        "for i in 1 2 3 4 5 6 7 8 9; do head -c 60000000 /dev/zero > /tmp/hog$i; done; sleep 20",
    ],
    ids=["many files", "one deleted file", "many deleted files", "temporary files"],
)
def test_attack_disk_filler(tmp_path: Path, hog: str) -> None:
    limits = replace(_order(tmp_path).limits, disk=200 << 20, memory=2 << 30)
    build, _, log = _build(_order(tmp_path, hog, limits=limits), tmp_path)
    assert build.status is BuildStatus.DISK or "File size limit exceeded" in log or "File too large" in log
    assert build.seconds < 15


@pytest.mark.usefixtures("_limits_by")
def test_attack_fork_bomb(tmp_path: Path) -> None:
    limits = replace(_order(tmp_path).limits, processes=64, seconds=4)
    bomb = "bomb() { bomb | bomb & }; bomb; for i in $(seq 500); do sleep 30 & done; wait"
    build, _, _ = _build(_order(tmp_path, bomb, limits=limits), tmp_path)
    assert build.status in {BuildStatus.FAILED, BuildStatus.TIMEOUT}
    assert build.rpms == ()


def test_attack_endless_log(tmp_path: Path) -> None:
    build, directory, _ = _build(_order(tmp_path, "yes spam"), tmp_path)
    assert build.status is BuildStatus.FAILED
    assert "MiB of log" in str(build.reason)
    assert (directory / "build.log").stat().st_size <= 4 << 20


@pytest.mark.usefixtures("_way")
def test_attack_network(tmp_path: Path) -> None:
    heard: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)

        def listen() -> None:
            try:
                heard.append(server.accept())
            except TimeoutError:
                return

        thread = threading.Thread(target=listen)
        thread.start()
        port = server.getsockname()[1]
        try_it = f"python3 -c \"import socket; socket.create_connection(('127.0.0.1', {port}), 2)\""
        build, _, log = _build(_order(tmp_path, try_it), tmp_path)
        thread.join()
    assert build.status is BuildStatus.FAILED
    assert heard == []
    assert "Connection refused" in log or "Network is unreachable" in log


@pytest.fixture(params=list(Way), ids=lambda way: f"steps down {way.value}")
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways in which root steps down must hold against the same attacks."""
    if request.param is Way.INSIDE and os.geteuid() != 0:
        pytest.skip("only root can step down inside")
    monkeypatch.setattr("headrace.evidence.builders.bubblewrap.find_way", lambda _sandbox: request.param)


@pytest.mark.usefixtures("_way")
def test_attack_writing_outside(tmp_path: Path) -> None:
    targets = [
        str(tmp_path / "owned"),
        "/usr/bin/owned",
        "/etc/owned",
        "/owned",
        "/dev/owned",
        "/run/owned",
        "/var/owned",
    ]
    tries = "\n".join(f"touch {target} || echo refused {target}" for target in targets)
    build, _, log = _build(_order(tmp_path, f"set +e\n{tries}\ntouch /tmp/owned-by-a-build"), tmp_path)
    assert build.status is BuildStatus.BUILT
    assert log.count("\nrefused ") == len(targets)
    assert not any(Path(target).exists() for target in [*targets, "/tmp/owned-by-a-build"])


def test_attack_code_that_runs_while_the_spec_is_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    head = f'%define a %(touch /build/ran {outside})\n%{{lua: io.open("/build/lua-ran", "w"):close()}}\n'
    order = replace(
        _order(tmp_path, "ls /build"), spec=(head + _order(tmp_path, "%{a}\nls /build").spec.decode()).encode()
    )
    build, _, log = _build(order, tmp_path)
    assert build.status is BuildStatus.BUILT
    assert "\nlua-ran\n" in log
    assert "\nran\n" in log
    assert not outside.exists()
    assert not Path("/build").exists()


@pytest.mark.usefixtures("_way")
def test_attack_reading_the_hosts_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_TOKEN", "s3cr3t")
    status = "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status"
    files = "ls -A /root /home /var /run /etc; cat /etc/shadow"
    look = f"set +e; {status}; {files}; env; id; cat /proc/*/environ | tr '\\0' '\\n'"
    build, _, log = _build(_order(tmp_path, look), tmp_path)
    assert build.status is BuildStatus.BUILT
    assert "s3cr3t" not in log
    assert "cannot open" in log or "No such file" in log
    assert "(build)" in log
    assert "CapEff:\t0000000000000000" in log
    assert "CapBnd:\t0000000000000000" in log
    assert "NoNewPrivs:\t1" in log
    assert "uid=0" not in log


def test_attack_links_where_packages_are_collected(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t")
    links = "ln -s /etc/passwd /build/RPMS/passwd.rpm; mkfifo /build/RPMS/pipe.rpm; ln -s / /build/RPMS/root"
    build, directory, _ = _build(_order(tmp_path, f"{links}; mkdir -m 0 /build/BUILD/closed"), tmp_path)
    assert build.status is BuildStatus.BUILT
    assert build.rpms == ("rpms/tiny-1.0-1.noarch.rpm",)
    assert [path.name for path in (directory / "rpms").iterdir()] == ["tiny-1.0-1.noarch.rpm"]


def test_attack_source_names_that_climb(tmp_path: Path) -> None:
    order = _order(tmp_path)
    with pytest.raises(EvidenceError, match="not a plain file name"):
        _build(replace(order, sources={"../../evil": order.sources["greeting.txt"]}), tmp_path)


@pytest.mark.usefixtures("_way")
def test_the_user_outside_is_not_root(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has to step down")
    seen: list[int] = []

    def look(_stage: str) -> None:
        for pid in Path("/proc").glob("[0-9]*"):
            try:
                if b"6143.75" in (pid / "cmdline").read_bytes() and b"sleep" in (pid / "cmdline").read_bytes()[:20]:
                    seen.append(pid.stat().st_uid)
            except OSError:
                continue

    directory = tmp_path / "out"
    directory.mkdir()
    order = replace(_order(tmp_path), limits=Limits(seconds=3))
    spec = order.spec.replace(
        b"%build\n", b"%build\nsleep 6143.75 &\nsleep 0.3\necho 'Executing(%look)'\nsleep 1\nkill %1\n"
    )
    Bubblewrap().build(replace(order, spec=spec), directory, look)
    assert seen
    assert 0 not in seen


def test_killing_us_kills_the_build_and_the_next_build_clears_what_is_left(tmp_path: Path) -> None:
    mark = "2917.5"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for parent in [scratch, *scratch.parents]:
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    program = f"""
import sys
from pathlib import Path
from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.model import BuildOrder
spec = Path({str(tmp_path / "slow.spec")!r}).read_bytes()
out = Path({str(tmp_path / "killed")!r}); out.mkdir()
order = BuildOrder("tiny", "tiny.spec", spec, {{}}, "")
Bubblewrap(scratch_root=Path({str(scratch)!r})).build(order, out, lambda stage: print(stage, flush=True))
"""
    slow = _order(tmp_path, f"sleep {mark}").spec.replace(b"Source0: greeting.txt\n", b"")
    (tmp_path / "slow.spec").write_bytes(slow)
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = ""
        while not said.endswith("%build\n"):
            line = process.stdout.readline()
            assert line, f"the build ended before it was killed: {said}"
            said += line
        process.send_signal(signal.SIGKILL)
    wait_until(lambda: mark not in _command_lines())
    assert len(list(scratch.iterdir())) == 1
    directory = tmp_path / "after"
    directory.mkdir()
    build = Bubblewrap(scratch_root=scratch).build(_order(tmp_path), directory, lambda _stage: None)
    assert build.status is BuildStatus.BUILT
    assert list(scratch.iterdir()) == []


def test_an_ordinary_user_can_build_too(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("all other tests ran as an ordinary user")
    home = Path(tempfile.mkdtemp(dir="/var/tmp"))
    try:
        (home / "tiny.spec").write_bytes(_order(home, "id -u").spec)
        program = f"""
from pathlib import Path
from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.model import BuildOrder
home = Path({str(home)!r}); (home / "out").mkdir()
order = BuildOrder("tiny", "tiny.spec", (home / "tiny.spec").read_bytes(), {{"greeting.txt": home / "cache/anything"}}, "")
build = Bubblewrap().build(order, home / "out", lambda stage: None)
print(build.status, build.rpms, build.reason)
"""
        for path in (home, *home.rglob("*")):
            os.chown(path, 60911, 60911)
        step = ["setpriv", "--reuid=60911", "--regid=60911", "--clear-groups"]
        if subprocess.run([*step, sys.executable, "-c", "import headrace"], cwd="/").returncode != 0:
            pytest.skip("an ordinary user cannot read this installation")
        done = subprocess.run([*step, sys.executable, "-c", program], cwd="/", capture_output=True, text=True)
    finally:
        shutil.rmtree(home)
    assert done.stdout == "built ('rpms/tiny-1.0-1.noarch.rpm',) None\n", done.stderr


def test_another_architecture_is_refused_and_never_green(tmp_path: Path) -> None:
    directory = tmp_path / "out"
    directory.mkdir()
    build = Bubblewrap().build(replace(_order(tmp_path), arch="riscv64"), directory, lambda _stage: None)
    assert build.status is BuildStatus.REFUSED
    assert "no worker for riscv64" in str(build.reason)


def test_without_bubblewrap_one_sentence_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = _order(tmp_path)
    Bubblewrap().key(order)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EvidenceError, match="install the package bubblewrap"):
        _build(order, tmp_path)


def test_where_no_sandbox_can_be_made_nothing_is_built_and_nothing_is_blamed(tmp_path: Path) -> None:
    program = """
from pathlib import Path
from headrace.errors import HeadraceError
from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.model import BuildOrder
try:
    Bubblewrap(scratch_root=Path("/tmp")).build(BuildOrder("t", "t.spec", b"", {}, ""), Path("/tmp"), lambda stage: None)
except HeadraceError as error:
    print(error)
"""
    shut_in = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/tmp", "--unshare-user", "--disable-userns"]
    keep = [part for place in {sys.prefix, sys.base_prefix, *sys.path} if place.startswith("/tmp") and Path(place).exists()
            for part in ("--ro-bind", place, place)]  # fmt: skip
    command = [*shut_in, *keep, "--uid", "1000", "--gid", "1000", sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.startswith("no sandbox can be made on this machine"), done.stderr
    assert not (tmp_path / "build.log").exists()


def test_a_full_disk_gives_one_sentence(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    directory = tmp_path / "out"
    directory.mkdir()
    (directory / "record.json").symlink_to("/dev/full")
    with pytest.raises(EvidenceError, match=r"tiny cannot be built: .*No space left on device"):
        Bubblewrap().build(_order(tmp_path), directory, lambda _stage: None)


def _command_lines() -> str:
    lines: list[str] = []
    for pid in Path("/proc").glob("[0-9]*"):
        try:
            if int(pid.name) != os.getpid():
                lines.append((pid / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return "\n".join(line for line in lines if line.startswith(("sleep ", "setsid ")))
