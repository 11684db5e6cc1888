"""Signing keys in a GnuPG home of their own: no agent stays behind, no half-made key is ever seen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from headrace.outside import command
from headrace.outside.command import CommandError, Completed
from headrace.signature.model import PublicKey, SignatureError, SigningKey

ALGORITHM = "rsa3072"
"""rpm 4.18 and its elders since 4.11 verify it; ed25519 needs rpm 4.15 and a crypto library that knows it."""

_SOCKET_ROOM = 107
"""Bytes that a path of a Unix socket may have."""
_MOST_KEYS = 8 * 1024 * 1024
_NAME = re.compile(r"[^\x00-\x1f\x7f<>()@\"\\]{1,100}")
_MAIL = re.compile(r"[^\x00-\x20\x7f<>()@\"\\]{1,64}@[A-Za-z0-9.-]{1,190}")
_QUIET = ("--batch", "--no-tty", "--no-options", "--quiet")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The GnuPG home (mode 0700) of one signing key. One process at a time uses it; others wait for it."""

    home: Path

    @classmethod
    def create(cls, home: Path, name: str, mail: str, algorithm: str = ALGORITHM) -> SigningKey:
        """Make the key of `Name <mail>` in `home`, without passphrase, never expiring; there already: return it.

        The home appears whole or not at all, whenever we are killed. Raises SignatureError when the home is open to
        others, holds something else or another owner's key, or when GnuPG fails.
        """
        if not _NAME.fullmatch(name) or name != name.strip() or not _MAIL.fullmatch(mail):
            raise SignatureError(
                "the owner of the key is not usable", f"{name!r} <{mail!r}>", "give a name without <>()@ and an address"
            )
        home = home.absolute()
        home.parent.mkdir(parents=True, exist_ok=True)
        with _alone(home):
            if home.exists():
                _require_private(home)
            if not home.exists() or not any(home.iterdir()):
                _make(home, f"{name} <{mail}>", algorithm)
        key = cls(home).key()
        if key.user_id != f"{name} <{mail}>":
            raise SignatureError(
                f"{home} holds the key of another owner", f"{key.user_id}, not {name} <{mail}>", "choose another home"
            )
        return key

    def key(self) -> SigningKey:
        """The one key of this home. Raises SignatureError when there is none, or more than one."""
        listed = self.run(["gpg", *_QUIET, "--with-colons", "--list-secret-keys"], seconds=30)
        keys = _parse(listed.text, "sec")
        if len(keys) != 1:
            raise SignatureError(f"{self.home} must hold one signing key", f"it holds {len(keys)}", "make one at init")
        return SigningKey(keys[0].fingerprint, keys[0].user_id, keys[0].created)

    def export_public(self) -> bytes:
        """The public key, armoured; the same bytes each time. Raises SignatureError when there is none."""
        fingerprint = self.key().fingerprint
        argv = ["gpg", *_QUIET, "--armor", "--export-options", "export-minimal", "--export", fingerprint]
        return self.run(argv, seconds=30).stdout

    def run(self, argv: Sequence[str], *, seconds: float, stdin: bytes = b"", check: bool = True) -> Completed:
        """Run a program that signs with this home's key; its agent ends with it, even when we are killed.

        Raises SignatureError when the home is not private, the program is missing, too slow, or (with `check`) fails.
        """
        _require_private(self.home)
        with _alone(self.home.absolute()):
            return _with_agent(self.home.absolute(), argv, seconds, stdin, check)


