"""Tiny packages and foreign keys for the tests of signatures and repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from headrace.signature.keys.gnupg import KeyRing
from headrace.signature.model import SigningKey

need_tools = pytest.mark.skipif(
    not all(map(shutil.which, ("rpmbuild", "rpmsign", "gpg"))), reason="rpmbuild, rpmsign or gpg is not installed"
)


@dataclass(frozen=True)
class Signer:
    """A ring, its key and the public half."""

    ring: KeyRing
    key: SigningKey
    public: bytes


def make_signer(home: Path, name: str, algorithm: str = "ed25519") -> Signer:
    """Make a key in a ring of its own."""
    key = KeyRing.create(home, name, "key@headrace.example", algorithm)
    return Signer(KeyRing(home), key, KeyRing(home).export_public())


THEN = ("--faked-system-time", "20200101T000000")
"""What makes gpg live in the past."""

SPEC = """\
Name: {name}
Version: {version}
Release: {release}
{epoch}
Summary: A tiny package
License: MIT
BuildArch: noarch
%description
A tiny package for tests.
%install
mkdir -p %{{buildroot}}/usr/share/{name}
seq 1 5000 > %{{buildroot}}/usr/share/{name}/{content}
%files
/usr/share/{name}
"""


def build(place: Path, name: str, version: str = "1.0", release: str = "1", epoch: int = 0, content: str = "x") -> Path:
    """Build a tiny noarch package with rpmbuild; `content` makes two packages of one identity differ."""
    top = place / f"{name}-{epoch}-{version}-{release}-{content}"
    top.mkdir(parents=True)
    spec = top / f"{name}.spec"
    line = f"Epoch: {epoch}" if epoch else ""
    spec.write_text(SPEC.format(name=name, version=version, release=release, epoch=line, content=content))
    argv = ["rpmbuild", "-bb", "--define", f"_topdir {top}", "--define", f"_dbpath {top}/db", str(spec)]
    subprocess.run(argv, check=True, capture_output=True, env=os.environ | {"HOME": str(top)})
    return next((top / "RPMS").rglob("*.rpm"))


def flip(path: Path, offset: int) -> None:
    """Change one bit of a file in place, whatever other names it has; a negative offset counts from the end."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(bytes(data))


def foreign_gpg(home: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run gpg on a home of the test's own and end its agent."""
    home.mkdir(mode=0o700, exist_ok=True)
    env = {"PATH": os.environ["PATH"], "GNUPGHOME": str(home), "LC_ALL": "C.UTF-8"}
    try:
        argv = ["gpg", "--batch", "--no-tty", "--quiet", "--passphrase", "", *arguments]
        return subprocess.run(argv, env=env, input=stdin, check=True, capture_output=True).stdout
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env=env, check=False)
        subprocess.run(["gpgconf", "--remove-socketdir"], env=env, check=False, capture_output=True)


def expired_key(home: Path) -> None:
    """Make a key that was good for one day, long ago."""
    foreign_gpg(home, *THEN, "--quick-generate-key", "Old <o@e.example>", "ed25519", "sign", "1d")
