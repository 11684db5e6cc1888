"""Detached and inline signatures, and the ways to get one past a careless verifier."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from headrace.signature.formats.openpgp import sign_detached, verify_detached, verify_inline
from headrace.signature.model import SignatureError
from signature.tiny import THEN, Signer, expired_key, foreign_gpg, need_tools

pytestmark = [pytest.mark.real, need_tools]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "-data [1].tar").write_bytes(b"the release\n" * 100)
    return tmp_path / "-data [1].tar"


def binary(signature: bytes, place: Path) -> bytes:
    return foreign_gpg(place / "plain", "--dearmor", stdin=signature)


def test_what_we_sign_verifies(ours: Signer, data: Path, tmp_path: Path) -> None:
    signature = sign_detached(ours.ring, ours.key, data)
    proof = verify_detached(data, signature, ours.public)
    assert (proof.fingerprint, proof.user_id) == (ours.key.fingerprint, ours.key.user_id)
    assert verify_detached(data, binary(signature, tmp_path), binary(ours.public, tmp_path)) == proof


def test_attack_changed_content(ours: Signer, data: Path) -> None:
    signature = sign_detached(ours.ring, ours.key, data)
    data.write_bytes(data.read_bytes() + b"!")
    with pytest.raises(SignatureError, match="is bad"):
        verify_detached(data, signature, ours.public)


def test_attack_signed_by_another_key(ours: Signer, theirs: Signer, data: Path) -> None:
    with pytest.raises(SignatureError, match="not among the given ones"):
        verify_detached(data, sign_detached(theirs.ring, theirs.key, data), ours.public)


NOTHING = b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"


@pytest.mark.parametrize("signature", [b"", b"garbage", NOTHING, b"\x88" * 2_000_000])
def test_attack_no_signature_at_all(ours: Signer, data: Path, signature: bytes) -> None:
    with pytest.raises(SignatureError, match=r"not an OpenPGP signature|no usable signature"):
        verify_detached(data, signature, ours.public)


@pytest.mark.parametrize("keyring", [b"", b"garbage"])
def test_attack_empty_keyring(ours: Signer, data: Path, keyring: bytes) -> None:
    with pytest.raises(SignatureError, match="no public key"):
        verify_detached(data, sign_detached(ours.ring, ours.key, data), keyring)


def test_attack_signed_message_instead_of_a_detached_signature(ours: Signer, data: Path, tmp_path: Path) -> None:
    """Something else that the right owner signed must not vouch for the file."""
    other = tmp_path / "other"
    other.write_bytes(b"a letter")
    for kind in ("--sign", "--clearsign"):
        message = ours.ring.run(["gpg", "--batch", kind, "-o", "-", str(other)], seconds=30).stdout
        for file in (data, other):
            with pytest.raises(SignatureError, match="proves nothing"):
                verify_detached(file, message, ours.public)


def test_attack_expired_key(tmp_path: Path, data: Path) -> None:
    home = tmp_path / "old"
    expired_key(home)
    signature = foreign_gpg(home, *THEN, "--detach-sign", "-o", "-", "--", str(data))
    with pytest.raises(SignatureError, match="the key has expired"):
        verify_detached(data, signature, foreign_gpg(home, "--export"))


def test_attack_expired_signature(tmp_path: Path, data: Path) -> None:
    home = tmp_path / "old"
    foreign_gpg(home, *THEN, "--quick-generate-key", "Old <o@e.example>", "ed25519", "sign", "never")
    signature = foreign_gpg(home, *THEN, "--default-sig-expire", "1d", "--detach-sign", "-o", "-", "--", str(data))
    with pytest.raises(SignatureError, match="the signature has expired"):
        verify_detached(data, signature, foreign_gpg(home, "--export"))


def test_attack_weak_digest(tmp_path: Path, data: Path) -> None:
    home = tmp_path / "weak"
    foreign_gpg(home, "--quick-generate-key", "Weak <w@e.example>", "rsa2048", "sign", "never")
    signature = foreign_gpg(home, "--digest-algo", "SHA1", "--detach-sign", "-o", "-", "--", str(data))
    with pytest.raises(SignatureError, match="not accepted"):
        verify_detached(data, signature, foreign_gpg(home, "--export"))


def test_two_signers_one_known(ours: Signer, theirs: Signer, data: Path, tmp_path: Path) -> None:
    both = b"".join(binary(sign_detached(who.ring, who.key, data), tmp_path) for who in (theirs, ours))
    assert verify_detached(data, both, ours.public).fingerprint == ours.key.fingerprint
    data.write_bytes(b"changed")
    with pytest.raises(SignatureError, match="is bad"):
        verify_detached(data, both, ours.public)


def clearsign(who: Signer, text: bytes) -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(text)
        return who.ring.run(["gpg", "--batch", "--clearsign", "-o", "-", file.name], seconds=30).stdout


def test_inline_gives_the_signed_text_only(ours: Signer) -> None:
    text = b"Suite: stable\n- dashed\nSHA256:\n abc\n"
    assert verify_inline(clearsign(ours, text), ours.public) == text


@pytest.mark.parametrize("change", [
    lambda text: b"Suite: evil\n" + text,
    lambda text: text + b"Suite: evil\n",
    lambda text: text + text,
    lambda text: b"Suite: stable\n",
    lambda text: b"",
])  # fmt: skip
def test_attack_text_around_the_signed_message(ours: Signer, change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SignatureError, match=r"not clearsigned|more than one"):
        verify_inline(change(clearsign(ours, b"Suite: stable\n")), ours.public)


def test_attack_changed_inline_text(ours: Signer, theirs: Signer) -> None:
    signed = clearsign(ours, b"Suite: stable\n")
    with pytest.raises(SignatureError, match="is bad"):
        verify_inline(signed.replace(b"stable", b"sid"), ours.public)
    with pytest.raises(SignatureError, match="not among the given ones"):
        verify_inline(signed, theirs.public)


def test_attack_text_smuggled_into_the_armour_header(ours: Signer) -> None:
    """A line among the `Hash:` headers is not signed, so it must never come back as text."""
    signed = clearsign(ours, b"Suite: stable\n").replace(b"\n\nSuite", b"\nSuite: evil\n\nSuite", 1)
    try:
        text = verify_inline(signed, ours.public)
    except SignatureError:
        return
    assert text == b"Suite: stable\n"
