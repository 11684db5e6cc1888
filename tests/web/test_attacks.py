"""Hostile content and hostile requests against the pages."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from headrace.evidence.model import Finding, Judgement, Result, Strength, Verdict
from headrace.package.model import PatchClass
from headrace.words import LANGUAGES, Message, Text
from headrace.work.views import Difference, Event, PatchView, ReleasedRow
from web.example_desk import ASKS, LTS

pytestmark = pytest.mark.loopback

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}%(x)s{y}\u202e\x1b[31m\x00'


def poison(site):
    """Put the text into every field of every view that a stranger can write."""
    text = Message("{x}", x=EVIL)
    view = site.desk.all_changes[ASKS]
    finding = Finding(EVIL, Result.CONCERN, text, text, Strength.TEXT, EVIL, (EVIL,), Text(EVIL))
    site.desk.all_changes[ASKS] = replace(
        view,
        brief=replace(view.brief, from_evr=EVIL, to_evr=EVIL, why=text),
        reason=text,
        diff=f"--- {EVIL}\n+++ {EVIL}\n@@ -1 +1 @@\n-{EVIL}\n+{EVIL}\n",
        judgement=Judgement(Verdict.ASK, (text,)),
        findings=(finding,),
        patches=(PatchView(1, EVIL, PatchClass.FAILED, text, (EVIL,), EVIL),),
        differences=(Difference(EVIL, EVIL, EVIL, EVIL), Difference("files", EVIL, None, EVIL)),
        builds=tuple(replace(build, rpms=(EVIL,), builder=EVIL, reason=text) for build in view.builds),
        branch_name=EVIL,
        release_date=EVIL,
        failure=text,
    )
    site.desk.logs["b-new"] = EVIL.encode()
    package = site.desk.packages["python-einops"]
    upstream = package.upstream
    announced = (replace(upstream.announced[0], version=EVIL, withdrawn=EVIL),)
    site.desk.packages["python-einops"] = replace(
        package, summary=EVIL, sig=EVIL, maintainers=(EVIL,),
        upstream=replace(upstream, address=f"javascript:{EVIL}", name=EVIL, notes=(text,), problem=text, announced=announced),
    )  # fmt: skip
    site.desk.stands = tuple(
        replace(stand, carried=EVIL, newest=EVIL, why=text, problem=text) for stand in site.desk.stands
    )
    release = site.desk.releases[LTS]
    site.desk.releases[LTS] = replace(
        release, packages=(ReleasedRow(EVIL, EVIL, EVIL),), key_fingerprint=EVIL, baseurl=EVIL
    )
    site.desk.tell(EVIL, EVIL, text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/packages/python-einops", "/changes", f"/changes/{ASKS}", f"/releases/{LTS}"])
def test_attack_markup_in_every_field_stays_text(site, path, language):
    poison(site)
    text = site.visitor().get(f"{path}?lang={language}").text
    assert "&lt;script&gt;" in text
    assert re.findall(r"<script[^>]*>", text) == ['<script src="/static/desk.js" defer>']
    assert re.findall(r"<img[^>]*>", text) == ['<img src="/static/headrace.svg" alt="" width="26" height="26">']
    assert not re.search(r'href="\s*javascript:', text)
    assert "49" not in re.findall(r"&gt;(\d+)%", text)
    assert "{{ 7*7 }}" in text
    assert "[U+202E]" in text
    assert not set("\u202e\x1b\x00") & set(text)


@pytest.mark.parametrize(
    "path",
    ["/packages/{}", "/changes/{}", "/releases/{}", "/{}", "/builds/{}/log", "/login?to=/{}", "/?show={}&branch={}"],
)
def test_attack_markup_in_the_address_stays_text(site, path):
    text = site.visitor().get(path.replace("{}", "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22onload=x")).text
    assert "<script>alert" not in text
    assert '"onload' not in text


def test_attack_a_log_of_ten_megabytes(site):
    site.desk.logs["b-new"] = b"<b>" + b"\x1b[31m\xff A" * 1_250_000 + b"the end"
    change = site.visitor().get(f"/changes/{ASKS}")
    assert change.status == 200
    assert len(change.text) < 200_000
    assert "the end" in change.text
    log = site.visitor().get("/builds/b-new/log")
    assert log.headers.get_content_type() == "text/plain"
    assert log.headers["x-content-type-options"] == "nosniff"
    assert len(log.text) < 3 * 1024 * 1024
    assert log.text.endswith("the end")


def test_attack_a_diff_without_end(site):
    view = site.desk.all_changes[ASKS]
    site.desk.all_changes[ASKS] = replace(
        view, diff="@@ -0,0 +1,99999 @@\n" + "+<b>\n" * 99_999 + "+" + "x" * 3_000_000
    )
    answer = site.visitor().get(f"/changes/{ASKS}")
    assert answer.status == 200
    assert len(answer.text) < 800_000
    assert "97001 more lines are not shown." in answer.text


def test_attack_a_sentence_without_end(site):
    view = site.desk.all_changes[ASKS]
    site.desk.all_changes[ASKS] = replace(view, reason=Message("{x}", x="y" * 5_000_000))
    assert len(site.visitor().get(f"/changes/{ASKS}").text) < 600_000


def test_attack_a_line_break_in_an_event_stays_in_its_event(site):
    site.desk.tell("change", "x\n\nid: 9", Message("{x}", x="a\n\nid: 999\ndata: {}\r\r\u2028"))
    from headrace.web.live import encode

    wire = encode(site.desk.happened[-1], "en")
    assert wire.count("\n") == 3
    assert wire.endswith("\n\n")
    assert "\r" not in wire
    assert isinstance(site.desk.happened[-1], Event)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "a@127.0.0.1", "[::1", "127.0.0.1/x"]
)
def test_attack_another_name_for_this_server(site, host):
    answer = site.visitor().get("/", Host=host)
    assert answer.status in {400, 421}
    assert "Headrace" not in answer.text


def test_hosts_that_are_allowed(site):
    port = urlsplit(site.address).port
    for host in ("localhost", f"LOCALHOST:{port}", "127.0.0.1", f"[::1]:{port}"):
        assert site.visitor().get("/healthz", Host=host).status == 200


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/static/desk.css", "/api/line", "/login", "/healthz", "/builds/b-old/log"]
)
def test_every_answer_carries_the_headers(site, path):
    headers = site.visitor().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


def test_attack_requests_that_are_no_http(site):
    where = urlsplit(site.address)
    for raw in (
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10_000 + b"\r\n",
        b"GET " + b"/x" * 40_000 + b" HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
            connection.settimeout(10)
            connection.sendall(raw)
            try:
                assert b" 200 " not in connection.recv(100)
            except ConnectionResetError:
                continue
    assert site.visitor().get("/healthz").status == 200


def test_a_desk_that_fails_gives_an_error_and_no_story(site, monkeypatch):
    monkeypatch.setattr(site.desk, "line", lambda: 1 / 0)
    answer = site.visitor().get("/")
    assert answer.status == 500
    assert "ZeroDivision" not in answer.text
