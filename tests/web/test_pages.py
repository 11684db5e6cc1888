"""Every page in every language, without scripts, and the same facts as JSON."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from headrace.words import LANGUAGES
from headrace.work.views import to_json
from web.example_desk import ASKS, LTS

pytestmark = pytest.mark.loopback

PAGES = (
    "/",
    "/?show=behind",
    "/?show=problems&branch=master",
    "/?show=waiting",
    "/packages/python-einops",
    "/packages/xxhash",
    "/changes",
    "/changes?state=failed",
    f"/changes/{ASKS}",
    "/changes/python-tokenizers-master-0.20.3",
    "/changes/hello-line-master-1.1",
    "/releases",
    f"/releases/{LTS}",
    "/releases/master",
    "/login",
)

VOID = frozenset({"meta", "link", "img", "input", "br", "path", "circle", "rect"})


class Outline(HTMLParser):
    """Checks that elements close in order, and gathers what the checks below look at."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.language = ""
        self.inline: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.language = found.get("lang") or "" if tag == "html" else self.language
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if tag == "a" else []
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        if tag == "label" and found.get("for"):
            self.labelled.add(found["for"] or "")
        if tag in {"textarea", "input"} and found.get("type") not in {"hidden", "checkbox"}:
            self.fields.append(found.get("id") or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_in_every_language(site, path, language):
    for visitor in (site.visitor(), site.member()):
        answer = visitor.get(path + ("&" if "?" in path else "?") + f"lang={language}")
        assert answer.status == 200
        page = Outline()
        page.feed(answer.text)
        page.close()
        assert page.open == []
        assert page.language == ("zh-CN" if language == "zh_CN" else "en")
        assert len(page.ids) == len(set(page.ids))
        assert page.inline == [], "the policy forbids styles and scripts within a page"
        assert set(page.fields) <= page.labelled
        assert page.links[0] == "#main"
        assert "%(" not in answer.text


def test_every_link_of_the_pages_leads_somewhere(site):
    visitor = site.visitor()
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop().split("#")[0]
        if not path or path in seen or not path.startswith("/"):
            continue
        seen.add(path)
        answer = visitor.get(path)
        assert answer.status == 200, path
        if answer.headers.get_content_type() == "text/html" and "lang=" not in path:
            page = Outline()
            page.feed(answer.text)
            waiting += page.links
    assert len(seen) > 40
    assert f"/changes/{ASKS}" in seen


def test_a_page_shows_what_the_desk_says(site):
    change = site.visitor().get(f"/changes/{ASKS}").text
    for words in (
        "ask a person",
        "0001-keep-old-numpy.patch was dropped",
        "merged upstream",
        "rebased",
        "untouched",
        "does not apply",
        "docs/zh/安装.md",
        "A key of upstream in the package",
        "Successfully built",
        "修复 numpy 兼容性问题",
    ):
        assert words in change
    line = site.visitor().get("/").text
    assert "Two upstreams answer differently: the registry says 2.1.0, the repository says 3.0.0rc1." in line
    assert "cannot decide" in line
    assert "The upstream did not answer: connection refused." in line


def test_filters_show_only_what_they_name(site):
    visitor = site.visitor()
    waiting = visitor.get("/?show=waiting").text
    assert waiting.count('<tr class="row') == 1
    assert "/packages/python-einops" in waiting
    assert visitor.get("/?branch=no-such&show=no-such").text.count('<tr class="row') == 12


def test_the_queue_has_pages_and_an_odd_page_number_is_the_nearest(site, monkeypatch):
    monkeypatch.setattr("headrace.web.pages.PER_PAGE", 3)
    first, odd = site.visitor().get("/changes"), site.visitor().get("/changes?page=99999999999999999999")
    assert "page 1 of 3" in first.text
    assert "page 1 of 3" in odd.text
    assert "page 3 of 3" in site.visitor().get("/changes?page=7").text
    assert first.text.count('<li class="row">') == 3
    assert first.text.index(ASKS) < first.text.index("hello-line")


@pytest.mark.parametrize(
    "path",
    [
        "/packages/none",
        "/changes/none",
        "/releases/none",
        "/nothing",
        "/builds/none/log",
        "/packages/..%2f..%2fetc",
        "/builds/..%2fx/log",
    ],
)
def test_what_is_not_there_is_said_in_a_page(site, path):
    answer = site.visitor().get(path)
    assert answer.status == 404
    assert "There is nothing here." in answer.text


@pytest.mark.parametrize(
    ("path", "view"),
    [
        ("/api/line", lambda desk: desk.line()),
        ("/api/changes", lambda desk: desk.changes()),
        (f"/api/changes/{ASKS}", lambda desk: desk.change(ASKS)),
        ("/api/packages/python-einops", lambda desk: desk.package("python-einops")),
        (f"/api/release/{LTS}", lambda desk: desk.release(LTS)),
    ],
)
def test_json_is_the_view(site, path, view):
    answer = site.visitor().get(path)
    assert answer.status == 200
    assert json.loads(answer.text) == to_json(view(site.desk))


def test_json_of_what_is_not_there(site):
    for path in ("/api/changes/none", "/api/packages/none", "/api/release/none", "/api/none"):
        assert site.visitor().get(path).status == 404
    assert site.visitor().get("/api/changes?state=odd").status == 422


def follow(schema, document, value, where="$"):
    """Whether a value has the form that the description promises."""
    if "$ref" in schema:
        return follow(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document, value, where)
    if "anyOf" in schema:
        kinds = [each for each in schema["anyOf"] if (value is None) == (each.get("type") == "null")]
        return follow(kinds[0], document, value, where)
    kinds = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
        "null": type(None),
    }
    assert isinstance(value, kinds[schema["type"]]), where
    assert "enum" not in schema or value in schema["enum"], where
    for name, each in schema.get("properties", {}).items():
        follow(each, document, value[name], f"{where}.{name}")
    if "properties" in schema:
        assert set(value) == set(schema["properties"]), where
    if isinstance(value, list):
        for each in value:
            follow(schema.get("items", {}), document, each, f"{where}[]")
    return None


