"""A long-running program under watch: time, memory, disk, processes and output are bounded, and its whole tree dies with us."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess  # noqa: TID251 - the one other module that starts programs; the tree is watched here
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

from headrace.outside.cage import Cage, make_cage
from headrace.outside.command import CommandError, die_with_parent, plain_environment
from headrace.outside.usage import DiskWatch, resident, tree

_TICK = 0.2
_CHUNK = 65536
_LINE = 4096
_WAIT_FOR_GO = 'read -r go && exec "$@"'


class Stop(StrEnum):
    """Which bound a program hit."""

    TIME = "time"
    MEMORY = "memory"
    DISK = "disk"
    DISK_FULL = "disk full"
    """The disk itself ran full, whoever filled it."""
    PROCESSES = "processes"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds, bytes of memory of the whole tree, bytes of disk under one directory, processes, bytes of output."""

    seconds: float
    memory: int
    disk: int
    processes: int
    output: int
    reserve: int = 128 * 1024**2
    """Bytes that must stay free on the disk."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a supervised program ended. `stopped` is None when it ended by itself; `peak_memory` is 0 when nobody counted it."""

    returncode: int
    stopped: Stop | None
    seconds: float
    peak_memory: int = 0


def supervise(
    argv: Sequence[str], *, bounds: Bounds, directory: Path, log: Path, hear: Callable[[str], None] = lambda _line: None
) -> Outcome:
    """Run `argv` in a plain environment, its output written to `log`, until it ends or hits a bound; then end its tree.

    `directory` is what the disk bound is counted over. `hear` is called with every line of output (cut at 4096 bytes);
    what it raises ends the program and comes through. Raises CommandError when the program cannot be started.
    """
    started = time.monotonic()
    cage = make_cage(bounds.memory, bounds.processes)
    try:
        process = _start(argv, cage)
        try:
            watch = _Watch(process, cage, bounds, directory, started)
            with log.open("wb") as sink:
                stopped = _listen(process, watch, sink, hear)
        finally:
            _end(process)
        if stopped is None and process.returncode != 0:
            stopped = _kernel_stop(cage)
        peak = cage.peak_memory() or watch.peak
    finally:
        cage.destroy()
    return Outcome(process.returncode, stopped, time.monotonic() - started, peak)


@contextlib.contextmanager
def filtered(argv: Sequence[str], source: BinaryIO) -> Iterator[BinaryIO]:
    """What a filter program makes of a file from its present place on, as a stream; the program ends with the block.

    Raises CommandError when it cannot be started. That it failed shows in a stream that ends too early.
    """
    os.lseek(source.fileno(), source.tell(), os.SEEK_SET)
    try:
        process = subprocess.Popen(
            list(argv), cwd="/", env=plain_environment(), stdin=source.fileno(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent(),  # noqa: PLW1509 - two plain system calls
        )  # fmt: skip
    except OSError as error:
        raise CommandError(f"cannot start {argv[0]}", str(error.strerror), f"install {argv[0]}") from error
    try:
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        yield cast("BinaryIO", process.stdout)
    finally:
        _end(process)


def _start(argv: Sequence[str], cage: Cage) -> subprocess.Popen[bytes]:
    """Start a stub that waits for one line, so that the program is inside its cage before its first instruction."""
    try:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _WAIT_FOR_GO, "sh", *argv], cwd="/", env=plain_environment(), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=die_with_parent(),  # noqa: PLW1509 - two plain system calls
        )  # fmt: skip
    except OSError as error:
        raise CommandError(f"cannot start {argv[0]}", str(error.strerror)) from error
    try:
        cage.take(process.pid)
        assert process.stdin is not None  # noqa: S101 - PIPE was asked for
        process.stdin.write(b"go\n")
        process.stdin.close()
    except OSError as error:
        _end(process)
        raise CommandError(f"cannot start {argv[0]}", f"its limits cannot be set: {error.strerror}") from error
    return process


class _Watch:
    """What is looked at between two reads of the output."""

    def __init__(
        self, process: subprocess.Popen[bytes], cage: Cage, bounds: Bounds, directory: Path, started: float
    ) -> None:
        self.bounds = bounds
        self.peak = 0
        self._pid = process.pid
        self._cage = cage
        self._end = started + bounds.seconds
        self._disk = DiskWatch(directory, bounds.disk, bounds.reserve)
        self._next = 0.0

    def look(self) -> Stop | None:
        now = time.monotonic()
        if now >= self._end:
            return Stop.TIME
        if now < self._next:
            return None
        self._next = now + _TICK
        if not self._cage.hard or self._cage.pids is None:
            pids = [self._pid, *tree(self._pid)]
            if len(pids) > self.bounds.processes:
                return Stop.PROCESSES
            if not self._cage.hard:
                self.peak = max(self.peak, used := resident(pids))
                if used > self.bounds.memory:
                    return Stop.MEMORY
        match self._disk.look(lambda: self._cage.processes() or [self._pid, *tree(self._pid)]):
            case "over":
                return Stop.DISK
            case "full":
                return Stop.DISK_FULL
            case _:
                return None

    @property
    def patience(self) -> float:
        """Seconds to wait for output before looking again."""
        return max(0.0, min(_TICK, self._end - time.monotonic()))


def _listen(
    process: subprocess.Popen[bytes], watch: _Watch, sink: BinaryIO, hear: Callable[[str], None]
) -> Stop | None:
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for
    fd, written, line = process.stdout.fileno(), 0, b""
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while True:
            if stop := watch.look():
                return stop
            if not selector.select(watch.patience):
                if process.poll() is not None:
                    return None
                continue
            data = os.read(fd, _CHUNK)
            if not data:
                return None if _ended(process, watch) else Stop.TIME
            try:
                sink.write(data[: watch.bounds.output - written])
                sink.flush()
            except OSError:
                return Stop.DISK_FULL
            written += len(data)
            if written > watch.bounds.output:
                return Stop.OUTPUT
            *lines, line = (line + data).split(b"\n")
            line = line[:_LINE]
            for each in lines:
                hear(each[:_LINE].decode("utf-8", "replace"))


def _ended(process: subprocess.Popen[bytes], watch: _Watch) -> bool:
    """Wait for a program that closed its output; False when its time passed."""
    while process.poll() is None:
        if watch.look() is not None:
            return False
        time.sleep(0.005)
    return True


def _kernel_stop(cage: Cage) -> Stop | None:
    if cage.memory_kills():
        return Stop.MEMORY
    return Stop.PROCESSES if cage.process_refusals() else None


def _end(process: subprocess.Popen[bytes]) -> None:
    for pid in (process.pid, *tree(process.pid)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
