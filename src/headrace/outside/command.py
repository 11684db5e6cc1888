"""Other programs: an argument list, never a shell; bounded in time and output; the whole process tree ends with us."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headrace.errors import HeadraceError

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_CHUNK = 65536


class CommandError(HeadraceError):
    """A program is missing, failed, ran too long or said too much."""


@dataclass(frozen=True, slots=True)
class Completed:
    """How a program ended: its exit status and what it said, at most `max_output` bytes of each stream."""

    returncode: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output as text; undecodable bytes are shown as replacement characters."""
        return self.stdout.decode("utf-8", "replace")


def run(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    seconds: float,
    max_output: int = 64 * 1024 * 1024,
    check: bool = True,
) -> Completed:
    """Run `argv` and wait for it.

    `env` is the whole environment (None: PATH, HOME and the C.UTF-8 locale only). Raises CommandError when the program is
    missing, runs longer than `seconds`, says more than `max_output` bytes on a stream, or (with `check`) exits non-zero.
    """
    try:
        process = subprocess.Popen(
            list(argv), cwd=cwd, env=dict(env) if env is not None else plain_environment(), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=die_with_parent(),  # noqa: PLW1509 - two plain system calls, no lock taken
        )  # fmt: skip
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise CommandError(f"cannot start {argv[0]}", str(error.strerror), f"install {argv[0]}") from error
    try:
        out, err = _converse(process, stdin, time.monotonic() + seconds, max_output, argv[0])
    finally:
        _end(process)
    if check and process.returncode != 0:
        said = (err or out).decode("utf-8", "replace").strip().splitlines()
        raise CommandError(f"{argv[0]} failed with status {process.returncode}", "; ".join(said[-3:])[:600])
    return Completed(process.returncode, out, err)


def plain_environment() -> dict[str, str]:
    """The least that programs need; no proxy, token or locale of the caller leaks in."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def die_with_parent() -> Callable[[], None]:
    """What a child does before it starts: ask the kernel to be killed when we are, so that no orphan works on."""
    parent = os.getpid()

    def before_exec() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(127)

    return before_exec


def _converse(
    process: subprocess.Popen[bytes], stdin: bytes, deadline: float, limit: int, name: str
) -> tuple[bytes, bytes]:
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None  # noqa: S101, PT018
    heard: dict[int, bytearray] = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    out_fd, err_fd = heard
    pending = memoryview(stdin)
    with selectors.DefaultSelector() as selector:
        for fd in heard:
            selector.register(fd, selectors.EVENT_READ)
        if stdin:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin.fileno(), selectors.EVENT_WRITE)
        else:
            process.stdin.close()
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise CommandError(f"{name} ran too long", "its time limit passed and it was ended")
            for key, _ in selector.select(left):
                if key.fd in heard:
                    data = os.read(key.fd, _CHUNK)
                    heard[key.fd] += data
                    if not data:
                        selector.unregister(key.fd)
                    if len(heard[key.fd]) > limit:
                        raise CommandError(
                            f"{name} said more than {limit} bytes", "its output limit passed and it was ended"
                        )
                else:
                    pending = _feed(key.fd, pending)
                    if not pending:
                        selector.unregister(key.fd)
                        process.stdin.close()
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise CommandError(f"{name} ran too long", "its time limit passed and it was ended") from None
    return bytes(heard[out_fd]), bytes(heard[err_fd])


def _feed(fd: int, pending: memoryview) -> memoryview:
    try:
        return pending[os.write(fd, pending[:_CHUNK]) :]
    except BrokenPipeError:
        return memoryview(b"")
    except BlockingIOError:
        return pending


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group, whatever is left of it."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()
