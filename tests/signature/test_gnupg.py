"""Keys in real GnuPG homes: whole or not at all, private, no agent left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from headrace.signature.keys import gnupg
from headrace.signature.keys.gnupg import KeyRing, read_keys
from headrace.signature.model import SignatureError
from signature.tiny import expired_key, foreign_gpg, need_tools

pytestmark = [pytest.mark.real, need_tools]


def agents_of(home: Path) -> list[int]:
    """Living agents that hold a file of the home open."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            alive = (process / "comm").read_text().strip() == "gpg-agent" if process.name.isdigit() else False
            environment = (process / "environ").read_bytes() if alive else b""
        except OSError:
            continue
        if f"GNUPGHOME={home}\0".encode() in environment:
            found.append(int(process.name))
    return found


def assert_no_agent(home: Path) -> None:
    """Its sockets are gone at once, the process itself a moment later."""
    for _ in range(500):
        if not agents_of(home):
            return
        time.sleep(0.01)
    raise AssertionError(agents_of(home))


def sockets_of(home: Path) -> list[Path]:
    """The sockets of the home's agent, wherever GnuPG keeps them on this machine."""
    said = subprocess.run(
        ["gpgconf", "--homedir", str(home), "--list-dirs", "socketdir"], capture_output=True, check=True
    )
    return [*home.glob("S.*"), *Path(said.stdout.decode().strip()).glob("S.*")]


def test_a_key_is_made_once(tmp_path: Path) -> None:
    home = tmp_path / "ring"
    first = KeyRing.create(home, "Release Key", "release@headrace.example")
    assert KeyRing.create(home, "Release Key", "release@headrace.example") == first
    assert first.user_id == "Release Key <release@headrace.example>"
    assert home.stat().st_mode & 0o777 == 0o700
    (public,) = read_keys(KeyRing(home).export_public())
    assert (public.fingerprint, public.user_id, public.unusable) == (first.fingerprint, first.user_id, "")
    assert KeyRing(home).export_public() == KeyRing(home).export_public()


def test_another_owner_is_refused(tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "ring", "Release Key", "release@headrace.example", "ed25519")
    with pytest.raises(SignatureError, match="key of another owner"):
        KeyRing.create(tmp_path / "ring", "Other", "release@headrace.example", "ed25519")


@pytest.mark.parametrize(
    ("name", "mail"), [("", "a@b.example"), ("A\nB", "a@b.example"), ("A <x@y>", "a@b.c"), ("A", "no mail")]
)
def test_an_owner_that_would_forge_a_user_id_is_refused(tmp_path: Path, name: str, mail: str) -> None:
    with pytest.raises(SignatureError, match="owner of the key is not usable"):
        KeyRing.create(tmp_path / "ring", name, mail)


def test_a_home_open_to_others_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "ring"
    KeyRing.create(home, "Release Key", "release@headrace.example", "ed25519")
    home.chmod(0o750)
    with pytest.raises(SignatureError, match="open to others: mode 0750") as refused:
        KeyRing(home).key()
    assert str(refused.value).count("\n") == 0
    with pytest.raises(SignatureError, match="open to others"):
        KeyRing.create(home, "Release Key", "release@headrace.example")


def test_a_home_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "ring"
    home.mkdir(mode=0o700)
    (home / "thesis.txt").write_text("mine")
    with pytest.raises(SignatureError, match="it holds 0"):
        KeyRing.create(home, "Release Key", "release@headrace.example")
    assert (home / "thesis.txt").read_text() == "mine"


def test_a_home_with_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30) / "ring"
    key = KeyRing.create(home, "Release Key", "release@headrace.example", "ed25519")
    assert KeyRing(home).key() == key


def test_the_path_that_an_agent_gets_has_room_for_its_sockets(tmp_path: Path) -> None:
    """GnuPG puts them into the home on machines without /run/user, so this is asked directly."""
    home = tmp_path / ("long" * 30) / "ring"
    home.mkdir(parents=True)
    with gnupg._near(home) as near:
        assert near.samefile(home)
        assert len(os.fsencode(near / "S.gpg-agent.browser")) <= 107
    assert not os.path.lexists(near)


def test_no_agent_stays_behind(tmp_path: Path) -> None:
    home = tmp_path / "ring"
    KeyRing.create(home, "Release Key", "release@headrace.example", "ed25519")
    signed = KeyRing(home).run(["gpg", "--batch", "--armor", "--detach-sign"], seconds=30, stdin=b"text")
    assert b"BEGIN PGP SIGNATURE" in signed.stdout
    assert not sockets_of(home)
    assert_no_agent(home)


def test_an_agent_left_by_others_is_replaced(tmp_path: Path) -> None:
    home = tmp_path / "ring"
    key = KeyRing.create(home, "Release Key", "release@headrace.example", "ed25519")
    env = os.environ | {"GNUPGHOME": str(home)}
    subprocess.run(["gpg-connect-agent", "/bye"], env=env, check=True, capture_output=True)
    assert agents_of(home)
    assert KeyRing(home).key() == key
    assert_no_agent(home)


def test_a_program_that_hangs_is_ended_and_the_ring_is_free_again(tmp_path: Path) -> None:
    home = tmp_path / "ring"
    key = KeyRing.create(home, "Release Key", "release@headrace.example", "ed25519")
    with pytest.raises(SignatureError, match="ran too long"):
        KeyRing(home).run(["sleep", "60"], seconds=0.3)
    assert_no_agent(home)
    assert KeyRing(home).key() == key


def test_two_at_once_make_one_key(tmp_path: Path) -> None:
    made = []

    def make() -> None:
        made.append(KeyRing.create(tmp_path / "ring", "Release Key", "release@headrace.example", "ed25519"))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1


_KILLED = """
import os, pathlib, signal, sys
from headrace.signature.keys import gnupg
place, when = pathlib.Path(sys.argv[1]), sys.argv[2]
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
if when == "before": gnupg._with_agent = die
if when == "after": pathlib.Path.rename = die
if when == "renamed": gnupg.KeyRing.key = die
gnupg.KeyRing.create(place / "ring", "Release Key", "release@headrace.example", "ed25519")
"""


@pytest.mark.parametrize(("when", "there"), [("before", False), ("after", False), ("renamed", True)])
def test_killed_while_the_key_is_made_nothing_half_is_left(tmp_path: Path, when: str, there: bool) -> None:
    died = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path), when], capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert (tmp_path / "ring").exists() == there
    before = KeyRing(tmp_path / "ring").key() if there else None
    key = KeyRing.create(tmp_path / "ring", "Release Key", "release@headrace.example", "ed25519")
    assert before in (None, key)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".ring.lock", "ring"]


@pytest.mark.parametrize("block", [b"", b"\n\n", b"garbage", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n"])
def test_a_block_without_keys_is_an_error(block: bytes) -> None:
    with pytest.raises(SignatureError, match="no public key"):
        read_keys(block)


def test_a_block_too_large_is_not_read() -> None:
    with pytest.raises(SignatureError, match="too large"):
        read_keys(b"x" * (gnupg._MOST_KEYS + 1))


def test_an_expired_key_says_so(tmp_path: Path) -> None:
    home = tmp_path / "old"
    expired_key(home)
    (key,) = read_keys(foreign_gpg(home, "--armor", "--export"))
    assert key.unusable == "it has expired"
