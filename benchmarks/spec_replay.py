"""Upgrades that people made, done again by us: how many are right, and how long they take."""

from __future__ import annotations

import argparse
import collections
import datetime as dt
import json
import statistics
import subprocess
import time
from collections.abc import Sequence

from headrace.package.spec.bump import ChangelogEntry, SpecError, bump
from headrace.package.spec.facts import read
from headrace.package.spec.value import Known

ENTRY = ChangelogEntry("Replay Robot <robot@example.org>", dt.date(2026, 1, 5), ("Upgrade",))


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"


def milliseconds(times: Sequence[float]) -> str:
    if not times:
        return "-"
    ordered = sorted(times)
    return (
        f"median {1e3 * statistics.median(ordered):.1f} ms, p95 {1e3 * ordered[int(0.95 * (len(ordered) - 1))]:.1f} ms"
    )


def replay(arguments: argparse.Namespace) -> None:
    """Time and count our bumps over upgrades that people made; the replay benchmark's own scorer tells how exact they are."""
    stores = dict(pair.split("=", 1) for pair in arguments.repositories)
    times, tally = list[float](), collections.Counter[str]()
    for line in arguments.cases.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["repo"] not in stores or case["dup_of"]:
            continue
        name = f"{case['parent']}:{case['spec_path']}"
        shown = subprocess.run(["git", f"--git-dir={stores[case['repo']]}", "show", name], capture_output=True)
        if shown.returncode:
            tally["not in the repository"] += 1
            continue
        started = time.perf_counter()
        try:
            result = bump(shown.stdout, case["new_version"], entry=ENTRY)
            right = read(result.data).version == Known(case["new_version"])
            tally["right" if right else "spelled otherwise"] += 1
        except SpecError:
            tally["refused"] += 1
        times.append(time.perf_counter() - started)
    print(f"{len(times)} cases: {dict(tally)}; load+bump {milliseconds(times)}")
