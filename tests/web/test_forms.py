"""Logging in and deciding, and every way in which somebody else might do it for a person."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from itsdangerous import URLSafeTimedSerializer

from headrace.change.model import ChangeState
from headrace.web.accounts import create_token
from headrace.web.sessions import COOKIE
from web.conftest import SECRET
from web.example_desk import ASKS

pytestmark = pytest.mark.loopback

PAGE = f"/changes/{ASKS}"
DECIDE = f"{PAGE}/decision"


def form(site, visitor, answer="accept", why="", **more):
    return {
        "csrf": visitor.get(PAGE).csrf,
        "expected": site.desk.change(ASKS).commit,
        "answer": answer,
        "why": why,
    } | more


def untouched(site):
    view = site.desk.change(ASKS)
    return view.brief.waits and view.decisions == ()


def test_accept(site):
    member = site.member()
    answer = member.post(DECIDE, form(site, member, why="读过补丁，上游已合入。"))
    assert (answer.status, answer.headers["location"]) == (303, PAGE)
    (decided,) = site.desk.change(ASKS).decisions
    assert (decided.who, decided.accept, decided.why) == ("li-na", True, "读过补丁，上游已合入。")
    assert decided.commit == site.desk.change(ASKS).commit
    after = member.get(PAGE).text
    assert "li-na accepted it" in after
    assert 'name="answer"' not in after


def test_a_rejection_needs_a_reason(site):
    member = site.member()
    answer = member.post(DECIDE, form(site, member, "reject", "  \n "))
    assert answer.status == 422
    assert "Say why you reject it." in answer.text
    assert untouched(site)
    assert member.post(DECIDE, form(site, member, "reject", "The patch is still needed.")).status == 303
    assert site.desk.change(ASKS).brief.state is ChangeState.REJECTED


def test_a_reason_without_end_and_an_odd_answer_are_refused(site):
    member = site.member()
    assert member.post(DECIDE, form(site, member, why="x" * 2001)).status == 422
    assert member.post(DECIDE, form(site, member, answer="merge")).status == 400
    assert member.post(DECIDE, form(site, member, why="x" * 70_000)).status == 413
    assert untouched(site)


def test_what_changed_meanwhile_is_not_decided(site):
    member = site.member()
    seen = form(site, member)
    site.desk.all_changes[ASKS] = replace(site.desk.all_changes[ASKS], commit="d" * 40)
    answer = member.post(DECIDE, seen, Accept_Language="en")
    assert answer.status == 409
    assert "you saw c0ffee5a17b2, it is now dddddddddddd" in answer.text
    assert "Read it again, then decide." in answer.text
    assert untouched(site)


def test_what_does_not_wait_and_what_is_not_there(site):
    member = site.member()
    fields = form(site, member)
    assert member.post("/changes/zlib-openEuler-24.03-LTS-1.2.13/decision", fields).status == 409
    assert member.post("/changes/none/decision", fields).status == 404


def test_of_two_decisions_at_once_one_wins(site):
    members = [site.member() for _ in range(6)]
    forms = [form(site, member, why=f"person {number}") for number, member in enumerate(members)]
    gate = threading.Barrier(len(members))
    found: list[int] = []

    def decide(number: int) -> None:
        gate.wait()
        found.append(members[number].post(DECIDE, forms[number]).status)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(len(members))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [303, 409, 409, 409, 409, 409]
    assert len(site.desk.change(ASKS).decisions) == 1


def test_without_login_a_decision_leads_to_the_login(site):
    visitor = site.visitor()
    csrf = visitor.get("/login").csrf
    answer = visitor.post(DECIDE, {"csrf": csrf, "expected": "", "answer": "accept", "why": ""})
    assert (answer.status, answer.headers["location"]) == (303, f"/login?to={PAGE}")
    assert untouched(site)


def test_attack_forged_forms(site):
    member, other = site.member(), site.member()
    good = form(site, member)
    assert member.post(DECIDE, good | {"csrf": ""}).status == 403
    assert member.post(DECIDE, {name: value for name, value in good.items() if name != "csrf"}).status == 403
    assert member.post(DECIDE, good | {"csrf": other.get(PAGE).csrf}).status == 403
    assert member.post(DECIDE, good | {"csrf": site.visitor().get("/login").csrf}).status == 403
    assert untouched(site)


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:1", "http://evil.example/127.0.0.1"],
)
def test_attack_a_form_from_another_site(site, origin):
    member = site.member()
    assert member.post(DECIDE, form(site, member), Origin=origin).status == 403
    assert untouched(site)


def test_attack_a_form_without_origin_or_marked_cross_site(site):
    member = site.member()
    fields = form(site, member)
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    sent = {"Content_Type": "application/x-www-form-urlencoded"}
    assert member.ask("POST", DECIDE, body, **sent).status == 403
    assert member.post(DECIDE, fields, Sec_Fetch_Site="cross-site").status == 403
    assert member.post(DECIDE, fields, Sec_Fetch_Site="same-site").status == 403
    assert untouched(site)
    assert member.post(DECIDE, fields, Sec_Fetch_Site="same-origin").status == 303


def test_attack_a_decision_by_get_is_no_decision(site):
    member = site.member()
    answer = member.get(DECIDE + "?answer=accept&csrf=" + member.get(PAGE).csrf)
    assert answer.status in {404, 405}
    assert untouched(site)


@pytest.mark.parametrize("secret", [b"another secret of thirty-two bytes", b""])
def test_attack_a_cookie_signed_by_somebody_else(site, secret):
    visitor = site.visitor()
    account = site.accounts.all()[0]
    held = {"id": "x", "name": account.name, "digest": account.digest}
    visitor.cookies[COOKIE] = URLSafeTimedSerializer(
        secret or SECRET, salt="headrace.session" if secret else "other"
    ).dumps(held)
    assert "Log in" in visitor.get("/").text
    visitor.cookies[COOKIE] = "a" * 5000
    assert "Log in" in visitor.get("/").text


def test_attack_a_planted_session_does_not_become_the_members(site):
    attacker = site.visitor()
    csrf = attacker.get("/login").csrf
    victim = site.visitor()
    victim.cookies = dict(attacker.cookies)
    assert victim.post("/login", {"csrf": csrf, "token": site.token, "to": "/"}).status == 303
    assert "Log in" in attacker.get("/").text
    assert "Log out" in victim.get("/").text


def test_a_logout_ends_the_session_also_for_a_copy_of_the_cookie(site):
    member = site.member()
    copy = site.visitor()
    copy.cookies = dict(member.cookies)
    assert "Log out" in copy.get("/").text
    assert member.post("/logout", {"csrf": member.get("/").csrf}).status == 303
    assert "Log in" in member.get("/").text
    assert "Log in" in copy.get("/").text


def test_a_removed_token_ends_its_sessions(site):
    member = site.member()
    fields = form(site, member)
    site.accounts.remove("li-na")
    assert member.post(DECIDE, fields).status == 403
    assert "Log in" in member.get("/").text
    assert untouched(site)


def test_a_token_made_while_serving_works_at_once(site):
    token, account = create_token("wangxm")
    site.accounts.add(account)
    visitor = site.visitor()
    assert visitor.log_in(token).status == 303
    assert "wangxm" in visitor.get("/").text


def test_attack_guessing_tokens_is_slowed(site):
    visitor = site.visitor()
    for _ in range(5):
        answer = visitor.log_in("hr_wrong")
        assert answer.status == 403
        assert "This token is not known here." in answer.text
    answer = visitor.log_in(site.token)
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) == 61
    site.now[0] += 61
    assert visitor.log_in(site.token).status == 303


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/" + "x" * 600,
    ],
)
def test_attack_a_login_does_not_lead_away(site, to):
    visitor = site.visitor()
    answer = visitor.post("/login", {"csrf": visitor.get("/login").csrf, "token": site.token, "to": to})
    assert (answer.status, answer.headers["location"]) == (303, "/")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site):
    visitor = site.visitor()
    answer = visitor.log_in(site.token)
    cookie = next(line for line in answer.headers.get_all("set-cookie") if line.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert site.token not in cookie


def test_attack_accounts_that_others_can_write_let_nobody_in_and_the_pages_stay(site):
    member, visitor = site.member(), site.visitor()
    fields = form(site, member)
    site.accounts.path.chmod(0o666)
    assert member.post(DECIDE, fields).status == 403
    answer = visitor.log_in(site.token)
    assert answer.status == 503
    assert "Nothing was changed." in answer.text
    assert str(site.folder) not in answer.text
    assert visitor.get("/").status == 200
    assert untouched(site)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=1&" * 100, b"csrf", b'{"csrf": 1}'])
def test_attack_a_body_that_is_no_form(site, body):
    member = site.member()
    answer = member.ask("POST", DECIDE, body, Origin=site.address, Content_Type="application/json")
    assert answer.status == 403
    assert untouched(site)
