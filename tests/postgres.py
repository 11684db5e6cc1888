"""A PostgreSQL server of the tests' own: fresh data directory, loopback port, stopped at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder of initdb and postgres, newest first; None when PostgreSQL's server is not installed."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which("initdb")
    folders = [*packaged, Path("/usr/bin"), *([Path(found).parent] if found else [])]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """Run a server; yields the address of its `postgres` database. Root hands over to an ordinary user, as PostgreSQL asks."""
    folder = programs()
    assert folder is not None, "install postgresql: the tests start a server of their own"
    with tempfile.TemporaryDirectory(prefix="headrace-pg-") as top:
        data, as_user = Path(top) / "data", _as_ordinary_user(Path(top))
        subprocess.run(
            [*as_user, folder / "initdb", "-D", data, "-A", "trust", "-U", "headrace", "-E", "UTF8", "--no-sync", "--locale=C"],
            check=True, capture_output=True, cwd=top,
        )  # fmt: skip
        port = free_port()
        options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": top, "fsync": "off"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        process = subprocess.Popen(
            [*as_user, folder / "postgres", "-D", data, *settings], cwd=top, stderr=subprocess.DEVNULL
        )
        try:
            _wait(port, process)
            yield f"postgresql://headrace@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_ordinary_user(top: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("nobody")
    shutil.chown(top, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--pdeathsig", "TERM"]


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, "PostgreSQL ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, "PostgreSQL did not answer within 60 s"
            time.sleep(0.05)
        else:
            return
