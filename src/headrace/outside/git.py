"""Git repositories through the git command, with nothing of the machine's or the repository's configuration run.

Every effect on a reference is a compare-and-swap, so that repeating it after a crash changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headrace.errors import HeadraceError
from headrace.outside.command import CommandError, run

_ZERO = "0" * 40
_FULL = ("No space left on device", "Disk quota exceeded")
_SAFE = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.autocrlf=false", "core.attributesFile=/dev/null", "gc.auto=0",
    "protocol.allow=never", "protocol.http.allow=always", "protocol.https.allow=always", "http.followRedirects=false",
    "transfer.fsckObjects=true", "submodule.recurse=false", "advice.detachedHead=false", "init.defaultBranch=master",
    "commit.gpgSign=false", "tag.gpgSign=false", "safe.directory=*",
)  # fmt: skip


class GitError(HeadraceError):
    """A repository cannot be read or written as asked."""


class FullDiskError(GitError):
    """A repository cannot be written for want of room."""

    @property
    def may_pass(self) -> bool:
        """There may be room next time."""
        return True


@dataclass(frozen=True, slots=True)
class Person:
    """Who made a commit."""

    name: str
    email: str

    def stamp(self, when: int) -> str:
        """The identity as commits spell it; `when` is seconds since 1970, always in UTC."""
        return f"{self.name} <{self.email}> {when} +0000"


def environment() -> dict[str, str]:
    """The environment that git runs in: no system or user configuration, no prompts, no editor."""
    return {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true",
        "GIT_ASKPASS": "true", "GIT_ATTR_NOSYSTEM": "1", "GIT_NO_REPLACE_OBJECTS": "1",
        **{name: os.environ[name] for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE") if name in os.environ},
    }  # fmt: skip


class Git:
    """One repository, bare or not, at `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()

    def run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, seconds: float = 120
    ) -> bytes:
        """Run one git command in the repository and return what it prints. Raises GitError when it fails."""
        flags = [part for setting in _SAFE for part in ("-c", setting)]
        try:
            done = run(
                ["git", *flags, "-C", str(self.directory), *arguments],
                stdin=stdin,
                env={**environment(), **(env or {})},
                seconds=seconds,
            )
        except CommandError as error:
            if any(sign in error.detail for sign in _FULL):
                raise FullDiskError(
                    f"the disk is full: git {arguments[0]} of {self.directory.name}",
                    error.detail,
                    "make room and run again",
                ) from error
            raise GitError(
                f"git {arguments[0]} failed in {self.directory.name}", error.detail or error.brief
            ) from error
        return done.stdout

    def line(self, *arguments: str, stdin: bytes = b"") -> str:
        """The same, as text without the final line end."""
        return self.run(*arguments, stdin=stdin).decode("utf-8", "replace").rstrip("\n")

    @classmethod
    def create(cls, directory: Path) -> Git:
        """Make a bare repository; one that is there already stays as it is."""
        directory.mkdir(parents=True, exist_ok=True)
        repository = cls(directory)
        repository.run("init", "--bare", "--quiet", "--template=", "--initial-branch=master", ".")
        return repository

    def resolve(self, reference: str) -> str | None:
        """The commit that a branch, tag or id names; None when there is none."""
        try:
            return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
        except GitError:
            return None

    def branches(self) -> dict[str, str]:
        """Branch name -> commit."""
        listing = self.line("for-each-ref", "--format=%(refname:strip=2) %(objectname)", "refs/heads")
        return dict(row.rsplit(" ", 1) for row in listing.splitlines())

    def read_tree(self, commit: str, *, max_file: int = 8 * 1024**2, max_total: int = 64 * 1024**2) -> dict[str, bytes]:
        """All regular files of a commit. Raises GitError for links, submodules, or more bytes than the limits."""
        listing = self.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
        entries: list[tuple[str, str]] = []
        total = 0
        for record in listing.split(b"\0")[:-1]:
            meta, _, raw = record.partition(b"\t")
            mode, kind, blob, size = meta.split()
            path = raw.decode("utf-8", "replace")
            if kind != b"blob" or mode == b"120000":
                raise GitError(
                    f"{path} is not a regular file",
                    "a package repository holds files only",
                    "remove the link or submodule",
                )
            total += int(size)
            if int(size) > max_file or total > max_total:
                raise GitError(f"{path} is too large", f"limits are {max_file} bytes a file and {max_total} in all")
            entries.append((path, blob.decode()))
        if not entries:
            return {}
        answer = self.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for _, blob in entries).encode())
        return dict(zip((path for path, _ in entries), _blobs(answer, len(entries)), strict=True))

    def write_tree(self, files: Mapping[str, bytes]) -> str:
        """Store files as a tree and return its id; the same files give the same id."""
        index = self.directory / f"headrace-index-{os.getpid()}-{os.urandom(6).hex()}"
        env = {"GIT_INDEX_FILE": str(index)}
        try:
            rows = []
            for path, content in sorted(files.items()):
                blob = self.line("hash-object", "-w", "--stdin", "--no-filters", stdin=content)
                rows.append(f"100644 {blob} 0\t{path}\0".encode())
            self.run("update-index", "-z", "--index-info", stdin=b"".join(rows), env=env)
            return self.run("write-tree", env=env).decode().strip()
        finally:
            index.unlink(missing_ok=True)

    def write_commit(self, tree: str, parents: tuple[str, ...], message: str, author: Person, when: int) -> str:
        """Store a commit and return its id; the same arguments give the same id, so a repeated call makes nothing new."""
        lines = [
            f"tree {tree}",
            *(f"parent {parent}" for parent in parents),
            f"author {author.stamp(when)}",
            f"committer {author.stamp(when)}",
        ]
        text = "\n".join(lines) + "\n\n" + message.rstrip("\n") + "\n"
        return self.line("hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode())

    def move(self, reference: str, to: str, expected: str | None) -> bool:
        """Compare-and-swap a reference; `expected` None: it must not exist. True also when it already stands at `to`."""
        now = self.resolve(reference)
        if now == to:
            return True
        if now != expected:
            return False
        try:
            self.run("update-ref", reference, to, expected or _ZERO)
        except GitError:
            return self.resolve(reference) == to
        return True

    def delete(self, reference: str) -> None:
        """Remove a reference; one that is not there is fine."""
        self.run("update-ref", "-d", reference)

    def diff(self, old: str, new: str, *paths: str) -> str:
        """The unified diff between two commits or trees."""
        return self.run(
            "diff",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--no-renames",
            "--full-index",
            old,
            new,
            "--",
            *paths,
        ).decode("utf-8", "replace")

    def fetch_tag(self, url: str, tag: str, *, seconds: float = 300) -> str:
        """Fetch one tag, without history, over smart HTTP, and return the commit it names."""
        self.run(
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--end-of-options",
            url,
            f"+refs/tags/{tag}:refs/tags/{tag}",
            seconds=seconds,
        )
        commit = self.resolve(f"refs/tags/{tag}")
        if commit is None:
            raise GitError(f"tag {tag} names no commit", f"at {url}")
        return commit


def _blobs(answer: bytes, count: int) -> list[bytes]:
    """Take the contents apart that `git cat-file --batch` printed."""
    found, at = [], 0
    for _ in range(count):
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[2])
        found.append(answer[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return found
