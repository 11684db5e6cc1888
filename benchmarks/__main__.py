"""`make bench`: every measurement in turn, or those that are named: `python -m benchmarks http_clients`."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path


def main() -> None:
    here = Path(__file__).parent
    known = sorted(path.stem for path in here.glob("[a-z]*.py"))
    wanted = sys.argv[1:] or known
    for name in wanted:
        if name not in known:
            sys.exit(f"there is no measurement {name}: there are {', '.join(known)}")
        print(f"== {name}", flush=True)
        sys.argv = [name]
        runpy.run_path(str(here / f"{name}.py"), run_name="__main__")


main()
