"""OpenPGP signatures of files and texts, made and verified with GnuPG in bounded time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from headrace.outside import command
from headrace.outside.command import CommandError
from headrace.signature.keys.gnupg import KeyRing, read_keys, temporary_home
from headrace.signature.model import SignatureError, SigningKey, Verified

_MOST_SIGNATURE = 1024 * 1024
_MOST_TEXT = 64 * 1024 * 1024
_SECONDS = 120.0
_CLEAR_HEAD = b"-----BEGIN PGP SIGNED MESSAGE-----"
_CLEAR_END = b"-----END PGP SIGNATURE-----"
_STATUS = "[GNUPG:] "
_OF_CONTENT = {"00", "01"}
"""The classes of signatures of a file or a text, as opposed to those of keys."""
_REASONS = {
    "REVKEYSIG": "the key is revoked",
    "EXPKEYSIG": "the key has expired",
    "EXPSIG": "the signature has expired",
    "NO_PUBKEY": "it is by a key that is not among the given ones",
    "ERRSIG": "its algorithm or digest is not accepted",
}
_GPG = (
    "gpg", "--batch", "--no-tty", "--no-options", "--quiet", "--trust-model", "always", "--no-autostart", "--disable-dirmngr",
    "--no-auto-key-retrieve", "--no-auto-key-import", "--weak-digest", "SHA1", "--logger-file", "/dev/null", "--status-fd", "2",
)  # fmt: skip


def sign_detached(ring: KeyRing, key: SigningKey, data: Path) -> bytes:
    """An armoured detached signature of the file. Raises SignatureError when the key or the file cannot be used."""
    if not data.is_file():
        raise SignatureError(f"cannot sign {data}", "it is not a file", "name an existing file")
    argv = [
        "gpg", "--batch", "--no-tty", "--no-options", "--quiet", "--local-user", f"{key.fingerprint}!", "--digest-algo", "SHA256",
        "--armor", "--output", "-", "--detach-sign", "--", str(data.absolute()),
    ]  # fmt: skip
    return ring.run(argv, seconds=_SECONDS).stdout


def verify_detached(data: Path, signature: bytes, keyring: bytes) -> Verified:
    """Prove that `signature` (armoured or binary) is a good signature of the file by a key of `keyring`.

    With several signatures one good one is enough, and none may be bad. Raises SignatureError with the reason otherwise:
    bad, by another key, expired or revoked, SHA-1, not a detached signature, no key.
    """
    if not data.is_file():
        raise SignatureError(f"cannot verify {data}", "it is not a file", "name an existing file")
    if not signature.strip() or len(signature) > _MOST_SIGNATURE:
        raise SignatureError(f"{data.name} has no usable signature", f"its signature has {len(signature)} bytes")
    with tempfile.TemporaryDirectory(prefix="hr-") as place:
        sig = Path(place, "signature")
        sig.write_bytes(signature)
        _, status = _gpg(keyring, ["--verify", "--", str(sig), str(data.absolute())])
    return _judge(status, data.name)


def verify_inline(text: bytes, keyring: bytes) -> bytes:
    """The signed text of a clearsigned file (such as an InRelease), proved by a key of `keyring`; nothing else of it.

    Raises SignatureError as `verify_detached` does, and when anything stands before or after the signed message.
    """
    if len(text) > _MOST_TEXT:
        raise SignatureError("the signed text is too large", f"{len(text)} bytes", f"at most {_MOST_TEXT} are read")
    whole = text.replace(b"\r\n", b"\n").strip(b"\n")
    if not whole.startswith(_CLEAR_HEAD + b"\n") or not whole.endswith(_CLEAR_END):
        raise SignatureError("the text is not clearsigned", "it must begin and end with one signed message")
    if sum(line.rstrip() == _CLEAR_HEAD for line in whole.split(b"\n")) != 1:
        raise SignatureError("the text holds more than one signed message", "only one is accepted")
    with tempfile.TemporaryDirectory(prefix="hr-") as place:
        file = Path(place, "text")
        file.write_bytes(text)
        signed, status = _gpg(keyring, ["--output", "-", "--verify", "--", str(file)])
    _judge(status, "the text")
    return signed


def _gpg(keyring: bytes, arguments: list[str]) -> tuple[bytes, list[str]]:
    """Import the keys into a home of their own, then run gpg; returns its output and its status lines."""
    read_keys(keyring)
    try:
        with temporary_home() as env:
            command.run([*_GPG, "--import"], env=env, stdin=keyring, seconds=_SECONDS, check=False)
            done = command.run([*_GPG, *arguments], env=env, seconds=_SECONDS, max_output=_MOST_TEXT, check=False)
    except CommandError as error:
        raise SignatureError("the signature cannot be verified", str(error)) from error
    said = done.stderr.decode("utf-8", "replace").splitlines()
    return done.stdout, [line.removeprefix(_STATUS) for line in said if line.startswith(_STATUS)]


def _judge(status: list[str], what: str) -> Verified:
    """Decide by what GnuPG said of each signature; its exit status alone is not enough when several keys signed."""
    if any(line.split(" ", 1)[0] == "BADSIG" for line in status):
        raise SignatureError(f"the signature of {what} is bad", "it was made for other content", "do not use it")
    signs = tuple(_signs(status))
    for sign in signs:
        good, valid = sign.get("GOODSIG", []), sign.get("VALIDSIG", [])
        if good and len(valid) >= 10 and valid[8] in _OF_CONTENT:
            return Verified(valid[9], " ".join(good[1:]), valid[0], datetime.fromtimestamp(int(valid[2]), UTC))
    words = {word for sign in signs for word in sign}
    reason = next((why for word, why in _REASONS.items() if word in words), "it is not an OpenPGP signature")
    raise SignatureError(f"the signature of {what} proves nothing", reason, "get the right signature and key")


def _signs(status: list[str]) -> Iterator[dict[str, list[str]]]:
    """What GnuPG said of each signature, word by word; it announces each one with NEWSIG."""
    current: dict[str, list[str]] | None = None
    for line in status:
        word, *rest = line.split(" ")
        if word == "NEWSIG":
            if current is not None:
                yield current
            current = {}
        elif current is not None:
            current.setdefault(word, rest)
    if current is not None:
        yield current
