"""The job `review`: a change in a git repository, read with limits, judged by the checklist. Uses no network, writes nothing."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from headrace.errors import HeadraceError
from headrace.evidence.review.files import ARCHIVE
from headrace.evidence.review.items import review
from headrace.evidence.review.model import Note, Review, Submission
from headrace.outside.archive import ArchiveError, ArchiveLimits, list_members
from headrace.package.distribution import parse_distribution
from headrace.package.model import PackageError, PackageTree
from headrace.package.policy import POLICY_TABLES, Policy, only, read_policy
from headrace.package.spec import targets
from headrace.package.spec.facts import read
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text
from headrace.work.review_tree import Change, read_change, read_spec_tree

_POLICY_BYTES = 4 * 1024 * 1024
_LIMITS = ArchiveLimits(packed=64 * 1024**2, total=512 * 1024**2, members=20_000, seconds=20.0)
_ARCHIVES = 20


class ReviewError(HeadraceError):
    """A review cannot be made: the repository, the range or the policy cannot be used."""


def review_change(
    repository: Path, span: str, branch: str = "", policy: Path | None = None, target: str = "openeuler"
) -> Review:
    """Review `BASE..HEAD` of a repository, bare or not. Raises HeadraceError when there is nothing to review."""
    base, dots, head = span.partition("..")
    if not dots or not base.strip() or not head.strip("."):
        raise ReviewError(
            f"{span[:80]!r} is no range", "a review needs BASE..HEAD", "name two commits, branches or tags"
        )
    if not repository.is_dir():
        raise ReviewError(f"there is no repository {repository}", remedy="name a directory that holds a git repository")
    rules = None if policy is None else load_policy(policy)
    read = read_change(repository, base, head.strip("."))
    where = _branch(branch, base, rules)
    macros = "\n".join(targets.load(target))
    return review(_submission(read, where, rules, policy, macros, repository))


def _branch(named: str, base: str, rules: Policy | None) -> str:
    """The branch that was named, or BASE when the policy knows it as a branch."""
    if rules is not None and named:
        return rules.branch(named).name
    short = base.removeprefix("refs/heads/").removeprefix("origin/")
    return named or (short if rules is not None and short in rules.branches else "")


def _submission(
    read: Change, branch: str, rules: Policy | None, policy: Path | None, macros: str, repository: Path
) -> Submission:
    bare = Submission(read.old, read.new, tuple(Note.read(each) for each in read.messages))
    return Submission(
        read.old, read.new, bare.notes, macros, branch, rules,
        images=None if rules is None or policy is None else read_images(policy.parent, rules),
        heads=None if rules is None else _heads(repository, rules, read.new.name, branch, macros),
        listings=_listings(read.new.files, bare.changed), links=read.links, unread=read.unread, behind=read.behind,
    )  # fmt: skip


def load_policy(path: Path) -> Policy:
    """The policy in a file of its own, or in a workspace's `distribution.toml`. Raises PackageError naming what is wrong."""
    try:
        with path.open("rb") as file:
            data = file.read(_POLICY_BYTES + 1)
    except OSError as error:
        raise PackageError(f"the policy {path} cannot be read", str(error.strerror), "name a file") from error
    if len(data) > _POLICY_BYTES:
        raise PackageError(f"the policy {path.name} is larger than {_POLICY_BYTES} bytes")
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PackageError(f"{path.name} is not TOML", str(error), "correct that line") from error
    if "distribution" in document:
        return parse_distribution(data, path.name).policy
    policy = read_policy(only(document, POLICY_TABLES, path.name), path.name)
    for branch in policy.chain:
        policy.branch(branch)
    return policy


def read_images(folder: Path, policy: Policy) -> Mapping[str, frozenset[str] | Text]:
    """The packages of each image list; a list that cannot be read is a reason."""
    found: dict[str, frozenset[str] | Text] = {}
    for name in policy.image_lists:
        try:
            with (folder / name).open("rb") as file:
                text = file.read(_POLICY_BYTES).decode("utf-8", "replace")
        except OSError as error:
            found[name] = Message("the image list cannot be read: {why}", why=str(error.strerror))
            continue
        rows = (line.partition("#")[0].strip() for line in text.splitlines())
        found[name] = frozenset(row for row in rows if row)
    return found


def _heads(repository: Path, policy: Policy, package: str, branch: str, macros: str) -> Mapping[str, str | Text]:
    """What the other branches of the policy's order carry; a branch that is not there is left out."""
    found: dict[str, str | Text] = {}
    for name in policy.chain:
        if name == branch:
            continue
        try:
            tree = read_spec_tree(repository, name, package)
            if tree is None:
                continue
            evr = read(tree.spec, spec_name=tree.spec_path, macros=[macros], files=tree.files).evr
        except HeadraceError as error:
            found[name] = Message("{error}", error=str(error))
            continue
        found[name] = evr.reason if isinstance(evr, Unknown) else evr.value
    return found


def _listings(files: Mapping[str, bytes], changed: tuple[str, ...]) -> Mapping[str, tuple[str, ...] | Text]:
    found: dict[str, tuple[str, ...] | Text] = {}
    archives = [path for path in changed if path in files and ARCHIVE.fullmatch(path)]
    for path in archives[:_ARCHIVES]:
        with tempfile.TemporaryDirectory(prefix="headrace-review-") as folder:
            copy = Path(folder) / "archive"
            copy.write_bytes(files[path])
            try:
                found[path] = tuple(member.name for member in list_members(copy, _LIMITS))
            except ArchiveError as error:
                found[path] = Message("{error}", error=error.detail or error.brief)
    return found


__all__ = ["PackageTree", "ReviewError", "load_policy", "read_images", "review_change"]
