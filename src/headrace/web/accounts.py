"""Who may decide: accounts with one token each, kept as hashes in a file that only its owner may read."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from headrace.errors import HeadraceError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\Z")
_PREFIX = "hr_"
_MAX_TOKEN = 200


class AccountsError(HeadraceError):
    """The accounts cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Account:
    """One person who may decide. `digest` is the SHA-256 (hex) of a token of 256 random bits, so it needs no salt."""

    name: str
    digest: str


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def create_token(name: str) -> tuple[str, Account]:
    """A new token, which is shown once and never kept, and the account to keep. Raises AccountsError for an unfit name."""
    if not NAME.match(name):
        raise AccountsError(
            f"{name!r} is no name for an account", "letters, digits, . _ @ - and at most 64 of them", "choose another"
        )
    token = _PREFIX + secrets.token_urlsafe(32)
    return token, Account(name, _digest(token))


class Accounts:
    """The accounts of a file, one JSON object a line. Read again at every login, so that a new token works at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> tuple[Account, ...]:
        """Every account, in the order of the file; none when there is no file.

        Raises AccountsError when others than the owner may read or write the file, or when a line is not an account.
        """
        try:
            with self.path.open(encoding="utf-8") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(1024 * 1024)
        except FileNotFoundError:
            return ()
        if mode & 0o077:
            raise AccountsError(
                f"{self.path} can be read by others", f"its mode is {mode & 0o777:o}", f"chmod 600 {self.path}"
            )
        try:
            return tuple(Account(**json.loads(line)) for line in text.splitlines() if line.strip())
        except (ValueError, TypeError) as error:
            raise AccountsError(
                f"{self.path} holds a line that is no account", str(error), "remove the line or the file"
            ) from error

    def verify(self, token: str) -> Account | None:
        """The account of a token, None when there is none. Every account is compared, each in constant time."""
        if len(token) > _MAX_TOKEN:
            return None
        digest = _digest(token.strip())
        found = None
        for account in self.all():
            if hmac.compare_digest(account.digest, digest):
                found = account
        return found

    def still_valid(self, account: Account) -> bool:
        """Whether the very token of this account is still in the file; a removed one ends its sessions."""
        return any(each == account for each in self.all())

    def add(self, account: Account) -> None:
        """Keep an account; one of the same name is replaced, which makes its old token worthless."""
        self._write((*(each for each in self.all() if each.name != account.name), account))

    def remove(self, name: str) -> bool:
        """Forget an account; False when there was none."""
        before = self.all()
        after = tuple(each for each in before if each.name != name)
        if len(after) != len(before):
            self._write(after)
        return len(after) != len(before)

    def _write(self, accounts: tuple[Account, ...]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(account)) + "\n" for account in accounts)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
