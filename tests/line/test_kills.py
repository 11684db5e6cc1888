"""Kill -9 at random moments, again and again: the end is that of an undisturbed run, and nothing happened twice."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from outcome import changelog_heads, git, summary
from world import World

pytestmark = pytest.mark.real
KILLS = 20


def happened(workspace: Path) -> int:
    """How many events the workspace has seen."""
    try:
        with closing(
            sqlite3.connect(f"file:{workspace}/state/headrace.sqlite?mode=ro", uri=True, timeout=30)
        ) as database:
            return int(database.execute("SELECT count(*) FROM events").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def run_with_kills(world: World, workspace: Path, kills: int, seed: int) -> int:
    """Run the line again and again, each time killed after a few more events and a random moment.

    Moments are counted in events, so that a slow machine is killed as deep in its work as a fast one. Returns how many
    kills hit a process at work.
    """
    dice = random.Random(seed)
    hit = 0
    for _ in range(kills):
        until = happened(workspace) + dice.choice([0, 0, 1, 1, 2, 3])
        process = world.start("run", workspace)
        while happened(workspace) < until and process.poll() is None:
            time.sleep(0.005)
        try:
            process.wait(dice.uniform(0, 0.4 if until else 3))
        except subprocess.TimeoutExpired:
            hit += 1
        process.kill()
        process.communicate()
    return hit


def test_twenty_kills_at_random_moments_change_nothing_in_the_end(world: World) -> None:
    quiet = world.init("quiet")
    world.headrace("run", quiet)
    killed = world.init("killed")
    hit = run_with_kills(world, killed, KILLS, seed=20261125)
    assert hit >= KILLS // 2
    world.headrace("run", killed)
    assert summary(world, killed) == summary(world, quiet)
    spec = git(killed / "packages" / "tinytool.git", "show", "master:tinytool.spec")
    assert changelog_heads(spec) == 2
    leftovers = [path.name for path in (killed / "scratch").iterdir()]
    assert leftovers == []


def test_no_build_outlives_its_killed_worker(world: World) -> None:
    workspace = world.init()
    process = world.start("run", workspace)
    deadline = time.monotonic() + 60
    while not builders(workspace):
        assert time.monotonic() < deadline, "no build began"
        time.sleep(0.01)
    process.kill()
    process.communicate()
    while builders(workspace):
        assert time.monotonic() < deadline, "a build works on without its worker"
        time.sleep(0.02)


def builders(workspace: Path) -> list[str]:
    """The rpmbuild processes that work on packages of this test's world."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if "rpmbuild" in line and ("tinytool" in line or "gristmill" in line):
            found.append(line)
    return found


def test_a_kill_between_the_proposal_and_its_merge_is_made_good(world: World) -> None:
    workspace = world.init()
    process = world.start("run", workspace)
    assert process.stdout is not None
    for line in process.stdout:
        if "gristmill-master-0.2.0: verdict" in line:
            break
    process.kill()
    process.communicate()
    with closing(sqlite3.connect(workspace / "state" / "headrace.sqlite")) as database:
        (state,) = database.execute("SELECT state FROM changes WHERE id = 'gristmill-master-0.2.0'").fetchone()
    assert state in {"working", "proposed", "accepted"}, state
    world.headrace("run", workspace)
    quiet = world.init("quiet")
    world.headrace("run", quiet)
    assert summary(world, workspace) == summary(world, quiet)
