"""What a workspace came to, without what differs from run to run (moments, ids of commits that hold moments)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from world import World


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def changelog_heads(spec: str) -> int:
    return sum(line.startswith("* ") for line in spec.splitlines())


def summary(world: World, workspace: Path, *more: str) -> dict[str, object]:
    """Branches with their trees and numbers of commits, changes with verdicts and patch classes, released packages."""
    branches = {}
    for repository in sorted((workspace / "packages").glob("*.git")):
        for row in git(repository, "for-each-ref", "--format=%(refname:strip=2)", "refs/heads").splitlines():
            tree = git(repository, "rev-parse", f"{row}^{{tree}}").strip()
            commits = len(git(repository, "rev-list", row).splitlines())
            branches[f"{repository.stem} {row}"] = (tree, commits)
    changes = {}
    for change in json.loads(world.headrace("changes", workspace, "--json", *more).stdout):
        view = json.loads(world.headrace("change", change["id"], workspace, "--json", *more).stdout)
        fates = {patch["filename"]: patch["patch_class"] for patch in view["patches"]}
        findings = sorted((one["check"], one["result"]) for one in view["findings"])
        changes[change["id"]] = (change["state"], change["verdict"], change["to_evr"], fates, findings)
    released = {}
    for current in sorted((workspace / "release").glob("*/current")):
        released[current.parent.name] = sorted(path.name for path in current.rglob("*.rpm"))
    return {"branches": branches, "changes": changes, "released": released}
