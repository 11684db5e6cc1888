"""A desk with example content, served on loopback, and a visitor without any browser's comfort."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from headrace.web.accounts import Accounts, create_token
from headrace.web.app import create_app
from headrace.web.serve import beside
from headrace.web.throttle import Throttle
from web.desk_in_memory import DeskInMemory
from web.example_desk import example_desk

SECRET = b"a secret of thirty-two bytes ...."


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.text)
        assert found, "the page has no form"
        return found[1]


@dataclass
class Visitor:
    """One browser without scripts: keeps cookies, follows nothing by itself."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=20)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            if self.cookies:
                sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body, sent)
            reply = connection.getresponse()
            for line in reply.headers.get_all("set-cookie") or ():
                for name, morsel in SimpleCookie(line).items():
                    self.cookies[name] = morsel.value
            return Answer(reply.status, reply.headers, reply.read().decode())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        sent = {"Origin": self.address, "Content-Type": "application/x-www-form-urlencoded"} | headers
        return self.ask("POST", path, urlencode(form).encode(), **{k.replace("-", "_"): v for k, v in sent.items()})

    def log_in(self, token: str) -> Answer:
        return self.post("/login", {"csrf": self.get("/login").csrf, "token": token, "to": "/"})


@dataclass
class Site:
    address: str
    desk: DeskInMemory
    accounts: Accounts
    token: str
    folder: Path
    now: list[float]

    def visitor(self) -> Visitor:
        return Visitor(self.address)

    def member(self) -> Visitor:
        visitor = Visitor(self.address)
        assert visitor.log_in(self.token).status == 303
        return visitor


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    accounts = Accounts(tmp_path / "tokens")
    token, account = create_token("li-na")
    accounts.add(account)
    desk = example_desk()
    now = [0.0]
    published = tmp_path / "published"
    published.mkdir()
    app = create_app(
        desk, accounts=accounts, secret=SECRET, title="Example distribution", throttle=Throttle(clock=lambda: now[0]),
        poll=0.05, published_root=published,
    )  # fmt: skip
    with beside(app) as address:
        yield Site(address, desk, accounts, token, tmp_path, now)
