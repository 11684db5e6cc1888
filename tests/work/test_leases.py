from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.work.leases import FileLeases, Leases, PostgresLeases

HOLDER = """
import sys
from pathlib import Path
from headrace.work.leases import FileLeases, PostgresLeases
place, name = sys.argv[1:]
leases = PostgresLeases(place) if place.startswith("postgresql") else FileLeases(Path(place))
leases.hold(name)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> str:
    return str(tmp_path / "leases") if database_url.startswith("sqlite") else database_url


@pytest.fixture
def leases(place: str) -> Iterator[Leases]:
    made: Leases = PostgresLeases(place) if place.startswith("postgresql") else FileLeases(Path(place))
    yield made
    made.close()


def holder(place: str, name: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, place, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def is_free(leases: Leases, name: str) -> bool:
    with leases.try_take(name) as free:
        return free


def test_a_name_is_free_when_nobody_holds_it_and_again_after_it_was_taken(leases: Leases) -> None:
    assert is_free(leases, "a")
    assert is_free(leases, "a")


def test_one_s_own_name_is_not_free(leases: Leases) -> None:
    leases.hold("a")
    assert not is_free(leases, "a")


def test_a_name_is_held_while_its_process_lives_and_free_when_it_is_killed(leases: Leases, place: str) -> None:
    with holder(place, "worker") as process:
        assert not is_free(leases, "worker")
        process.kill()
        process.wait()
        for _ in range(200):
            if is_free(leases, "worker"):
                break
        else:
            pytest.fail("the dead worker still holds its name")


def test_files_of_dead_processes_do_not_pile_up(tmp_path: Path) -> None:
    with holder(str(tmp_path), "dead") as process:
        process.kill()
        process.wait()
    assert (tmp_path / "dead").exists()
    with holder(str(tmp_path), "living") as process:
        assert sorted(path.name for path in tmp_path.iterdir()) == ["living"]
        assert not is_free(FileLeases(tmp_path), "living")
        process.kill()
