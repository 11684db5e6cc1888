"""Signed packages: what rpm accepts, and what must not pass."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from headrace.signature.formats.rpm import sign_rpm, sign_rpms, verify_rpm, verify_rpms
from headrace.signature.keys.gnupg import KeyRing
from headrace.signature.model import SignatureError
from signature.tiny import THEN, Signer, build, expired_key, flip, foreign_gpg, make_signer, need_tools

pytestmark = [pytest.mark.real, need_tools]


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("build"), "tiny")


@pytest.fixture
def rpm(unsigned: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(unsigned, tmp_path / "-tiny[1]*.rpm"))


@pytest.mark.parametrize("algorithm", ["rsa3072", "ed25519"])
def test_what_we_sign_verifies(rpm: Path, tmp_path: Path, algorithm: str) -> None:
    who = make_signer(tmp_path / "ring", "Release Key", algorithm)
    sign_rpm(who.ring, who.key, rpm)
    proof = verify_rpm(rpm, who.public)
    assert (proof.fingerprint, proof.signed_by) == (who.key.fingerprint, who.key.fingerprint)
    assert proof.made >= who.key.created


def test_several_at_once(ours: Signer, unsigned: Path, tmp_path: Path) -> None:
    copies = [Path(shutil.copy(unsigned, tmp_path / f"{number}.rpm")) for number in range(3)]
    sign_rpms(ours.ring, ours.key, copies[:2])
    outcomes = verify_rpms(copies, ours.public)
    assert [isinstance(outcomes[copy], SignatureError) for copy in copies] == [False, False, True]


def test_attack_unsigned(ours: Signer, rpm: Path) -> None:
    with pytest.raises(SignatureError, match="it is not signed"):
        verify_rpm(rpm, ours.public)


def test_attack_signed_by_another_key(ours: Signer, theirs: Signer, rpm: Path) -> None:
    sign_rpm(theirs.ring, theirs.key, rpm)
    with pytest.raises(SignatureError, match="signed by another key"):
        verify_rpm(rpm, ours.public)


def test_a_signature_of_others_is_replaced(ours: Signer, theirs: Signer, rpm: Path) -> None:
    sign_rpm(theirs.ring, theirs.key, rpm)
    sign_rpm(ours.ring, ours.key, rpm)
    assert verify_rpm(rpm, ours.public).fingerprint == ours.key.fingerprint


def test_attack_flipped_payload(ours: Signer, rpm: Path) -> None:
    sign_rpm(ours.ring, ours.key, rpm)
    flip(rpm, -50)
    with pytest.raises(SignatureError, match=r"changed after it was made \(Payload"):
        verify_rpm(rpm, ours.public)


def test_attack_changed_header(ours: Signer, rpm: Path) -> None:
    sign_rpm(ours.ring, ours.key, rpm)
    flip(rpm, rpm.read_bytes().rindex(b"A tiny package for tests"))
    with pytest.raises(SignatureError, match="changed after it was made"):
        verify_rpm(rpm, ours.public)


@pytest.mark.parametrize("content", [b"", b"x", b"%!PS", b"\xed\xab\xee\xdb" * 40])
def test_attack_no_package(ours: Signer, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.rpm").write_bytes(content)
    with pytest.raises(SignatureError, match=r"not an RPM package|cannot read it"):
        verify_rpm(tmp_path / "x.rpm", ours.public)


def test_attack_list_of_packages_in_place_of_one(ours: Signer, rpm: Path, tmp_path: Path) -> None:
    """rpm would read such a file as the names of the packages to verify."""
    sign_rpm(ours.ring, ours.key, rpm)
    (tmp_path / "list.rpm").write_text(f"{rpm}\n")
    with pytest.raises(SignatureError, match="not an RPM package"):
        verify_rpm(tmp_path / "list.rpm", ours.public)


def test_attack_expired_key(rpm: Path, tmp_path: Path) -> None:
    """rpm itself does not look at the expiry of a key."""
    home = tmp_path / "old"
    expired_key(home)
    public = foreign_gpg(home, "--armor", "--export")
    wrapper = tmp_path / "gpg-then"
    wrapper.write_text(f'#!/bin/sh\nshift\nexec gpg {" ".join(THEN)} "$@"\n')
    wrapper.chmod(0o755)
    options = ["--define", f"__gpg {wrapper}", "--define", "_gpg_name Old"]
    KeyRing(home).run(["rpmsign", *options, "--addsign", str(rpm)], seconds=30)
    with pytest.raises(SignatureError, match="has expired"):
        verify_rpm(rpm, public)


def test_a_shared_file_is_not_signed(ours: Signer, rpm: Path, tmp_path: Path) -> None:
    os.link(rpm, tmp_path / "other name")
    before = rpm.read_bytes()
    with pytest.raises(SignatureError, match="shares its content"):
        sign_rpm(ours.ring, ours.key, rpm)
    assert rpm.read_bytes() == before


def test_the_callers_rpm_database_is_left_alone(
    ours: Signer, rpm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    sign_rpm(ours.ring, ours.key, rpm)
    verify_rpm(rpm, ours.public)
    assert list((tmp_path / "home").iterdir()) == []
