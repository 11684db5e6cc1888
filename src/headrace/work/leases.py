"""Who is alive: a lease ends by itself when its process does, so that its work can be taken over and only then."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol
from zlib import crc32

import sqlalchemy as sa

REAPER = "reaper"
"""The name under which one process at a time looks for dead ones."""


class Leases(Protocol):
    """Exclusive names held by living processes."""

    def hold(self, name: str) -> None:
        """Hold a name until this process ends."""
        ...

    @contextmanager
    def try_take(self, name: str) -> Iterator[bool]:
        """Whether a name was free; it is held inside the block when it was."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class FileLeases:
    """Leases as locked files, for processes of one machine that share a workspace on a local disk."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._held: dict[str, IO[bytes]] = {}
        directory.mkdir(parents=True, exist_ok=True)

    def hold(self, name: str) -> None:
        """See Leases."""
        self._sweep()
        while True:
            handle = self._open(name)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if self._is_there(name, handle):
                self._held[name] = handle
                return
            # Swept by another process between opening and locking: such a lock guards nothing.
            handle.close()

    def _is_there(self, name: str, handle: IO[bytes]) -> bool:
        try:
            return (self._directory / name).stat().st_ino == os.fstat(handle.fileno()).st_ino
        except FileNotFoundError:
            return False

    def _sweep(self) -> None:
        """Remove the files of processes that are gone; a name that is asked for later is free all the same."""
        for path in self._directory.iterdir():
            with path.open("r+b") as handle, suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.name != REAPER and self._is_there(path.name, handle):
                    path.unlink()

    @contextmanager
    def try_take(self, name: str) -> Iterator[bool]:
        """See Leases."""
        if name in self._held:
            yield False
            return
        with self._open(name) as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def close(self) -> None:
        """See Leases."""
        for name, handle in self._held.items():
            (self._directory / name).unlink(missing_ok=True)
            handle.close()
        self._held.clear()

    def _open(self, name: str) -> IO[bytes]:
        # Children must not inherit the lock: an orphan would keep its dead parent alive.
        descriptor = os.open(self._directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "r+b")


class PostgresLeases:
    """Leases as advisory locks of a session of its own, for workers on many machines. Not through a transaction pooler."""

    _SPACE = 7001

    def __init__(self, url: str) -> None:
        keepalive = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
        self._engine = sa.create_engine(
            url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool, connect_args=keepalive, hide_parameters=True
        )
        self._own: sa.Connection | None = None
        self._names: set[str] = set()

    def hold(self, name: str) -> None:
        """See Leases."""
        if self._own is None:
            self._own = self._engine.connect()
        self._own.execute(sa.text("SELECT pg_advisory_lock(:space, :key)"), {"space": self._SPACE, "key": _key(name)})
        self._names.add(name)

    @contextmanager
    def try_take(self, name: str) -> Iterator[bool]:
        """See Leases."""
        if name in self._names:
            yield False
            return
        with self._engine.connect() as connection:
            query = sa.text("SELECT pg_try_advisory_lock(:space, :key)")
            yield bool(connection.execute(query, {"space": self._SPACE, "key": _key(name)}).scalar_one())

    def close(self) -> None:
        """See Leases."""
        if self._own is not None:
            self._own.close()
            self._own = None
        self._names.clear()
        self._engine.dispose()


def _key(name: str) -> int:
    return crc32(name.encode()) - 2**31
