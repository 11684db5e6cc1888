"""What a process tree uses: its processes and their memory, and the disk under a directory, deleted but open files included."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

_PAGE = os.sysconf("SC_PAGE_SIZE")
_WALK_SECONDS = 2.0
_BLOCK = 512


def tree(root: int) -> list[int]:
    """The ids of a process's living descendants; a process that ends meanwhile is left out."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = Path(entry.path, "stat").read_bytes()
                parent = int(stat[stat.rindex(b")") + 1 :].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [root]
    while waiting:
        mine = children.get(waiting.pop(), [])
        found += mine
        waiting += mine
    return found


def resident(pids: Iterable[int]) -> int:
    """The resident memory of some processes in bytes, what they share among them counted more than once."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            total += int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE
    return total


def disk_usage(directory: Path) -> int:
    """The bytes on disk under a directory; links are not followed, what cannot be read counts nothing."""
    total = 0
    waiting = [str(directory)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
        except OSError:
            continue
    return total


def deleted_but_open(pids: Iterable[int]) -> int:
    """The bytes of files that some processes hold open though their names are gone, each file once."""
    sizes: dict[tuple[int, int], int] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    stat = link.stat()
                    if stat.st_nlink == 0:
                        sizes[stat.st_dev, stat.st_ino] = stat.st_blocks * _BLOCK
    return sum(sizes.values())


class DiskWatch:
    """Counts a directory's size now and then: at most every two seconds, at once when the free space falls quickly."""

    def __init__(self, directory: Path, limit: int, reserve: int) -> None:
        self._directory = directory
        self._limit = limit
        self._reserve = reserve
        self._used = 0
        self._free = self._free_now()
        self._next = 0.0

    def look(self, pids: Callable[[], Iterable[int]]) -> Literal["", "over", "full"]:
        """`over` when the directory outgrew its limit, `full` when the disk has less than the reserve left."""
        free = self._free_now()
        if free < self._reserve:
            return "full"
        now = time.monotonic()
        falling = self._free - free > (self._limit - self._used) / 2
        if now < self._next and not falling:
            return ""
        self._used = disk_usage(self._directory) + deleted_but_open(pids())
        self._free = free
        cost = time.monotonic() - now
        self._next = now + max(_WALK_SECONDS, 20 * cost)
        return "over" if self._used > self._limit else ""

    def _free_now(self) -> int:
        stat = os.statvfs(self._directory)
        return stat.f_bavail * stat.f_frsize
