"""A published repository judged whole, as a suspicious reader would."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from headrace.release.index import Index, Listed, read_primary, read_repomd
from headrace.release.model import ReleaseError
from headrace.release.record import load
from headrace.signature.formats.openpgp import verify_detached
from headrace.signature.formats.rpm import verify_rpms
from headrace.signature.model import SignatureError
from headrace.words import Message, Text

_MOST_REPOMD = 16 * 1024 * 1024
_MOST_PRIMARY = 256 * 1024 * 1024


def verify(target: Path, public_key: bytes, serial: int = 0) -> tuple[Text, ...]:
    """The problems of the repository that readers of `target` get (or of a repository itself); () when all is proved.

    Looks at the index's signature, the digests of all metadata, and every package's digest and signature. What cannot be
    looked at is a problem. An index older than `serial` is one too: an old index is signed as well as a new one. Raises
    SignatureError only when `public_key` itself is not usable.
    """
    directory = target / "current" if (target / "current").is_symlink() else target
    try:
        index = signed_index(directory, public_key)
        problems = list(metadata_problems(directory, index))
        if problems:
            return tuple(problems)
        return (*_revision(directory, index, serial), *_packages(directory, index, public_key))
    except (ReleaseError, SignatureError) as error:
        return (Message("the repository is not proved: {why}", why=str(error)),)
    except OSError as error:
        return (Message("{place} cannot be read: {why}", place=str(directory), why=error.strerror or ""),)


def signed_index(directory: Path, public_key: bytes) -> Index:
    """The index, its signature proved. Raises SignatureError, ReleaseError, or OSError when it is not there."""
    repodata = directory / "repodata"
    signature = repodata / "repomd.xml.asc"
    if not signature.is_file():
        raise ReleaseError("repomd.xml is not signed", "there is no repomd.xml.asc", "publish again")
    if (repodata / "repomd.xml").stat().st_size > _MOST_REPOMD or signature.stat().st_size > _MOST_REPOMD:
        raise ReleaseError("repomd.xml is not an index", "it is too large", "publish again")
    verify_detached(repodata / "repomd.xml", signature.read_bytes(), public_key)
    return read_repomd((repodata / "repomd.xml").read_bytes())


def metadata_problems(directory: Path, index: Index) -> Iterator[Text]:
    """The metadata files that are not what the index says."""
    for listed in index.files:
        yield from _digest(directory, listed)


def _revision(directory: Path, index: Index, least: int) -> Iterator[Text]:
    if not index.revision.isdecimal() or int(index.revision) < least:
        yield Message(
            "the index has the serial {index}, but {least} was published: it is an old one",
            index=index.revision,
            least=least,
        )
    record = load(directory)
    if record is not None and str(record.serial) != index.revision:
        yield Message(
            "the index has the serial {index}, but {record} was published", index=index.revision, record=record.serial
        )


def _packages(directory: Path, index: Index, public_key: bytes) -> Iterator[Text]:
    primary = [listed for listed in index.files if listed.name == "primary"]
    if len(primary) != 1 or not primary[0].place.endswith(".gz") or primary[0].size > _MOST_PRIMARY:
        yield Message("the list of packages cannot be judged: it is not one primary.xml.gz of a sensible size")
        return
    packages = read_primary((directory / primary[0].place).read_bytes())
    sound = []
    for listed in packages:
        problems = list(_digest(directory, listed))
        sound += [] if problems else [directory / listed.place]
        yield from problems
    for path, outcome in verify_rpms(sound, public_key).items():
        if isinstance(outcome, SignatureError):
            yield Message("{package}: {why}", package=path.name, why=str(outcome))
    known = {directory / listed.place for listed in packages}
    for path in sorted(directory.rglob("*.rpm")):
        if path not in known:
            yield Message("{package} lies in the repository but is not in its index", package=path.name)


def _digest(directory: Path, listed: Listed) -> Iterator[Text]:
    path = directory / listed.place
    try:
        size = path.stat().st_size
        if size == listed.size:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == listed.sha256:
                    return
        yield Message("{place} is not what the index says: its size or SHA-256 differs", place=listed.place)
    except OSError as error:
        yield Message("{place} cannot be read: {why}", place=listed.place, why=error.strerror or "")
