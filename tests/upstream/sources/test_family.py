"""What every source owes the watch job: pure questions, and no error but UpstreamError whatever comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.upstream.model import Answer, Project, Reply, Request, Source, Unchanged, UpstreamError, Validator
from headrace.upstream.sources.debian import DebianArchive
from headrace.upstream.sources.git import GitRepository
from headrace.upstream.sources.npm import NpmRegistry
from headrace.upstream.sources.pypi import PythonIndex
from upstream.sources.recorded import CASES
from upstream.sources.recording import Case
from upstream.sources.replies import (
    DEBIAN,
    GIT,
    NPM,
    PYPI,
    SHA,
    index,
    npm_page,
    npm_version,
    pypi_file,
    pypi_page,
    sources,
)

GIT_FIRST = b"001e# service=git-upload-pack\n0000000eversion 2\n000cls-refs\n0000"
FAMILY: list[tuple[Callable[[], Source], Project, bytes]] = [
    (PythonIndex, PYPI, json.dumps(pypi_page(pypi_file("wheel_house-1.0.tar.gz"))).encode()),
    (NpmRegistry, NPM, json.dumps(npm_page(npm_version("1.0.0"))).encode()),
    (DebianArchive, DEBIAN, index(sources("Package: weir\n"))),
    (GitRepository, GIT, GIT_FIRST),
    *((case.make, case.project, next(iter(case.replies.values()))) for case in CASES),
]
NOTHING_IS_AN_ANSWER = {
    ("gitlab", "list"),
    ("gitee", "list"),
    ("gitcode", "list"),
    ("forgejo", "list"),
    ("go", "empty"),
}
"""Lists that may truly be empty: a repository without tags; a module without tags is asked for its latest version."""
TYPES = {"git": "application/x-git-upload-pack-advertisement"}
every_source = pytest.mark.parametrize(("make", "project", "good"), FAMILY, ids=[p.source for _, p, _ in FAMILY])

Maker = Callable[[], Source]


def read(make: Maker, project: Project, body: bytes, status: int = 200, request: Request | None = None) -> object:
    source = make()
    asked = request or source.ask(project, None)
    kind = TYPES.get(project.source, "application/json")
    if asked.step == "references":
        kind = "application/x-git-upload-pack-result"
    return source.read(project, Reply(asked, status, {"content-type": kind}, body), None)


@every_source
def test_asking_is_pure(make: Maker, project: Project, good: bytes) -> None:
    source = make()
    assert source.name == project.source
    assert source.ask(project, None) == source.ask(project, None) == make().ask(project, Validator(extra="x"))
    assert source.ask(project, None).url.startswith(project.address)


@every_source
def test_reading_is_deterministic(make: Maker, project: Project, good: bytes) -> None:
    first = read(make, project, good)
    assert isinstance(first, (Answer, Request))
    assert first == read(make, project, good)


@every_source
@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_gone_in_one_sentence(make: Maker, project: Project, good: bytes, status: int) -> None:
    # An archive without InRelease is asked for Release, and gone without that.
    request = replace(make().ask(project, None), url="http://archive.example/dists/x/Release")
    with pytest.raises(UpstreamError) as error:
        read(make, project, b"", status, request)
    assert project.source in str(error.value).lower()
    assert "gone" in str(error.value) or "no suite" in str(error.value)


@every_source
@pytest.mark.parametrize("status", [204, 301, 304, 400, 401, 403, 418, 429, 500, 503])
def test_other_statuses_are_errors_and_never_an_empty_answer(
    make: Maker, project: Project, good: bytes, status: int
) -> None:
    with pytest.raises(UpstreamError, match=str(status)):
        read(make, project, good, status)


NONSENSE = {
    "empty": b"",
    "html": b"<!DOCTYPE html><html><body>Log in to the network</body></html>",
    "null": b"null",
    "list": b"[]",
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "huge": b"a" * 5_000_000,
    "zeros": bytes(5_000_000),
    "big number": b'{"files": ' + b"1" * 100_000 + b"}",
    "bom": b"\xff\xfe{\0}\0",
    "surrogate": b'{"name": "wheel-house", "files": [], "versions": ["\\ud800"]}',
}


@every_source
@pytest.mark.parametrize("what", NONSENSE)
def test_attack_nonsense_is_refused(make: Maker, project: Project, good: bytes, what: str) -> None:
    if (project.source, what) in NOTHING_IS_AN_ANSWER:
        said = read(make, project, NONSENSE[what])
        assert isinstance(said, Request) or said.announcements == ()  # type: ignore[attr-defined]
        return
    with pytest.raises(UpstreamError):
        read(make, project, NONSENSE[what])


@every_source
@given(data=st.data())
@settings(max_examples=60)
def test_attack_any_bytes_give_an_answer_or_an_upstream_error(
    make: Maker, project: Project, good: bytes, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(good)))
    body = good[:cut] + data.draw(st.binary(max_size=60)) + good[data.draw(st.integers(0, len(good))) :]
    try:
        said = read(make, project, body)
    except UpstreamError as error:
        said = error
    assert isinstance(said, (Answer, Request, Unchanged)) or str(said).isprintable()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from([SHA, "1.0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["sha256", "dist", "1.0", "x"]), inner),
    max_leaves=6,
)


JSON = [one for one in FAMILY if one[2][:1] in (b"{", b"[")]


@pytest.mark.parametrize(("make", "project", "good"), JSON, ids=[p.source for _, p, _ in JSON])
@given(data=st.data())
@settings(max_examples=100)
def test_attack_any_json_in_any_place_gives_an_answer_or_an_upstream_error(
    make: Maker, project: Project, good: bytes, data: st.DataObject
) -> None:
    document = json.loads(good.splitlines()[0])
    place = document
    while isinstance(place, (dict, list)) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], (dict, list)) or data.draw(st.booleans()):
            place[key] = data.draw(values)
            break
        place = place[key]
    try:
        said = read(make, project, json.dumps(document).encode())
    except UpstreamError:
        return
    assert isinstance(said, (Answer, Request))


lines = st.lists(st.sampled_from([b"version 1\n", b"ERR x", b"a" * 40 + b" refs/tags/v1", b"\0", b" ", b"shallow x"]))


@given(payloads=lines, noise=st.binary(max_size=20), step=st.sampled_from(["", "references"]))
def test_attack_any_git_lines_give_an_answer_or_an_upstream_error(
    payloads: list[bytes], noise: bytes, step: str
) -> None:
    body = b"".join(b"%04x" % (len(line) + 4) + line for line in payloads) + noise + b"0000"
    try:
        said = read(GitRepository, GIT, body, request=Request(GIT.address, step=step))
    except UpstreamError:
        return
    assert isinstance(said, (Answer, Request))


@given(
    extra=st.text(max_size=40) | st.sampled_from(['{"stable": 1}', '{"stable": ["x", [[1, 2]]]}', "[]", "null", '""'])
)
def test_attack_a_memory_of_any_form_is_only_forgotten(extra: str) -> None:
    source = DebianArchive()
    known = Validator(extra=extra)
    said = source.read(DEBIAN, Reply(source.ask(DEBIAN, known), 200, {}, FAMILY[2][2]), known)
    assert isinstance(said, Request)


@pytest.mark.parametrize("case", CASES, ids=[case.project.source for case in CASES])
def test_a_recorded_dialogue_announces_every_version_with_what_is_known_of_it(case: Case) -> None:
    source = case.make()
    said: Answer | Request | Unchanged = source.ask(case.project, None)
    asked: list[str] = []
    while isinstance(said, Request):
        asked.append(said.url)
        assert len(asked) <= 12
        status = case.statuses.get(said.url, 200 if said.url in case.replies else 404)
        said = source.read(
            case.project, Reply(said, status, case.headers.get(said.url, {}), case.replies.get(said.url, b"")), None
        )
    assert isinstance(said, Answer)
    assert set(case.replies) <= set(asked), "a recorded reply was never asked for"
    assert tuple(map(str, said.notes)) == case.notes
    found = {
        one.version: (
            one.artefacts[0].filename if one.artefacts else None,
            one.released.isoformat() if one.released else None,
            one.withdrawn,
            one.prerelease,
        )
        for one in said.announcements
    }
    assert found == case.versions


@every_source
@pytest.mark.parametrize("name", ["../x", "a/../b", "", "a b", "a?b", "a#b", "x\n", "a" * 5000])
def test_attack_a_name_that_leads_elsewhere_is_not_asked(make: Maker, project: Project, good: bytes, name: str) -> None:
    source = make()
    try:
        request = source.ask(replace(project, name=name), None)
    except UpstreamError:
        return
    # What is only shown, or is written with percent signs, may have any form.
    assert request.url.isprintable()
    assert " " not in request.url
    assert "/../" not in request.url
    assert len(request.url) < 1000