@contextlib.contextmanager
def temporary_home() -> Iterator[dict[str, str]]:
    """An empty GnuPG home for verifying: yields the environment that uses it; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="hr-") as place:
        env = command.plain_environment() | {"GNUPGHOME": place}
        try:
            yield env
        finally:
            with contextlib.suppress(CommandError):  # gpg makes it below /run/user even when it starts no agent
                command.run(["gpgconf", "--remove-socketdir"], env=env, seconds=10, check=False)


def read_keys(block: bytes) -> tuple[PublicKey, ...]:
    """The public keys of a block, armoured or binary. Raises SignatureError when there is none or it is not a key block."""
    if len(block) > _MOST_KEYS:
        raise SignatureError("the public keys are too large", f"{len(block)} bytes", f"at most {_MOST_KEYS} are read")
    argv = ["gpg", *_QUIET, "--no-autostart", "--with-colons", "--with-subkey-fingerprint", "--show-keys"]
    try:
        with temporary_home() as env:
            shown = command.run(argv, env=env, stdin=block, seconds=30, check=False)
    except CommandError as error:
        raise SignatureError("the public keys cannot be read", str(error)) from error
    keys = _parse(shown.text, "pub")
    if not keys:
        raise SignatureError("there is no public key", "the key block is empty or not OpenPGP", "export the key again")
    return keys


def _make(home: Path, user_id: str, algorithm: str) -> None:
    mark = f".{home.name}.new-"
    for left in home.parent.iterdir():
        if left.name.startswith(mark):
            shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=mark, dir=home.parent))
    argv = ["gpg", *_QUIET, "--passphrase", "", "--quick-generate-key", user_id, algorithm, "sign", "never"]
    _with_agent(fresh, argv, 120, b"", check=True)
    fresh.rename(home)


def _with_agent(home: Path, argv: Sequence[str], seconds: float, stdin: bytes, check: bool) -> Completed:
    with _near(home) as near:
        env = command.plain_environment() | {"GNUPGHOME": str(near), "GPG_TTY": "/dev/null"}
        try:
            _end_agent(near, env)
            # An agent started with a program leaves when that program does; one that gpg starts would stay for ever.
            wrapped = ["gpg-agent", "--batch", "--log-file", os.devnull, "--daemon", "--", *argv]
            return command.run(wrapped, env=env, stdin=stdin, seconds=seconds, check=check)
        except CommandError as error:
            raise SignatureError(f"{argv[0]} cannot use the key in {home}", str(error)) from error
        finally:
            with contextlib.suppress(CommandError):
                _end_agent(near, env)


def _end_agent(home: Path, env: Mapping[str, str]) -> None:
    """End the home's agent, if there is one, and wait until it has removed every socket: a new one trips over any."""
    # In the home, or below /run/user when that exists (dnf, for one, creates it).
    said = command.run(["gpgconf", "--list-dirs", "socketdir"], env=env, seconds=10).text
    place = Path(unquote(said.strip()))
    if _sockets(place):
        command.run(["gpgconf", "--kill", "gpg-agent"], env=env, seconds=10, check=False)
    for _ in range(200):
        if not _sockets(place):
            break
        time.sleep(0.01)
    for socket in _sockets(place):
        socket.unlink(missing_ok=True)
    if place != home:
        command.run(["gpgconf", "--remove-socketdir"], env=env, seconds=10, check=False)


def _sockets(place: Path) -> list[Path]:
    return list(place.glob("S.gpg-agent*"))


@contextlib.contextmanager
def _near(home: Path) -> Iterator[Path]:
    """A short path to `home`: the agent's sockets lie in it, and a socket's path has little room."""
    if len(os.fsencode(home / "S.gpg-agent.browser")) <= _SOCKET_ROOM:
        yield home
        return
    shortest = min(tempfile.gettempdir(), "/tmp", key=len)  # noqa: S108 - a private directory is made in it
    with tempfile.TemporaryDirectory(prefix="hr-", dir=shortest) as place:
        near = Path(place, "g")
        near.symlink_to(home)
        yield near


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home.parent / f".{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _require_private(home: Path) -> None:
    try:
        facts = home.stat()
    except OSError as error:
        raise SignatureError(f"there is no key in {home}", error.strerror or "", "make one at init") from error
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or stat.S_IMODE(facts.st_mode) & 0o077:
        raise SignatureError(
            f"the key in {home} is open to others", f"mode {stat.S_IMODE(facts.st_mode):04o}", f"chmod 0700 {home}"
        )


def _parse(listing: str, kind: str) -> tuple[PublicKey, ...]:
    """Read GnuPG's colon listing: one record of `kind` a key, followed by its fingerprints and user ids."""
    keys: list[list[list[str]]] = []
    for line in listing.splitlines():
        fields = line.split(":")
        if fields[0] == kind:
            keys.append([])
        if keys and len(fields) > 9:
            keys[-1].append(fields)
    return tuple(_one(records) for records in keys)


def _one(records: list[list[str]]) -> PublicKey:
    prints = [fields[9] for fields in records if fields[0] == "fpr"]
    owner = next((fields[9] for fields in records if fields[0] == "uid"), "")
    head = records[0]
    unusable = {"e": "it has expired", "r": "it is revoked", "i": "it is invalid"}.get(head[1], "")
    return PublicKey(
        prints[0], _unescape(owner), datetime.fromtimestamp(int(head[5]), UTC), tuple(prints[1:]), unusable
    )


def _unescape(text: str) -> str:
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)
