"""Who is at the page: a signed cookie, and a token on every form that only this session can know."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from headrace.web.accounts import Account, Accounts, AccountsError

COOKIE = "headrace_session"
MAX_AGE = 12 * 3600
"""Seconds that a login lasts."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser: `id` is random; `account` is None before a login. `csrf` goes into every form of this session."""

    id: str
    account: Account | None
    csrf: str

    @property
    def who(self) -> str:
        """The name of the person, "" before a login."""
        return self.account.name if self.account else ""


class Sessions:
    """Makes and reads the cookie. Nothing is kept but the ids of sessions that were ended by a logout."""

    def __init__(self, secret: bytes, accounts: Accounts) -> None:
        self._secret = secret
        self._accounts = accounts
        self._signer = URLSafeTimedSerializer(secret, salt="headrace.session")
        self._ended: OrderedDict[str, None] = OrderedDict()

    def read(self, request: Request) -> Session:
        """The session of a request; a forged, old, ended or revoked cookie is a new session without account."""
        try:
            held = self._signer.loads(request.cookies.get(COOKIE, "")[:2000], max_age=MAX_AGE)
            session_id, name, digest = str(held["id"]), str(held["name"]), str(held["digest"])
        except (BadSignature, KeyError, TypeError):
            return self.begin(None)
        if session_id in self._ended:
            return self.begin(None)
        account = Account(name, digest) if name else None
        if account and not self._valid(account):
            return self.begin(None)
        return Session(session_id, account, self._csrf(session_id))

    def _valid(self, account: Account) -> bool:
        try:
            return self._accounts.still_valid(account)
        except AccountsError:
            return False

    def begin(self, account: Account | None) -> Session:
        """A new session; a login always begins one, so that a planted cookie gains nothing."""
        session_id = secrets.token_urlsafe(24)
        return Session(session_id, account, self._csrf(session_id))

    def end(self, session: Session) -> None:
        """Make the cookie worthless, also for whoever copied it."""
        self._ended[session.id] = None
        while len(self._ended) > 10_000:
            self._ended.popitem(last=False)

    def genuine(self, session: Session, token: str) -> bool:
        """Whether a form's token is of this session (constant time)."""
        return hmac.compare_digest(session.csrf.encode(), token.encode(errors="replace"))

    def keep(self, response: Response, session: Session, *, secure: bool) -> None:
        """Put the session into the response's cookie."""
        account = session.account
        held = {"id": session.id, "name": session.who, "digest": account.digest if account else ""}
        response.set_cookie(
            COOKIE, self._signer.dumps(held), max_age=MAX_AGE, httponly=True, samesite="lax", secure=secure, path="/"
        )

    def _csrf(self, session_id: str) -> str:
        return hmac.new(self._secret, b"headrace.csrf:" + session_id.encode(), hashlib.sha256).hexdigest()
