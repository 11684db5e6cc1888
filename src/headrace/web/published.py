"""The published repositories as files: what readers may have, and nothing that is hidden."""

from __future__ import annotations

import os
from pathlib import PurePath

from starlette.staticfiles import StaticFiles


class Published(StaticFiles):
    """Files below a directory, links only within it. Nothing whose name begins with a dot: publishing keeps its work there."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where a file lies, or that there is none."""
        if any(part.startswith(".") for part in PurePath(path).parts):
            return "", None
        return super().lookup_path(path)
