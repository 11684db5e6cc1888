"""Comparisons and choices a second, ours beside others', in one run. Usage: python benchmarks/versions.py [seconds]

Each line sorts or compares the same versions. "cold" reads each version anew, "warm" has read it before (as in a watch that
compares the same candidates again and again). Ratios are ours divided by the other's, so more is better.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from functools import cmp_to_key

from headrace.package.evr import Evr, compare_versions, version_key
from headrace.upstream.choose import choose
from headrace.upstream.model import Announcement, Takes
from headrace.upstream.versions import compare, general_key

try:
    from packaging.version import Version
except ImportError:
    Version = None  # type: ignore[assignment,misc]
try:
    from univers.versions import RpmVersion
except ImportError:
    RpmVersion = None
try:
    import rpm_vercmp
except ImportError:
    rpm_vercmp = None


def versions(count: int) -> list[str]:
    """Python-like versions, so that every library can read them; always the same ones."""
    chance = random.Random(20201103)
    found = []
    for _ in range(count):
        text = ".".join(str(chance.randint(0, 40)) for _ in range(chance.randint(2, 4)))
        found.append(text + chance.choice(["", "", "", "rc1", "b2", ".post1"]))
    return found


def rate(step: Callable[[int], int], seconds: float) -> float:
    """How many operations a second `step` does; it is given a round's number and says how many it did."""
    done, begun, turn = 0, time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < seconds:
        done += step(turn)
        turn += 1
    return done / spent


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    texts = versions(2000)
    pairs = list(zip(texts, reversed(texts), strict=True))

    def warm(_turn: int) -> int:
        for a, b in pairs:
            compare_versions(a, b)
        return len(pairs)

    def cold(_turn: int) -> int:
        version_key.cache_clear()
        return warm(_turn)

    def general(_turn: int) -> int:
        for a, b in pairs:
            compare(a, b)
        return len(pairs)

    def general_cold(_turn: int) -> int:
        general_key.cache_clear()
        return general(_turn)

    ours = {"ours, rpm order, warm": rate(warm, seconds), "ours, rpm order, cold": rate(cold, seconds)}
    ours |= {
        "ours, general order, warm": rate(general, seconds),
        "ours, general order, cold": rate(general_cold, seconds),
    }
    others: dict[str, float] = {}
    if Version is not None:

        def python_cold(_turn: int) -> int:
            for a, b in pairs:
                _ = Version(a) < Version(b)
            return len(pairs)

        read = [(Version(a), Version(b)) for a, b in pairs]

        def python_warm(_turn: int) -> int:
            for a, b in read:
                _ = a < b
            return len(read)

        others["packaging, cold"] = rate(python_cold, seconds)
        others["packaging, warm (objects kept)"] = rate(python_warm, seconds)
    if RpmVersion is not None:

        def univers_cold(_turn: int) -> int:
            for a, b in pairs[:200]:
                _ = RpmVersion(a) < RpmVersion(b)
            return 200

        others["univers, cold"] = rate(univers_cold, seconds)
    if rpm_vercmp is not None:

        def vercmp(_turn: int) -> int:
            for a, b in pairs:
                rpm_vercmp.vercmp(a, b)
            return len(pairs)

        others["rpm-vercmp"] = rate(vercmp, seconds)

    print(f"{'comparisons a second':<36}{'':>12}")
    for name, value in {**ours, **others}.items():
        print(f"  {name:<34}{value:>12,.0f}")
    for name, value in others.items():
        own = ours["ours, rpm order, cold" if "cold" in name else "ours, rpm order, warm"]
        print(f"  ratio to {name:<25}{own / value:>12.1f}")

    evrs = [Evr(0, text, str(index % 7)) for index, text in enumerate(texts)]
    print(f"  sorting {len(evrs)} EVRs a second{'':<8}{rate(lambda _: len(sorted(evrs)), seconds):>12,.0f} EVRs")
    by_compare = cmp_to_key(compare_versions)
    print(
        f"  sorting by comparison{'':<13}{rate(lambda _: len(sorted(texts, key=by_compare)), seconds):>12,.0f} versions"
    )

    lists = [[Announcement(text) for text in texts[start : start + 100]] for start in range(0, 2000, 100)]

    def choices(turn: int) -> int:
        choose(lists[turn % len(lists)], current="", takes=Takes.ANY)
        return 1

    print(f"{'choices from 100 tags a second':<36}{rate(choices, seconds):>12,.0f}")


if __name__ == "__main__":
    main()
