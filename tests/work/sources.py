"""Archives of sources for the tests of work."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path


def archive(path: Path, files: Mapping[str, bytes], top: str = "pkg") -> Path:
    """A tar of `files` below one top directory."""
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path
