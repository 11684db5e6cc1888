"""Moves specs with packit's `specfile`: reads [path, version, result path] lines, answers [path, error, seconds]."""

import datetime as dt
import json
import sys
import time
from pathlib import Path

from specfile import Specfile  # type: ignore[import-not-found]

for line in sys.stdin:
    path, version, out = json.loads(line)
    started, day = time.perf_counter(), dt.date(2026, 1, 5)
    try:
        Path(out).write_bytes(Path(path).read_bytes())
        with Specfile(out, sourcedir=path.rsplit("/", 1)[0], force_parse=True, autosave=True) as spec:
            spec.update_version(version)
            spec.release = "1"
            spec.add_changelog_entry("- Upgrade", author="Replay Robot", email="robot@example.org", timestamp=day)
        error = ""
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is counted
        error = type(failure).__name__
    print(json.dumps([path, error, time.perf_counter() - started]), flush=True)
