"""Both trees of a change out of a git repository that strangers wrote: bounded, nothing fetched, nothing run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headrace.outside.git import Git, GitError
from headrace.package.model import PackageError, PackageTree

_FILE = 8 * 1024**2
_TOTAL = 48 * 1024**2
_KEPT = 1024**2
_ENTRIES = 20_000
_COMMITS = 200
_MESSAGE = 64 * 1024
_OFFLINE = {"GIT_NO_LAZY_FETCH": "1"}
_NAME = re.compile(rb"(?im)^name[ \t]*:[ \t]*([A-Za-z0-9][A-Za-z0-9._+-]{0,127})[ \t]*\r?$")


@dataclass(frozen=True, slots=True)
class Change:
    """What was read: both trees, the messages oldest first, what is no file, what was too large, and whether BASE went on."""

    old: PackageTree
    new: PackageTree
    messages: tuple[str, ...]
    links: Mapping[str, str]
    unread: Mapping[str, int]
    behind: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    blob: str
    size: int


def read_change(repository: Path, base: str, head: str) -> Change:
    """Read the change from where it branched off. Raises GitError when a name or the common history is missing."""
    git = Git(repository)
    tip, end = _commit(git, base), _commit(git, head)
    start = _fork(git, tip, end)
    before, after = _entries(git, start), _entries(git, end)
    if start == end or before == after:
        raise GitError(
            f"{base[:80]}..{head[:80]} changes nothing", "both ends hold the same files", "name another range"
        )
    wanted, unread = _wanted(before, after)
    contents = _contents(git, wanted)
    old_files = {path: contents[each.blob] for path, each in before.items() if each.blob in contents and _plain(each)}
    new_files = {path: contents[each.blob] for path, each in after.items() if each.blob in contents and _plain(each)}
    name = _package(new_files)
    links = {path: _kind(each) for path, each in after.items() if not _plain(each)}
    return Change(
        PackageTree(name, start, old_files), PackageTree(name, end, new_files), _messages(git, start, end), links,
        unread, behind=start != tip,
    )  # fmt: skip


def read_spec_tree(repository: Path, branch: str, package: str) -> PackageTree | None:
    """The small files at the top of a branch; None when the repository has no such branch."""
    git = Git(repository)
    commit = git.resolve(f"refs/heads/{branch}") or git.resolve(f"refs/remotes/origin/{branch}")
    if commit is None:
        return None
    entries = {path: each for path, each in _entries(git, commit).items() if "/" not in path and _plain(each)}
    small = {each.blob: each.size for each in entries.values() if each.size <= _KEPT}
    contents = _contents(git, _bounded(small))
    return PackageTree(
        package, commit, {path: contents[each.blob] for path, each in entries.items() if each.blob in contents}
    )


def _commit(git: Git, name: str) -> str:
    found = git.resolve(name)
    if found is None:
        raise GitError(f"there is no commit {name[:80]}", f"in {git.directory.name}", "name a commit, branch or tag")
    return found


def _fork(git: Git, tip: str, end: str) -> str:
    try:
        return git.line("merge-base", tip, end).splitlines()[0]
    except (GitError, IndexError):
        raise GitError(
            "both ends have no common history", f"{tip[:12]} and {end[:12]}", "name a branch that it starts from"
        ) from None


def _plain(entry: _Entry) -> bool:
    return entry.mode in {"100644", "100755", "100664"}


def _kind(entry: _Entry) -> str:
    return {"120000": "symbolic link", "160000": "submodule"}.get(entry.mode, "special file")


def _entries(git: Git, commit: str) -> dict[str, _Entry]:
    listing = git.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit, env=_OFFLINE)
    records = listing.split(b"\0")[:-1]
    if len(records) > _ENTRIES:
        raise GitError(
            f"{commit[:12]} holds {len(records)} files", f"a package has at most {_ENTRIES}", "review one package"
        )
    found = {}
    for record in records:
        meta, _, raw = record.partition(b"\t")
        mode, _, blob, size = meta.decode("ascii", "replace").split()
        found[raw.decode("utf-8", "replace")] = _Entry(mode, blob, int(size) if size.isdigit() else 0)
    return found


def _wanted(before: Mapping[str, _Entry], after: Mapping[str, _Entry]) -> tuple[list[str], dict[str, int]]:
    """The blobs to read: what changed first, then the small ones; and the files that are not read, with their size."""
    moved = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    sizes: dict[str, int] = {}
    for path in sorted({*before, *after}, key=lambda path: (path not in moved, not path.endswith(".spec"), path)):
        for side in (before, after):
            each = side.get(path)
            if each is not None and _plain(each) and each.size <= (_FILE if path in moved else _KEPT):
                sizes.setdefault(each.blob, each.size)
    wanted = _bounded(sizes)
    got = set(wanted)
    unread = {path: each.size for path, each in after.items() if _plain(each) and each.blob not in got}
    return wanted, unread


def _bounded(sizes: Mapping[str, int]) -> list[str]:
    wanted, total = [], 0
    for blob, size in sizes.items():
        if total + size <= _TOTAL:
            total += size
            wanted.append(blob)
    return wanted


def _contents(git: Git, blobs: list[str]) -> dict[str, bytes]:
    """Blob -> bytes; one that the repository lacks is left out."""
    if not blobs:
        return {}
    answer = git.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in blobs).encode(), env=_OFFLINE)
    found, at = {}, 0
    for blob in blobs:
        end = answer.index(b"\n", at)
        words = answer[at:end].split()
        at = end + 1
        if len(words) == 3 and words[2].isdigit():
            size = int(words[2])
            found[blob] = answer[at : at + size]
            at += size + 1
    return found


def _messages(git: Git, start: str, end: str) -> tuple[str, ...]:
    """The messages, oldest first. Read as objects: `git log` would obey the repository's own configuration."""
    listing = git.line("rev-list", "--reverse", f"--max-count={_COMMITS}", end, f"^{start}")
    commits = _contents(git, listing.split())
    texts = (commits.get(each, b"").partition(b"\n\n")[2][:_MESSAGE] for each in listing.split())
    return tuple(text.decode("utf-8", "replace") for text in texts)


def _package(files: Mapping[str, bytes]) -> str:
    """The package's name: of the only spec at the top, by its file name or, when there are more, by the first one's tag."""
    specs = sorted(path for path in files if path.endswith(".spec") and "/" not in path)
    if not specs:
        raise PackageError(
            "HEAD has no spec file", "a package repository has <name>.spec at its top", "name a package repository"
        )
    if len(specs) == 1:
        return specs[0].removesuffix(".spec")
    named = [
        path for path in specs if (found := _NAME.search(files[path])) and f"{found.group(1).decode()}.spec" == path
    ]
    return (named or specs)[0].removesuffix(".spec")
