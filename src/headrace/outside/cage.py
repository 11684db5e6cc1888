"""Control groups around one process tree: a hard memory and process limit where the kernel lets us set one.

Both hierarchies are known (v1 controllers and the unified one). The new group lies under the caller's own group, so
that limits set from above still hold. Where no group may be made the cage is open: `hard` tells, and the caller has to
watch the tree itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PREFIX = "headrace-"


@dataclass(slots=True)
class Cage:
    """The control groups of one tree. `memory` and `pids` are the directories that hold the limits, None when there is none."""

    memory: Path | None = None
    pids: Path | None = None
    directories: list[Path] = field(default_factory=list)

    @property
    def hard(self) -> bool:
        """Whether the kernel itself holds the memory limit."""
        return self.memory is not None

    def take(self, pid: int) -> None:
        """Put a process (and so all that it starts) into the groups. Raises OSError when the kernel refuses."""
        for directory in self.directories:
            (directory / "cgroup.procs").write_text(str(pid))

    def processes(self) -> list[int]:
        """The ids of the processes inside; empty when there is no group to ask."""
        for directory in self.directories:
            with contextlib.suppress(OSError):
                return [int(line) for line in (directory / "cgroup.procs").read_text().split()]
        return []

    def memory_kills(self) -> int:
        """How often the kernel killed a process here for want of memory."""
        if self.memory is None:
            return 0
        return _counter(self.memory, "memory.events", "oom_kill") or _counter(
            self.memory, "memory.oom_control", "oom_kill"
        )

    def process_refusals(self) -> int:
        """How often a fork was refused because of the process limit."""
        return _counter(self.pids, "pids.events", "max") if self.pids is not None else 0

    def peak_memory(self) -> int:
        """The most memory in use at one time, in bytes; 0 when unknown."""
        if self.memory is None:
            return 0
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            with contextlib.suppress(OSError, ValueError):
                return int((self.memory / name).read_text())
        return 0

    def destroy(self, seconds: float = 10.0) -> None:
        """Kill whatever is left inside and remove the groups; gives up quietly after `seconds`."""
        end = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < end:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        for directory in self.directories:
            _remove(directory, end)
        self.directories.clear()


def make_cage(memory: int, processes: int) -> Cage:
    """A cage with a limit in bytes and a number of processes, as far as this machine allows; never raises."""
    cage = Cage()
    name = f"{_PREFIX}{os.getpid()}-{uuid.uuid4().hex[:12]}"
    groups = _own_groups()
    for controller in ("memory", "pids"):
        for parent in _parents(controller, groups):
            _clear_abandoned(parent)
            directory = parent / name
            try:
                directory.mkdir(exist_ok=True)
                _limit(directory, controller, memory, processes)
            except OSError:
                if directory not in cage.directories:
                    with contextlib.suppress(OSError):
                        directory.rmdir()
                continue
            if directory not in cage.directories:
                cage.directories.append(directory)
            if controller == "memory":
                cage.memory = directory
            else:
                cage.pids = directory
            break
    return cage


def _clear_abandoned(parent: Path) -> None:
    """Remove the groups of processes that were killed; their names tell whose they were."""
    for group in parent.glob(f"{_PREFIX}*-*"):
        owner = group.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                group.rmdir()


def _own_groups() -> dict[str, str]:
    """Controller -> our own group's path; the unified hierarchy has the empty name."""
    groups: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            for controller in controllers.split(","):
                groups[controller] = path.lstrip("/")
    return groups


def _parents(controller: str, groups: dict[str, str]) -> list[Path]:
    if controller in groups:
        return [_ROOT / controller / groups[controller]]
    if "" not in groups:
        return []
    own = _ROOT / groups[""]
    return [
        place
        for place in (own, own.parent)
        if place.is_relative_to(_ROOT) and controller in _subtree_controllers(place)
    ]


def _subtree_controllers(place: Path) -> list[str]:
    try:
        return (place / "cgroup.subtree_control").read_text().split()
    except OSError:
        return []


def _limit(directory: Path, controller: str, memory: int, processes: int) -> None:
    if controller == "pids":
        (directory / "pids.max").write_text(str(processes))
    elif (directory / "memory.max").exists():
        (directory / "memory.max").write_text(str(memory))
        with contextlib.suppress(OSError):
            (directory / "memory.swap.max").write_text("0")
    else:
        (directory / "memory.limit_in_bytes").write_text(str(memory))
        with contextlib.suppress(OSError):
            (directory / "memory.memsw.limit_in_bytes").write_text(str(memory))


def _counter(directory: Path | None, file: str, name: str) -> int:
    if directory is None:
        return 0
    with contextlib.suppress(OSError, ValueError):
        for line in (directory / file).read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


def _remove(directory: Path, end: float) -> None:
    while True:
        try:
            directory.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > end:
                return
            time.sleep(0.01)
        else:
            return
