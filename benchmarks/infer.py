"""On how many specs of a distribution an upstream is inferred, and what is left and why.

    python -m benchmarks.infer [--revision REF] [--target NAME] [--under FOLDER] [--left] REPOSITORY...

REPOSITORY is a git directory; specs are read from its objects and nothing is checked out.
"""

from __future__ import annotations

import argparse
import collections
import subprocess
import time
from collections.abc import Iterator

from headrace.outside.registries import known_hosts
from headrace.package.infer import infer
from headrace.package.spec.targets import load


def specs(repository: str, revision: str, under: str) -> Iterator[tuple[str, bytes]]:
    """Every spec of a revision: its path and its bytes."""
    command = ["git", "-C", repository, "ls-tree", "-r", "-z", "--name-only", revision]
    names = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace").split("\0")
    wanted = [name for name in names if name.endswith(".spec") and name.startswith(under)]
    reader = subprocess.Popen(
        ["git", "-C", repository, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    with reader:
        for name in wanted:
            reader.stdin.write(f"{revision}:{name}\n".encode())
            reader.stdin.flush()
            size = int(reader.stdout.readline().split()[2])
            yield name, reader.stdout.read(size)
            reader.stdout.read(1)
        reader.stdin.close()


def main() -> None:
    """Read the arguments and print a table for each repository."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+")
    parser.add_argument("--revision", default="HEAD")
    parser.add_argument("--target", default="", help="the macros that the specs are read with")
    parser.add_argument("--under", default="SPECS", help="only specs below it")
    parser.add_argument("--left", action="store_true", help="list every spec that is left")
    arguments = parser.parse_args()
    macros = load(arguments.target) if arguments.target else ()
    hosts = known_hosts()
    for repository in arguments.repositories:
        found, left, sure = collections.Counter[str](), dict[str, str](), 0
        why = collections.Counter[str]()
        started = time.perf_counter()
        for name, data in specs(repository, arguments.revision, arguments.under):
            inference = infer(data, macros, hosts)
            if inference.projects:
                found[inference.projects[0].source] += 1
                sure += inference.projects[0].certainty >= 0.75
            else:
                assert inference.unknown is not None
                left[name] = str(inference.unknown)
                why[inference.unknown.text] += 1
        total = sum(found.values()) + len(left)
        print(f"{repository}: {total} specs in {time.perf_counter() - started:.1f} s")
        print(f"  a source {sum(found.values())} = {100 * sum(found.values()) / max(1, total):.2f} %, certain {sure}")
        print("  " + ", ".join(f"{source} {count}" for source, count in found.most_common()))
        for reason, count in why.most_common():
            print(f"  left {count:4}: {reason}")
        if arguments.left:
            for name, reason in left.items():
                print(f"    {name}: {reason}")


if __name__ == "__main__":
    main()
