"""The nouns of the signature room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from headrace.errors import HeadraceError


class SignatureError(HeadraceError):
    """Something cannot be signed, or a signature does not prove what it should."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs: its fingerprint (upper-case hex), its owner as `Name <mail>`, and when it was made (UTC)."""

    fingerprint: str
    user_id: str
    created: datetime


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key as others see it. `subkeys` are fingerprints; `unusable` says why it proves nothing today, "" when it does."""

    fingerprint: str
    user_id: str
    created: datetime
    subkeys: tuple[str, ...] = ()
    unusable: str = ""

    def made(self, key_id: str) -> bool:
        """Whether a signature that names `key_id` (the last 8 or 16 hex digits, or all) is by this key or a subkey."""
        return len(key_id) >= 8 and any(one.endswith(key_id.upper()) for one in (self.fingerprint, *self.subkeys))


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds: the primary key's fingerprint and owner, the (sub)key that signed, and when (UTC)."""

    fingerprint: str
    user_id: str
    signed_by: str
    made: datetime
