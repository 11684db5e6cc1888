"""Publish a branch: a signed repository that readers see whole or not at all.

`target` holds `releases/<serial>/` and the symbolic link `current`; `.work/` holds what is not for readers. Killed at any
moment, the same call again gives the same result: what is in `.work/` is thrown away or proved before it is used, a
finished release appears by one rename, and readers move to it by another.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from headrace.outside import command
from headrace.outside.command import CommandError
from headrace.release.audit import metadata_problems, signed_index, verify
from headrace.release.compose import compose
from headrace.release.model import Published, ReleasedPackage, ReleaseError
from headrace.release.record import NAME, Item, Record, load
from headrace.release.signed import SignedCopies, SignedCopy, settle
from headrace.signature.formats.openpgp import sign_detached, verify_detached
from headrace.signature.keys.gnupg import KeyRing
from headrace.signature.model import SignatureError, SigningKey

__all__ = ["publish", "verify"]

_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}")
_ADDRESS = re.compile(r"(file|https?)://[^\s\x00-\x1f\x7f]{1,2000}")
_KEPT = 2
_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class _Job:
    """One call of `publish`: everything that stays the same while it runs."""

    target: Path
    ring: KeyRing
    key: SigningKey
    public: bytes
    progress: Callable[[str], None]

    @property
    def work(self) -> Path:
        return self.target / ".work"

    @property
    def releases(self) -> Path:
        return self.target / "releases"

    @property
    def copies(self) -> SignedCopies:
        return SignedCopies(self.work / "signed" / self.key.fingerprint, self.work / "signing")


def publish(
    branch: str, packages: Sequence[ReleasedPackage], target: Path, ring: KeyRing, key: SigningKey, serial: int,
    progress: Callable[[str], None] = lambda _: None, *, address: str = "",
) -> Published:  # fmt: skip
    """Publish the packages as `branch` below `target`, signed with `key`, and return what readers now get.

    The same packages, key and address as last time: nothing is done and the result says `existing`. `serial` must grow
    with every other publication. `address` is where readers find `target/current` (default: its file address). The last
    two releases are kept for readers in the middle of a download. One process at a time publishes; others wait. Raises
    ReleaseError or SignatureError; readers then still get what they got before.
    """
    target = target.absolute()
    address = address.rstrip("/") or (target / "current").as_uri()
    _require(branch, packages, serial, address)
    try:
        (target / ".work").mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(target / ".work" / "lock"):
            job = _Job(target, ring, key, ring.export_public(), progress)
            items = tuple(Item(one.nevra, one.filename, one.sha256, "", 0, one.change) for one in packages)
            return _publish(job, Record(branch, serial, key.fingerprint, address, "", items), packages)
    except (OSError, CommandError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ReleaseError(
            f"{branch} cannot be published", f"{why}", "make room or check the rights, then publish again"
        ) from error


def _publish(job: _Job, wanted: Record, packages: Sequence[ReleasedPackage]) -> Published:
    _clear(job)
    now = _current(job)
    last = load(job.releases / str(now)) if now else None
    if last is not None and last.contents == wanted.contents and _intact(job, last):
        _prune(job)
        job.progress(f"nothing to publish: {wanted.branch} is unchanged since serial {last.serial}")
        return last.published(job.releases / str(now), existing=True)
    if wanted.serial <= now:
        raise ReleaseError(
            f"serial {wanted.serial} of {wanted.branch} goes backwards", f"readers have serial {now} already",
            f"publish with serial {now + 1} or later",
        )  # fmt: skip
    _refuse_changed(last, wanted)
    finished = load(job.releases / str(wanted.serial))
    if finished is None or finished.contents != wanted.contents or not _intact(job, finished):
        _discard(job, job.releases / str(wanted.serial))
        finished = _build(job, wanted, packages, last)
    job.progress(f"showing serial {wanted.serial} to readers")
    _show(job, wanted.serial)
    _prune(job)
    job.progress(f"published {wanted.branch}, {len(packages)} packages, as serial {wanted.serial}")
    return finished.published(job.releases / str(wanted.serial), existing=False)


def _build(job: _Job, wanted: Record, packages: Sequence[ReleasedPackage], last: Record | None) -> Record:
    """Make the release in the work directory, then move it to its place; returns its record."""
    copies = job.copies.sign(packages, job.ring, job.key, job.public, job.progress)
    staging = job.work / "staging"
    (staging / "Packages").mkdir(parents=True)
    for package in packages:
        _link(copies[package.sha256].path, staging / "Packages" / package.filename)
    items = tuple(_signed_item(item, copies[item.sha256]) for item in wanted.packages)
    job.progress(f"indexing {len(packages)} packages")
    _index(staging, wanted.serial, _reusable(job, last, items))
    repomd = staging / "repodata" / "repomd.xml"
    signature = sign_detached(job.ring, job.key, repomd)
    verify_detached(repomd, signature, job.public)
    record = replace(wanted, packages=items, repomd_sha256=hashlib.sha256(repomd.read_bytes()).hexdigest())
    (staging / "repodata" / "repomd.xml.asc").write_bytes(signature)
    (staging / f"RPM-GPG-KEY-{wanted.branch}").write_bytes(job.public)
    (staging / "headrace.repo").write_text(_repo_file(wanted), encoding="utf-8")
    (staging / NAME).write_bytes(record.dump())
    for path in [*staging.rglob("*"), staging]:
        if path.suffix != ".rpm":
            settle(path)
    job.releases.mkdir(exist_ok=True)
    staging.rename(job.releases / str(wanted.serial))
    settle(job.releases)
    return record


def _index(staging: Path, serial: int, previous: Path | None) -> None:
    reuse = ["--update", "--update-md-path", str(previous)] if previous else []
    command.run(
        [
            "createrepo_c", "--quiet", *reuse, "--no-database", "--checksum", "sha256", "--repomd-checksum", "sha256",
            "--compress-type", "gz", "--general-compress-type", "gz", "--revision", str(serial), "--set-timestamp-to-revision",
            "--error-exit-val", "--outputdir", str(staging), str(staging),
        ],
        seconds=_SECONDS,
    )  # fmt: skip


def _reusable(job: _Job, last: Record | None, items: Sequence[Item]) -> Path | None:
    """The release whose metadata createrepo_c may reuse: it compares names, sizes and times only, so we compare digests."""
    if last is None or not _intact(job, last):
        return None
    before = {one.filename: one.signed_sha256 for one in last.packages}
    same = all(before.get(one.filename, one.signed_sha256) == one.signed_sha256 for one in items)
    return job.releases / str(last.serial) if same else None


def _intact(job: _Job, record: Record) -> bool:
    """Whether a release is still what its record says: index signed by our key, metadata digests, sizes of packages."""
    directory = job.releases / str(record.serial)
    try:
        repomd = (directory / "repodata" / "repomd.xml").read_bytes()
        if hashlib.sha256(repomd).hexdigest() != record.repomd_sha256:
            return False
        if any(metadata_problems(directory, signed_index(directory, job.public))):
            return False
        return all((directory / "Packages" / one.filename).stat().st_size == one.size for one in record.packages)
    except (OSError, ReleaseError, SignatureError):
        return False


def _refuse_changed(last: Record | None, wanted: Record) -> None:
    before = {one.nevra: one.sha256 for one in last.packages} if last else {}
    for one in wanted.packages:
        if before.get(one.nevra, one.sha256) != one.sha256:
            raise ReleaseError(
                f"{one.nevra} was published with other content", "readers would never get the new one",
                "raise its release",
            )  # fmt: skip


def _show(job: _Job, serial: int) -> None:
    fresh = job.work / "current"
    fresh.symlink_to(Path("releases", str(serial)))
    fresh.replace(job.target / "current")
    settle(job.target)


def _current(job: _Job) -> int:
    """The serial that readers get; 0 when nothing was published."""
    link = job.target / "current"
    if not os.path.lexists(link):
        return 0
    place = link.readlink() if link.is_symlink() else Path()
    if place.parent != Path("releases") or not place.name.isdecimal():
        raise ReleaseError(f"{link} is not ours", f"it leads to {str(place)!r}", "publish to another directory")
    return int(place.name)


def _clear(job: _Job) -> None:
    """Throw away what an earlier call left unfinished."""
    for name in ("staging", "signing", "trash"):
        shutil.rmtree(job.work / name, ignore_errors=True)
        if (job.work / name).exists():
            raise ReleaseError(f"{job.work / name} cannot be removed", "", "check its rights, then publish again")
    (job.work / "current").unlink(missing_ok=True)
    (job.work / "signing").mkdir()
    (job.work / "trash").mkdir()


def _prune(job: _Job) -> None:
    """Keep the last two releases that readers got, and the signed copies that they hold."""
    now = _current(job)
    serials = sorted((int(path.name) for path in job.releases.iterdir() if path.name.isdecimal()), reverse=True)
    kept = [serial for serial in serials if serial <= now][:_KEPT]
    for serial in serials:
        if serial not in kept:
            _discard(job, job.releases / str(serial))
    records = [load(job.releases / str(serial)) for serial in kept]
    for store in (job.work / "signed").iterdir() if (job.work / "signed").is_dir() else ():
        held = (record.packages for record in records if record and record.key == store.name)
        SignedCopies(store, job.work / "signing").keep_only(one.sha256 for packages in held for one in packages)


def _discard(job: _Job, directory: Path) -> None:
    """Remove a release: first out of sight by one rename, then its files."""
    if directory.exists():
        directory.rename(job.work / "trash" / directory.name)
        shutil.rmtree(job.work / "trash" / directory.name)


def _link(copy: Path, place: Path) -> None:
    try:
        os.link(copy, place)
    except OSError:  # some file systems have no hard links
        shutil.copy2(copy, place)


def _signed_item(item: Item, copy: SignedCopy) -> Item:
    return replace(item, signed_sha256=copy.sha256, size=copy.size)


def _repo_file(record: Record) -> str:
    return (
        f"[headrace-{record.branch}]\nname=Headrace {record.branch}\nbaseurl={record.address}\nenabled=1\ngpgcheck=1\n"
        f"repo_gpgcheck=1\ngpgkey={record.address}/RPM-GPG-KEY-{record.branch}\n"
    )


def _require(branch: str, packages: Sequence[ReleasedPackage], serial: int, address: str) -> None:
    if not _BRANCH.fullmatch(branch):
        raise ReleaseError(f"{branch!r} is not a name for a branch", "letters, digits and ._+- only", "rename it")
    if not 0 < serial < 2**31:
        raise ReleaseError(f"{serial} is not a serial", "it counts from 1", "publish with a higher one")
    if not _ADDRESS.fullmatch(address):
        raise ReleaseError(f"{address!r} is not an address", "file, http or https without spaces", "correct it")
    if len(compose(packages, (), keep=len(packages)).packages) != len(packages):
        raise ReleaseError(f"the packages of {branch} name one twice", "", "compose them first")


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
