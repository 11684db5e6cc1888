from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headrace.errors import HeadraceError
from headrace.work.journal import DirectJournal, StepError

PROCESS = Path(__file__).parent / "engine_process.py"


class Workshop:
    """Starts worker processes over one database and reads what they wrote."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url, self.directory = url, directory
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, *keys: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, PROCESS, self.url, self.directory, *keys], stdout=subprocess.PIPE, text=True
        )
        self.processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def lines(self) -> list[str]:
        log = self.directory / "log"
        return log.read_text().splitlines() if log.exists() else []

    def wait(self, until: Callable[[list[str]], bool]) -> None:
        deadline = time.monotonic() + 60
        while not until(self.lines()):
            assert time.monotonic() < deadline, self.lines()
            time.sleep(0.02)

    def go(self) -> None:
        (self.directory / "go").touch()


@pytest.fixture
def workshop(database_url: str, tmp_path: Path) -> Iterator[Workshop]:
    url = f"sqlite:///{tmp_path / 'work.sqlite'}" if database_url.startswith("sqlite") else database_url
    workshop = Workshop(url, tmp_path)
    yield workshop
    for process in workshop.processes:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.real
def test_a_killed_job_goes_on_at_the_step_it_was_in(workshop: Workshop) -> None:
    first = workshop.start("a")
    workshop.wait(lambda lines: any("a two begins" in line for line in lines))
    first.kill()
    first.wait()
    workshop.go()
    workshop.start("a").wait(60)
    counted = Counter(line.partition(" in ")[0] for line in workshop.lines())
    assert counted == {"a one": 1, "a two begins": 2, "a two ends": 1, "a three": 1}


@pytest.mark.real
def test_a_living_worker_takes_over_from_a_dead_one(workshop: Workshop) -> None:
    first, second = workshop.start("a", "b"), workshop.start()
    workshop.wait(lambda lines: len({line for line in lines if "two begins" in line}) == 2)
    first.kill()
    first.wait()
    of_second = f"in {second.pid}"
    workshop.go()
    workshop.wait(lambda lines: {"a three", "b three"} <= set(lines))
    counted = Counter(line.partition(" in ")[0] for line in workshop.lines())
    assert counted["a one"] == counted["b one"] == counted["a three"] == counted["b three"] == 1
    assert sum(of_second in line for line in workshop.lines()) == 2


@pytest.mark.real
def test_a_job_queued_twice_is_done_once(workshop: Workshop) -> None:
    workshop.go()
    workshop.start("a").wait(60)
    workshop.start("a").wait(60)
    assert workshop.lines().count("a one") == 1


@pytest.mark.real
def test_a_failed_step_is_a_sentence_and_harms_no_other_job(workshop: Workshop) -> None:
    workshop.go()
    workshop.start("bad", "good").wait(60)
    assert "bad it broke: on purpose. nothing to do." in workshop.lines()
    assert "good three" in workshop.lines()


def test_a_step_gives_the_same_value_live_as_it_would_replayed() -> None:
    assert DirectJournal().step("x", tuple[int, ...], lambda: (1, 2)) == (1, 2)


def test_a_defect_in_a_step_becomes_a_failure_that_names_it() -> None:
    def defect() -> int:
        raise ZeroDivisionError("division by zero")

    with pytest.raises(StepError, match="step divide broke: ZeroDivisionError: division by zero"):
        DirectJournal().step("divide", int, defect)


def test_a_full_disk_is_one_clear_sentence() -> None:
    def full() -> int:
        raise OSError(28, "No space left on device", "build.log")

    with pytest.raises(HeadraceError, match="the disk is full: in step write: build.log. free space and run again"):
        DirectJournal().step("write", int, full)
