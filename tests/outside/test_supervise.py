"""Programs under watch: every bound holds, with control groups and without, and nothing is left behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from evidence.waiting import wait_until
from headrace.outside import supervise as module
from headrace.outside.cage import Cage, make_cage
from headrace.outside.command import CommandError
from headrace.outside.supervise import Bounds, Outcome, Stop, supervise
from headrace.outside.usage import deleted_but_open, disk_usage, tree

pytestmark = pytest.mark.real

_MIB = 1024**2


@pytest.fixture(params=["control groups", "watched"], autouse=True)
def _limits_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "watched":
        monkeypatch.setattr(module, "make_cage", lambda _memory, _processes: Cage())


def _run(tmp_path: Path, *argv: str, **bounds: float) -> Outcome:
    (tmp_path / "work").mkdir()
    plain = {"seconds": 20, "memory": 256 * _MIB, "disk": 256 * _MIB, "processes": 50, "output": _MIB, **bounds}
    return supervise(argv, bounds=Bounds(**plain), directory=tmp_path / "work", log=tmp_path / "log")  # type: ignore[arg-type]


def test_a_program_that_ends_by_itself(tmp_path: Path) -> None:
    outcome = _run(tmp_path, "/bin/sh", "-c", "echo out; echo err >&2; exit 3")
    assert (outcome.returncode, outcome.stopped) == (3, None)
    assert sorted((tmp_path / "log").read_text().split()) == ["err", "out"]


def test_arguments_are_never_words_of_a_shell(tmp_path: Path) -> None:
    outcome = _run(tmp_path, "/bin/echo", "$(touch x)", "; exit 9", "a b")
    assert outcome.returncode == 0
    assert (tmp_path / "log").read_text() == "$(touch x) ; exit 9 a b\n"


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    assert _run(tmp_path, "/no/such/program").returncode == 127


def test_lines_are_heard_one_by_one(tmp_path: Path) -> None:
    heard: list[str] = []
    (tmp_path / "work").mkdir()
    supervise(
        ["/bin/sh", "-c", "printf 'a\\nb\\n'; printf c; sleep 0.3; printf 'd\\n'"],
        bounds=Bounds(10, 256 * _MIB, _MIB, 50, _MIB), directory=tmp_path / "work", log=tmp_path / "log", hear=heard.append,
    )  # fmt: skip
    assert heard == ["a", "b", "cd"]


def test_a_listener_that_fails_ends_the_program(tmp_path: Path) -> None:
    def fail(_line: str) -> None:
        raise RuntimeError("enough")

    (tmp_path / "work").mkdir()
    before = set(tree(os.getpid()))
    with pytest.raises(RuntimeError, match="enough"):
        supervise(
            ["/bin/sh", "-c", "echo x; sleep 100"],
            bounds=Bounds(10, 256 * _MIB, _MIB, 50, _MIB), directory=tmp_path / "work", log=tmp_path / "log", hear=fail,
        )  # fmt: skip
    assert set(tree(os.getpid())) <= before


def test_attack_silence(tmp_path: Path) -> None:
    assert _run(tmp_path, "sleep", "100", seconds=0.5).stopped is Stop.TIME


def test_attack_a_program_that_closes_its_output_and_stays(tmp_path: Path) -> None:
    assert _run(tmp_path, "/bin/sh", "-c", "exec >&- 2>&-; sleep 100", seconds=0.7).stopped is Stop.TIME


def test_attack_children_in_sessions_of_their_own(tmp_path: Path) -> None:
    _run(tmp_path, "/bin/sh", "-c", "setsid sleep 1234.5 & setsid sleep 1234.5 & sleep 100", seconds=0.7)
    wait_until(lambda: not any(b"1234.5" in _words(pid) for pid in Path("/proc").glob("[0-9]*")))


def test_attack_memory(tmp_path: Path) -> None:
    hog = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    outcome = _run(tmp_path, sys.executable, "-c", hog, memory=64 * _MIB)
    assert outcome.stopped is Stop.MEMORY
    assert outcome.peak_memory > 32 * _MIB


def test_attack_disk(tmp_path: Path) -> None:
    work = tmp_path / "work"
    for number in range(3):
        fill = f"cd {work}; for i in 1 2 3 4 5; do head -c 5000000 /dev/zero > f$i; done; sleep 30"
        script = tmp_path / f"{number}"
        script.mkdir()
        (script / "work").mkdir()
        fill = fill.replace(str(work), str(script / "work"))
        bounds = Bounds(20, 256 * _MIB, 10 * _MIB, 50, _MIB)
        outcome = supervise(["/bin/sh", "-c", fill], bounds=bounds, directory=script / "work", log=script / "log")
        assert outcome.stopped is Stop.DISK
        assert outcome.seconds < 10


def test_a_disk_that_is_nearly_full_ends_the_program(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    bounds = Bounds(20, 256 * _MIB, _MIB, 50, _MIB, reserve=1 << 60)
    outcome = supervise(["sleep", "30"], bounds=bounds, directory=tmp_path / "work", log=tmp_path / "log")
    assert outcome.stopped is Stop.DISK_FULL


def test_attack_output(tmp_path: Path) -> None:
    outcome = _run(tmp_path, "yes", output=10000)
    assert outcome.stopped is Stop.OUTPUT
    assert (tmp_path / "log").stat().st_size == 10000


def test_attack_processes(tmp_path: Path) -> None:
    outcome = _run(tmp_path, "/bin/sh", "-c", "for i in $(seq 200); do sleep 30 & done; wait", processes=20, seconds=3)
    assert outcome.stopped in {Stop.PROCESSES, Stop.TIME}
    assert outcome.returncode != 0


def test_a_program_whose_limits_cannot_be_set_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_cage: Cage, _pid: int) -> None:
        raise PermissionError(1, "no")

    monkeypatch.setattr(Cage, "take", refuse)
    with pytest.raises(CommandError, match="its limits cannot be set"):
        _run(tmp_path, "touch", str(tmp_path / "ran"))
    assert not (tmp_path / "ran").exists()


def test_no_group_is_left_behind() -> None:
    cage = make_cage(64 * _MIB, 10)
    places = list(cage.directories)
    assert all(place.is_dir() for place in places)
    cage.destroy()
    assert not any(place.exists() for place in places)


def test_groups_of_killed_processes_are_cleared() -> None:
    first = make_cage(64 * _MIB, 10)
    if not first.directories:
        pytest.skip("no control group may be made here")
    abandoned = [place.with_name("headrace-999999999-x") for place in first.directories]
    for place in abandoned:
        place.mkdir()
    second = make_cage(64 * _MIB, 10)
    assert not any(place.exists() for place in abandoned)
    assert all(place.exists() for place in first.directories)
    first.destroy()
    second.destroy()


def test_deleted_files_count_while_they_are_open(tmp_path: Path) -> None:
    before = deleted_but_open([os.getpid()])
    with (tmp_path / "gone").open("wb") as stream:
        stream.write(bytes(1 * _MIB))
        stream.flush()
        assert disk_usage(tmp_path) >= _MIB
        (tmp_path / "gone").unlink()
        assert disk_usage(tmp_path) < _MIB
        assert deleted_but_open([os.getpid()]) - before >= _MIB


def _words(pid: Path) -> bytes:
    try:
        return (pid / "cmdline").read_bytes()
    except OSError:
        return b""
