"""Tokens: shown once, kept as hashes, compared in constant time, in a file for its owner alone."""

from __future__ import annotations

import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.web.accounts import Account, Accounts, AccountsError, create_token


def test_a_token_opens_its_own_account_and_no_other(tmp_path):
    accounts = Accounts(tmp_path / "tokens")
    tokens = {}
    for name in ("li-na", "wangxm"):
        tokens[name], account = create_token(name)
        accounts.add(account)
    for name, token in tokens.items():
        found = accounts.verify(token)
        assert found is not None
        assert found.name == name
    assert accounts.verify(tokens["li-na"][:-1]) is None


def test_the_file_is_for_its_owner_and_holds_no_token(tmp_path):
    path = tmp_path / "deep" / "tokens"
    token, account = create_token("li-na")
    Accounts(path).add(account)
    assert path.stat().st_mode & 0o777 == 0o600
    assert token not in path.read_text()
    assert token.removeprefix("hr_") not in path.read_text()
    assert [each.name for each in path.parent.iterdir()] == ["tokens"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_attack_a_file_that_others_can_read_or_write_is_not_trusted(tmp_path, mode):
    accounts = Accounts(tmp_path / "tokens")
    token, account = create_token("li-na")
    accounts.add(account)
    accounts.path.chmod(mode)
    with pytest.raises(AccountsError, match="chmod 600"):
        accounts.verify(token)


def test_a_new_token_makes_the_old_one_worthless(tmp_path):
    accounts = Accounts(tmp_path / "tokens")
    old, first = create_token("li-na")
    new, second = create_token("li-na")
    accounts.add(first)
    accounts.add(second)
    assert accounts.verify(old) is None
    assert accounts.verify(new) == second
    assert not accounts.still_valid(first)
    assert accounts.remove("li-na")
    assert not accounts.remove("li-na")
    assert accounts.verify(new) is None


def test_every_account_is_compared_whatever_is_found(tmp_path, monkeypatch):
    accounts = Accounts(tmp_path / "tokens")
    token = ""
    for number in range(4):
        made, account = create_token(f"person-{number}")
        token = token or made
        accounts.add(account)
    compared = []

    def compare(one: str, other: str) -> bool:
        compared.append(one)
        return hmac.compare_digest(one, other)

    monkeypatch.setattr("headrace.web.accounts.hmac", type("Hmac", (), {"compare_digest": staticmethod(compare)}))
    assert accounts.verify(token) is not None
    assert len(compared) == 4


@pytest.mark.parametrize("name", ["", ".hidden", "a b", "a\nb", "a/b", "x" * 65, "<script>", "名字"])
def test_an_unfit_name_is_refused(name):
    with pytest.raises(AccountsError, match="is no name"):
        create_token(name)


def test_a_damaged_file_lets_nobody_in_and_says_so(tmp_path):
    accounts = Accounts(tmp_path / "tokens")
    for line in ("nonsense", json.dumps({"name": "x"}), json.dumps(["x", "y"])):
        accounts.path.write_text(line + "\n")
        accounts.path.chmod(0o600)
        with pytest.raises(AccountsError, match="no account"):
            accounts.verify("hr_x")


@given(st.text())
def test_no_text_opens_an_account_that_is_not_its_own(tmp_path_factory, text):
    path = Path(tmp_path_factory.getbasetemp()) / "tokens"
    accounts = Accounts(path)
    if not path.exists():
        accounts.add(create_token("li-na")[1])
        accounts.add(Account("empty", ""))
    assert accounts.verify(text) is None
