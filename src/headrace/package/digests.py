"""Digests of sources: the `sources` file, npm's integrity strings, and what comparing them proves."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from headrace.package.model import PackageError
from headrace.words import Message, Text

SIZES = {"sha512": 128, "sha384": 96, "sha256": 64, "sha1": 40, "md5": 32}
"""The algorithms that are known and the hex digits that they have, strongest first."""
STRONG = ("sha512", "sha384", "sha256")
"""The algorithms whose agreement proves a file; the others can be forged and only their disagreement counts."""

_BSD = re.compile(r"([A-Za-z0-9-]{1,16}) \((.{1,255})\) = ([0-9a-fA-F]{1,128})")
_OLD = re.compile(r"([0-9a-fA-F]{32,128})[ \t]{1,8}\*?(\S{1,255})")
_MAX_BYTES = 4 * 1024 * 1024


class DigestError(PackageError):
    """A digest or a `sources` file cannot be read."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Every known digest agrees, and one of them at least is strong enough to prove it; `by` is the strongest."""

    by: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A digest disagrees: which algorithm, what was expected and what was found, in hex."""

    algorithm: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class NothingToCheck:
    """Nothing strong enough is known, so that nothing is proved."""

    reason: Text


def parse_sources(content: bytes) -> dict[str, dict[str, str]]:
    """Read a `sources` file: file name -> algorithm -> lower-case hex.

    Knows `SHA512 (file) = hex` and the older `hex  file`. Raises DigestError for any other line, for a digest of the
    wrong length and for two digests of one file that contradict each other.
    """
    if len(content) > _MAX_BYTES:
        raise DigestError("the sources file is too large", f"{len(content)} bytes, the limit is {_MAX_BYTES}")
    found: dict[str, dict[str, str]] = {}
    for number, raw in enumerate(content.decode("utf-8", "surrogateescape").split("\n"), 1):
        line = raw.rstrip("\r").strip()
        if not line or line.startswith("#"):
            continue
        filename, algorithm, digest = _line(line, number)
        known = found.setdefault(filename, {})
        if known.setdefault(algorithm, digest) != digest:
            raise DigestError("the sources file contradicts itself", f"line {number}: two {algorithm} of {filename}")
    return found


def write_sources(content: bytes, digests: Mapping[str, str], *, gone: Collection[str] = ()) -> bytes:
    """The `sources` file with the SHA-512 of every file of `digests` (file name -> hex) and no line of those that are gone.

    A file that is listed is changed where it stands, a new one takes the place of the first that went; all other lines
    stay byte for byte. The layout of the line that is replaced is kept. Raises DigestError as `parse_sources` does.
    """
    parse_sources(content)
    left = {name: cleaned("sha512", digest) for name, digest in digests.items()}
    lines: list[bytes] = []
    place, layout = None, b""
    for number, raw in enumerate(content.splitlines(keepends=True), 1):
        text = raw.decode("utf-8", "surrogateescape").strip()
        name = _line(text, number)[0] if text and not text.startswith("#") else ""
        if name in left:
            lines.append(_written(name, left.pop(name), raw))
        elif name in gone and name not in digests:
            place, layout = (len(lines), raw) if place is None else (place, layout)
        elif not name or name not in digests:
            lines.append(raw)
    layout = layout or next((line for line in lines if line.strip() and not line.startswith(b"#")), b"\n")
    at = len(lines) if place is None else place
    if left and at and not lines[at - 1].endswith(b"\n"):
        lines[at - 1] += b"\n"
    lines[at:at] = [_written(name, digest, layout) for name, digest in left.items()]
    return b"".join(lines)


def cleaned(algorithm: str, digest: str) -> str:
    """The digest as lower-case hex. Raises DigestError when it is not one of the algorithm."""
    hexadecimal = digest.strip().lower()
    if algorithm not in SIZES or len(hexadecimal) != SIZES[algorithm] or set(hexadecimal) - set("0123456789abcdef"):
        raise DigestError("a digest cannot be read", f"{digest[:140]!r} is no {algorithm}", "repair or remove it")
    return hexadecimal


def from_integrity(text: str) -> dict[str, str]:
    """Read an integrity string (`sha512-<base64> sha1-<base64>`): algorithm -> hex. Raises DigestError for nonsense."""
    found: dict[str, str] = {}
    for word in text.split()[:16]:
        algorithm, dash, encoded = word.partition("?")[0].partition("-")
        if not dash or algorithm not in SIZES:
            raise DigestError("an integrity string cannot be read", f"{word[:140]!r}", "report it to the registry")
        try:
            digest = base64.b64decode(encoded, validate=True).hex()
        except (binascii.Error, ValueError):
            raise DigestError("an integrity string cannot be read", f"{word[:140]!r} is not base64") from None
        found.setdefault(algorithm, cleaned(algorithm, digest))
    return found


def compare(expected: Mapping[str, str], found: Mapping[str, str]) -> Checked | Mismatch | NothingToCheck:
    """Compare what is known of a file with what it has; a weak digest can only disprove.

    `found` must hold every algorithm that `expected` names among the known ones. Raises DigestError for digests that
    cannot be read: they are no reason to let a file pass.
    """
    checked = [algorithm for algorithm in SIZES if algorithm in expected and algorithm in found]
    for algorithm in checked:
        wanted, is_now = cleaned(algorithm, expected[algorithm]), cleaned(algorithm, found[algorithm])
        if wanted != is_now:
            return Mismatch(algorithm, wanted, is_now)
    strong = [algorithm for algorithm in checked if algorithm in STRONG]
    if strong:
        return Checked(strong[0])
    if expected:
        return NothingToCheck(
            Message("only weak or unknown digests are published ({names})", names=", ".join(sorted(expected)))
        )
    return NothingToCheck(Message("nobody published a digest"))


def _written(filename: str, digest: str, like: bytes) -> bytes:
    """One line in the layout and with the line end of another."""
    end = "\r\n" if like.endswith(b"\r\n") else "\n"
    old = like.strip() and not like.lstrip()[:1].isupper()
    text = f"{digest}  {filename}" if old else f"SHA512 ({filename}) = {digest}"
    return (text + end).encode("utf-8", "surrogateescape")


def _line(line: str, number: int) -> tuple[str, str, str]:
    new, old = _BSD.fullmatch(line), _OLD.fullmatch(line)
    if new:
        algorithm, filename, digest = new[1].lower(), new[2], new[3]
    elif old:
        digest, filename = old[1], old[2]
        algorithm = next((name for name, size in SIZES.items() if size == len(digest)), "")
    else:
        raise DigestError("the sources file cannot be read", f"line {number} is no digest", "repair the line")
    if "/" in filename or filename in (".", ".."):
        raise DigestError("the sources file cannot be read", f"line {number}: {filename!r} is no file name")
    return filename, algorithm, cleaned(algorithm, digest)
