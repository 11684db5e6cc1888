"""`make bench`: the measurements that need nothing but this machine, in turn; `python -m benchmarks NAME` runs one.

`benchmarks.spec` and `benchmarks.infer` measure on repositories of specs that their arguments name; see their `--help`.
"""

from __future__ import annotations

import runpy
import sys

MEASUREMENTS = ("http_clients", "versions", "watch")


def main() -> None:
    wanted = sys.argv[1:] or list(MEASUREMENTS)
    for name in wanted:
        if name not in MEASUREMENTS:
            sys.exit(f"there is no measurement {name} that runs by itself: there are {', '.join(MEASUREMENTS)}")
        print(f"== {name}", flush=True)
        sys.argv = [name]
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")


main()
