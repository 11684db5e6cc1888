"""The detached signature of a source: fetched once, verified each time with the keys that the package keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from headrace.outside.decompression import ArchiveLimits, Budget, unpacked
from headrace.outside.http import Outside, shown
from headrace.package.model import PackageError, SourceFile
from headrace.signature.formats.openpgp import verify_detached
from headrace.signature.model import SignatureError, Verified
from headrace.words import Message, Text
from headrace.work.source_cache import SourceCache

_MOST = 256 * 1024
_CHUNK = 1024 * 1024
_BEGIN_OPENPGP, _BEGIN_SSH = b"-----BEGIN PGP SIGNATURE-----", b"-----BEGIN SSH SIGNATURE-----"
_PACKED = (".gz", ".xz", ".bz2", ".zst")


class SourceSignatureError(PackageError):
    """A signature does not sign the source, or not by a key of the package."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Whether a signature proves the source, and by whom, or why that cannot be told."""

    proves: bool
    text: Text


async def check_signature(
    source: SourceFile,
    file: Path,
    beside: Path,
    store: SourceCache,
    outside: Outside,
    *,
    keyring: bytes | None,
    seconds: float,
) -> Signed:
    """Verify the signature of `file`, or of the tag that it was made from; it is kept in `beside` for the next run.

    A signature may also be of the archive without its compression (`x.tar.sign` for `x.tar.xz`). Raises
    SourceSignatureError when it is bad, OutsideError when it cannot be fetched.
    """
    if source.kind == "git":
        return await asyncio.to_thread(_check_tag, source, beside / signature_name(source), store, keyring)
    if not source.signature_url:
        return Signed(False, Message("upstream publishes no signature that is known"))
    if keyring is None:
        return Signed(False, Message("upstream signs it, but the package keeps no key"))
    signature = beside / signature_name(source)
    if not signature.is_file():
        await outside.download(source.signature_url, signature, max_bytes=_MOST, seconds=seconds)
    try:
        verified = await asyncio.to_thread(_verify, source, file, signature, store, keyring)
    except SignatureError as error:
        signature.unlink(missing_ok=True)
        raise _bad(source, error, shown(source.signature_url)) from error
    return Signed(True, Message("signed by {who} ({key})", who=verified.user_id, key=verified.fingerprint))


def signature_name(source: SourceFile) -> str:
    """A name of its own beside the source, whatever the address says."""
    if source.kind == "git":
        return f"{source.filename}.tag"
    ending = _named(source).rpartition(".")[2]
    return f"{source.filename}.{ending if ending.isalnum() and len(ending) < 10 else 'signature'}"


def _check_tag(source: SourceFile, tag: Path, store: SourceCache, keyring: bytes | None) -> Signed:
    """Verify the signature inside an annotated tag, and that it signs this name and this commit."""
    text = tag.read_bytes() if tag.is_file() else b""
    signed, begin, signature = text.partition(_BEGIN_OPENPGP)
    if not begin:
        if _BEGIN_SSH in text:
            return Signed(False, Message("the tag has an SSH signature, which is not verified yet"))
        return Signed(False, Message("the tag is not signed"))
    if keyring is None:
        return Signed(False, Message("upstream signs the tag, but the package keeps no key"))
    head = signed.partition(b"\n\n")[0].split(b"\n")
    wanted = {f"object {source.commit}".encode(), b"type commit", f"tag {source.tag}".encode()}
    if not wanted <= set(head):
        why = SignatureError("the tag was signed for another name or commit")
        raise _bad(source, why, f"tag {source.tag} of {shown(source.url)}")
    try:
        with store.working(source.filename) as place:
            (place / "tag").write_bytes(signed)
            verified = verify_detached(place / "tag", begin + signature, keyring)
    except SignatureError as error:
        raise _bad(source, error, f"tag {source.tag} of {shown(source.url)}") from error
    return Signed(True, Message("its tag is signed by {who} ({key})", who=verified.user_id, key=verified.fingerprint))


def _bad(source: SourceFile, error: SignatureError, where: str) -> SourceSignatureError:
    detail = "; ".join(part for part in (error.brief, error.detail) if part)
    return SourceSignatureError(
        f"{source.filename} is not what its signature signs", detail, f"nothing was kept; look at {where}"
    )


def _named(source: SourceFile) -> str:
    return unquote(urlsplit(source.signature_url).path).rpartition("/")[2]


def _verify(source: SourceFile, file: Path, signature: Path, store: SourceCache, keyring: bytes) -> Verified:
    with _signed_file(source, file, store) as signed:
        return verify_detached(signed, signature.read_bytes(), keyring)


@contextmanager
def _signed_file(source: SourceFile, file: Path, store: SourceCache) -> Iterator[Path]:
    """The file that the signature is about, by its name: the source, or what is in it when it is unpacked."""
    plain, _, ending = source.filename.rpartition(".")
    if f".{ending}" not in _PACKED or _named(source).rpartition(".")[0] != plain:
        yield file
        return
    with store.working(source.filename) as place:
        target = place / plain
        with unpacked(Budget(file, ArchiveLimits())) as stream, target.open("wb") as out:
            while chunk := stream.read(_CHUNK):
                out.write(chunk)
        yield target