def test_the_description_tells_the_form_of_the_json(site):
    document = json.loads(site.visitor().get("/openapi.json").text)
    paths = ("/api/line", "/api/changes", f"/api/changes/{ASKS}", "/api/packages/python-einops", f"/api/release/{LTS}")
    described = list(document["paths"])
    assert len(described) == len(paths)
    for path, name in zip(paths, described, strict=True):
        schema = document["paths"][name]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        follow(schema, document, json.loads(site.visitor().get(path).text))


def test_no_documentation_pages_of_the_framework(site):
    for path in ("/docs", "/redoc"):
        assert site.visitor().get(path).status == 404


def test_health(site):
    assert site.visitor().get("/healthz").text == "ok\n"


def test_published_files_are_served(site):
    (site.folder / "published" / "repomd.xml").write_text("<repomd/>")
    assert site.visitor().get("/published/repomd.xml").text == "<repomd/>"
    hidden = site.folder / "published" / "master" / ".work"
    hidden.mkdir(parents=True)
    (hidden / "key").write_text("secret")
    (site.folder / "published" / "master" / "out").symlink_to(site.folder / "tokens")
    (site.folder / "published" / "master" / "current").symlink_to("..")
    assert site.visitor().get("/published/master/current/repomd.xml").status == 200
    for path in ("/published/master/.work/key", "/published/master/%2ework/key", "/published/master/out"):
        assert site.visitor().get(path).status == 404
    for path in ("/published/../tokens", "/published/%2e%2e/tokens", "/published/..%2ftokens", "/static/..%2fapp.py"):
        assert site.visitor().get(path).status == 404
