"""Fetch one source into the cache and prove it by every voucher there is; what disagrees is never kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from headrace.outside.http import Outside
from headrace.package.digests import SIZES, STRONG, Mismatch, NothingToCheck, cleaned, compare
from headrace.package.model import FetchedSource, PackageError, SourceFile
from headrace.words import Message, Text
from headrace.work.fetch_git import GitLimits, make_archive
from headrace.work.fetch_signature import check_signature, signature_name
from headrace.work.source_cache import SourceCache, digests, told

_VOUCHERS = {
    "package": "the package's own sources file",
    "registry": "the registry",
    "store": "what was fetched before",
}


class SourceError(PackageError):
    """A source cannot be fetched, or is not the file that somebody vouched for. Nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Bytes of one source and seconds for one download; `git` for sources made from a tag."""

    bytes: int = 2 * 1024**3
    seconds: float = 1800.0
    git: GitLimits = field(default_factory=GitLimits)


async def fetch(
    source: SourceFile,
    cache: Path,
    outside: Outside,
    *,
    keyring: bytes | None = None,
    limits: FetchLimits | None = None,
) -> FetchedSource:
    """Bring a source into `cache`, or find it there; every digest and signature that is known is checked each time.

    `keyring` holds the OpenPGP keys that the package keeps, None when it keeps none. What nobody vouches for is fetched
    too and says so in `unchecked`. Raises SourceError (or OutsideError for the net) with the cache as it was.
    """
    limits = limits or FetchLimits()
    _require_usable(source)
    store = SourceCache(cache)
    with told(source.filename):
        found = await asyncio.to_thread(store.find, source.filename, _keys(source))
    if found is not None:
        return await _prove(source, found, found.parent, store, outside, keyring, limits)
    with store.working(source.filename) as place:
        if source.kind == "git":
            file = await make_archive(source, place, outside, limits.git)
        else:
            file = place / source.filename
            await outside.download(source.url, file, max_bytes=limits.bytes, seconds=limits.seconds)
        proved = await _prove(source, file, place, store, outside, keyring, limits)
        signature = place / signature_name(source)
        if signature.is_file():  # first, so that whoever finds the source finds its signature too
            store.keep(signature, proved.sha512, ())
        kept = store.keep(file, proved.sha512, _keys(source))
    return FetchedSource(source.filename, str(kept), proved.sha512, proved.size, proved.checked, proved.unchecked)


def _require_usable(source: SourceFile) -> None:
    name = source.filename
    if (
        not name
        or "/" in name
        or name in (".", "..")
        or not name.isprintable()
        or len(name.encode("utf-8", "replace")) > 200
    ):
        raise SourceError(
            f"a source has no usable file name ({name[:80]!r})", remedy="correct the Source line of the spec"
        )
    if source.kind not in ("archive", "git"):
        raise SourceError(
            f"{name} is not fetched", f"it is of kind {source.kind}", "take it from the package repository"
        )
    if urlsplit(source.url).scheme not in ("http", "https"):
        raise SourceError(
            f"{name} has no address to fetch it from",
            "only http and https are",
            "give the spec's Source line an address",
        )


def _keys(source: SourceFile) -> list[str]:
    """What leads to the file in the cache: its digests, else where it came from (of a tag always: that is its proof)."""
    if source.kind == "git":
        return [f"git:{source.url} {source.tag} {source.commit} {source.filename}"]
    strong = [f"{name}:{cleaned(name, source.digests[name])}" for name in STRONG if name in source.digests]
    return strong or [f"url:{source.url} {source.filename}"]


async def _prove(
    source: SourceFile,
    file: Path,
    beside: Path,
    store: SourceCache,
    outside: Outside,
    keyring: bytes | None,
    limits: FetchLimits,
) -> FetchedSource:
    checked: list[Text] = []
    unchecked: list[Text] = []
    known = {name for name in SIZES if name in source.digests} | {"sha512"}
    with told(source.filename):
        found = await asyncio.to_thread(digests, file, known)
        size = await asyncio.to_thread(lambda: file.stat().st_size)
    verdict = compare(source.digests, found)
    voucher = _VOUCHERS.get(source.pinned, source.pinned or "the known digest")
    if isinstance(verdict, Mismatch):
        raise SourceError(
            f"{source.filename} is not the file that {voucher} vouches for",
            f"its {verdict.algorithm} is {verdict.found[:16]}... and not {verdict.expected[:16]}...",
            "nothing was kept; ask upstream whether the file was replaced",
        )
    if isinstance(verdict, NothingToCheck):
        if source.kind != "git":  # there the commit's own name is the digest
            unchecked.append(verdict.reason)
    else:
        checked.append(Message("its {algorithm} is the one of {voucher}", algorithm=verdict.by, voucher=voucher))
    if source.kind == "git":
        checked.append(
            Message("made from commit {commit}, which tag {tag} names", commit=source.commit, tag=source.tag)
        )
    signed = await check_signature(source, file, beside, store, outside, keyring=keyring, seconds=limits.seconds)
    (checked if signed.proves else unchecked).append(signed.text)
    return FetchedSource(source.filename, str(file), found["sha512"], size, tuple(checked), tuple(unchecked))
