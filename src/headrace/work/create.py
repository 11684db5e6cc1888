"""`headrace init`: a workspace from a folder in openEuler's layout. Running it twice gives the same workspace."""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from headrace.outside.git import Git, Person
from headrace.package.distribution import Distribution, parse_distribution
from headrace.package.model import PackageError
from headrace.work.workspace import Workspace, WorkspaceError


def create_workspace(root: Path, origin: Path, when: int, progress: Callable[[str], None]) -> Workspace:
    """Make a workspace at `root` from the folder `origin`; `when` is the moment of the first commits (seconds since 1970).

    The distribution's file comes last: a folder without it is not a workspace yet, so a killed run is simply run again.
    """
    file = origin / "distribution.toml"
    if not file.is_file():
        raise WorkspaceError(
            f"{origin} is not a distribution", "it has no distribution.toml", "name the folder that has it"
        )
    if (root / "distribution.toml").exists():
        progress(f"{root} is a workspace already")
        return Workspace.open(root)
    data = file.read_bytes()
    distribution = parse_distribution(data)
    root.mkdir(parents=True, exist_ok=True)
    for folder in ("packages", "upstreams", "state", "sources", "builds", "changes", "scratch", "release"):
        (root / folder).mkdir(exist_ok=True)
    if distribution.loopback_repositories:
        for upstream in _folders(origin / distribution.loopback_repositories):
            progress(f"upstream {upstream.name}")
            _make_upstream(root / "upstreams" / f"{upstream.name}.git", upstream)
    for name in distribution.packages:
        progress(f"package {name}")
        _make_package(root, origin / "packages" / name, distribution, when)
    for listed in distribution.policy.image_lists:
        _copy_list(origin, root, listed)
    partial = root / ".distribution.toml"
    partial.write_bytes(data)
    os.replace(partial, root / "distribution.toml")  # noqa: PTH105 - says what it does
    return Workspace.open(root)


def _folders(parent: Path) -> Iterator[Path]:
    return (path for path in sorted(parent.iterdir()) if path.is_dir())


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _copy_list(origin: Path, root: Path, listed: str) -> None:
    target = (root / listed).resolve()
    if not target.is_relative_to(root.resolve()):
        raise PackageError(
            f"image list {listed} lies outside of the distribution", remedy="name a file beside distribution.toml"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(origin / listed, target)


def _make_package(root: Path, folder: Path, distribution: Distribution, when: int) -> None:
    name = folder.name
    if not folder.is_dir():
        raise PackageError(
            f"{name} has no folder", f"{folder} is missing", "add it or remove the package from [packages]"
        )
    repository = Git.create(root / "packages" / f"{name}.git")
    author, _, rest = distribution.author.partition(" <")
    tree = repository.write_tree(_files(folder))
    commit = repository.write_commit(tree, (), f"Import {name}", Person(author, rest.rstrip(">")), when)
    for branch in distribution.packages[name].branches:
        repository.move(f"refs/heads/{branch}", commit, None)


def _make_upstream(directory: Path, folder: Path) -> None:
    """Turn folders of versions into a repository with annotated tags, in the order and at the times that tags.toml tells."""
    repository = Git.create(directory)
    told = tomllib.loads((folder / "tags.toml").read_text("utf-8"))
    author = Person(told["author"]["name"], told["author"]["email"])
    parents: tuple[str, ...] = ()
    for row in told["tag"]:
        moment: datetime = row["date"]
        when = int(moment.timestamp())
        tree = repository.write_tree(_files(folder / row["folder"]))
        commit = repository.write_commit(tree, parents, row["commit"], author, when)
        text = f"object {commit}\ntype commit\ntag {row['name']}\ntagger {author.stamp(when)}\n\n{row['message']}\n"
        tag = repository.line("hash-object", "-t", "tag", "-w", "--stdin", stdin=text.encode())
        if repository.resolve(f"refs/tags/{row['name']}") is None:
            repository.run("update-ref", f"refs/tags/{row['name']}", tag)
        parents = (commit,)
    if parents:
        repository.move(f"refs/heads/{told['branch']}", parents[0], repository.resolve(f"refs/heads/{told['branch']}"))
        repository.run("symbolic-ref", "HEAD", f"refs/heads/{told['branch']}")
