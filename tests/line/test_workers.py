"""Several processes on one database: PostgreSQL, or SQLite on one machine; a killed one is taken over."""

from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path

import pytest

from outcome import summary
from world import World

pytestmark = pytest.mark.real


def start_worker(world: World, workspace: Path, *database: str) -> subprocess.Popen[str]:
    process = world.start("worker", workspace, "--jobs", "1", *database)
    assert process.stdout is not None
    assert "is ready" in process.stdout.readline()
    return process


def test_the_line_runs_on_postgresql_with_workers_that_are_killed(world: World, postgres_url: str) -> None:
    quiet = world.init("quiet")
    world.headrace("run", quiet)
    workspace, database = world.init("shared"), ("--database", postgres_url)
    dice = random.Random(7)
    run = world.start("run", workspace, "--jobs", "1", *database)
    killed = 0
    while run.poll() is None:
        worker = start_worker(world, workspace, *database)
        time.sleep(dice.uniform(0.2, 3))
        killed += run.poll() is None
        worker.kill()
        worker.communicate()
    said, _ = run.communicate()
    assert run.returncode == 0, said
    assert killed >= 1
    shared = summary(world, workspace, *database)
    assert shared == summary(world, quiet)


def test_a_worker_finishes_what_a_killed_run_left(world: World) -> None:
    workspace = world.init()
    run = world.start("run", workspace)
    assert run.stdout is not None
    while "building" not in run.stdout.readline():
        assert run.poll() is None
    run.kill()
    run.communicate()
    worker = start_worker(world, workspace)
    deadline = time.monotonic() + 120
    while True:
        states = {one["state"] for one in json.loads(world.headrace("changes", workspace, "--json").stdout)}
        if "working" not in states:
            break
        assert time.monotonic() < deadline, states
        time.sleep(0.3)
    worker.terminate()
    worker.communicate(timeout=60)
    assert worker.returncode == 0
    world.headrace("run", workspace)
    quiet = world.init("quiet")
    world.headrace("run", quiet)
    assert summary(world, workspace) == summary(world, quiet)
