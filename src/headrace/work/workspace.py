"""A workspace on the disk: where everything of one distribution lies, and the distribution that its file tells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from headrace.errors import HeadraceError
from headrace.outside.git import Git, GitError
from headrace.package.distribution import Distribution, parse_distribution
from headrace.package.model import PackageTree


class WorkspaceError(HeadraceError):
    """A folder is not a workspace, or something of it is missing."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The places of one workspace. `root` is absolute."""

    root: Path
    distribution: Distribution

    @classmethod
    def open(cls, root: Path) -> Workspace:
        """Open a workspace. Raises WorkspaceError when there is none, PackageError when its file cannot be read."""
        path = root.resolve() / "distribution.toml"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise WorkspaceError(
                f"{root} is not a workspace",
                "it has no distribution.toml",
                f"make one: headrace init {root} --from examples",
            ) from error
        return cls(root.resolve(), parse_distribution(data))

    @property
    def state(self) -> Path:
        """Databases and leases."""
        return self.root / "state"

    @property
    def sources(self) -> Path:
        """The cache of sources, by digest."""
        return self.root / "sources"

    @property
    def builds(self) -> Path:
        """Builds, by the hash of their inputs."""
        return self.root / "builds"

    @property
    def changes(self) -> Path:
        """The reports of changes."""
        return self.root / "changes"

    @property
    def scratch(self) -> Path:
        """Work in progress; may be emptied when nobody works."""
        return self.root / "scratch"

    @property
    def keys(self) -> Path:
        """The signing key's home, 0700."""
        return self.root / "keys"

    @property
    def tokens(self) -> Path:
        """Who may log in to the pages, 0600."""
        return self.root / "tokens.json"

    def release(self, branch: str) -> Path:
        """The signed repository of a branch."""
        return self.root / "release" / branch

    def repository(self, package: str) -> Git:
        """The git repository of a package. Raises WorkspaceError for a package that the distribution does not name."""
        if package not in self.distribution.packages:
            known = ", ".join(list(self.distribution.packages)[:20])
            raise WorkspaceError(f"there is no package {package}", f"there are {known}", "correct the name")
        directory = self.root / "packages" / f"{package}.git"
        if not directory.is_dir():
            raise WorkspaceError(
                f"{package} has no repository", f"packages/{package}.git is missing", "restore or clone it"
            )
        return Git(directory)

    def tree(self, package: str, commit: str) -> PackageTree:
        """The files of a package at a commit. Raises GitError when they are not plain files or too large."""
        return PackageTree(package, commit, self.repository(package).read_tree(commit))

    def head(self, package: str, branch: str) -> str:
        """The commit of a package's branch. Raises GitError when there is no such branch."""
        commit = self.repository(package).resolve(f"refs/heads/{branch}")
        if commit is None:
            raise GitError(
                f"{package} has no branch {branch}", "the distribution names it", "create it or correct [packages]"
            )
        return commit
