"""Unpacked sources as patches see them: regular files inside one directory, read one at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from headrace.package.model import PackageError
from headrace.package.patches_apply import Blob

_MAX_FILE = 32 * 1024 * 1024
_MOST_CANDIDATES = 3000


class Sources:
    """The files below `root`. Links are not followed, so that nothing outside is ever read."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, path: str, /) -> Blob | None:
        """The regular file at a path; None for anything else. Raises PackageError when it is larger than 32 MiB."""
        parts = path.split("/")
        if not is_safe(path) or any(
            (self._root / "/".join(parts[:at])).is_symlink() for at in range(1, len(parts) + 1)
        ):
            return None
        file = self._root / path
        try:
            found = file.lstat()
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        if found.st_size > _MAX_FILE:
            raise PackageError(f"{path} is too large to patch", f"{found.st_size} bytes, the limit is {_MAX_FILE}")
        return Blob(file.read_bytes(), bool(found.st_mode & 0o100))

    def sizes(self) -> dict[str, int]:
        """Path -> size in bytes of every regular file."""
        found: dict[str, int] = {}
        for directory, folders, names in os.walk(self._root):
            folders[:] = [name for name in folders if name != ".git"]
            for name in names:
                info = os.lstat(Path(directory, name))
                if stat.S_ISREG(info.st_mode):
                    found[os.path.relpath(os.path.join(directory, name), self._root)] = info.st_size  # noqa: PTH118 - bytes of names stay as they are
        return found


def is_safe(path: str) -> bool:
    """Whether a path stays inside the sources and out of git's own folder."""
    parts = path.split("/")
    return (
        not path.startswith("/")
        and "\0" not in path
        and not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)
    )


def may_have_become(missing: Iterable[str], old: Sources, new: Sources) -> list[str]:
    """The files of the new sources that a missing old one may have been moved to: new ones of about its size.

    Git calls two files the same when at least half of them agrees, so that neither can be more than twice as large.
    """
    before, after = old.sizes(), new.sizes()
    gone = [(path, before[path]) for path in missing if path in before]
    fresh = [path for path in after if path not in before and is_safe(path) and after[path] <= _MAX_FILE]
    near = [
        path for path in fresh if any(size <= 2 * after[path] + 1 and after[path] <= 2 * size + 1 for _, size in gone)
    ]
    names = {os.path.basename(path) for path, _ in gone}  # noqa: PTH119 - a path of the archive, not of this machine
    near.sort(key=lambda path: (path.rpartition("/")[2] not in names, path))
    return near[:_MOST_CANDIDATES] if gone else []
