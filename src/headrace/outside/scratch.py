"""Private directories for work that strangers do, and the way out of them for what they leave."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILD_UID = 60900
"""The user that works when we are root: no account has it, so it owns nothing on the host."""

_LOCKED_LONG_AGO = 3600.0


@contextmanager
def directory(root: Path, prefix: str) -> Iterator[Path]:
    """A fresh directory under `root`, gone afterwards. What a killed process left there earlier is cleared first."""
    clear_abandoned(root, prefix)
    place = Path(tempfile.mkdtemp(prefix=prefix, dir=root))
    lock = os.open(place / "lock.new", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        # Named only when it is held: nobody may find it free and take the directory for abandoned.
        fcntl.flock(lock, fcntl.LOCK_EX)
        (place / "lock.new").rename(place / "lock")
        place.chmod(0o711)
        yield place
    finally:
        _remove(place)
        os.close(lock)


def stamp(tree: Path, moment: int) -> None:
    """Give a tree to the user that builds (when we are root) and every file in it the same time."""
    for folder, _, files in os.walk(tree):
        for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118 - os.walk speaks strings
            os.utime(path, (moment, moment))
            if os.geteuid() == 0:
                os.chown(path, BUILD_UID, BUILD_UID, follow_symlinks=False)
    tree.chmod(0o700)


def plain_files(tree: Path) -> list[Path]:
    """Every regular file under a directory, sorted; links, devices and pipes are not followed nor listed."""
    found: list[Path] = []
    waiting = [tree]
    while waiting:
        place = waiting.pop()
        if not stat.S_ISDIR(place.lstat().st_mode):
            continue
        for entry in os.scandir(place):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                found.append(Path(entry.path))
    return sorted(found)


def take(source: Path, target: Path) -> None:
    """Copy a stranger's file out as our own, readable by all; never through a link."""
    fd = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as stream, target.open("xb") as sink:  # noqa: PTH123 - it is a descriptor already
        shutil.copyfileobj(stream, sink, 1024 * 1024)
    target.chmod(0o644)


def clear_abandoned(root: Path, prefix: str = "") -> None:
    """Remove what killed processes left under `root`: directories of ours whose lock nobody holds.

    With a `prefix`, those that never came to a lock count too when they are older than an hour.
    """
    for place in root.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if place.is_symlink() or place.stat().st_uid != os.geteuid():
                continue
            if prefix and not (place / "lock").exists() and time.time() - place.stat().st_mtime > _LOCKED_LONG_AGO:
                _remove(place)
                continue
            lock = os.open(place / "lock", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(place)
            finally:
                os.close(lock)


def _remove(place: Path) -> None:
    """Remove a tree even where a build took the permissions of its folders away; links are not followed."""
    for folder, names, _ in os.walk(place):
        for name in names:
            path = Path(folder, name)
            with contextlib.suppress(OSError):
                if not path.is_symlink():
                    path.chmod(0o700)
    # The lock goes last: whoever is killed in between leaves something that the next one clears.
    for path in place.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
