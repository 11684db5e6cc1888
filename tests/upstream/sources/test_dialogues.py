"""Dialogues that take turns of their own, and attacks on single sources."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headrace.upstream import reading_tags
from headrace.upstream.model import Answer, Project, Reply, Request, Source, Unchanged, UpstreamError, Validator
from headrace.upstream.sources.container import ContainerRegistry
from headrace.upstream.sources.crates import SparseIndex
from headrace.upstream.sources.gitee import Gitee
from headrace.upstream.sources.github_graphql import GitHubGraphQl, ask_many, read_many
from headrace.upstream.sources.gitlab import GitLab
from headrace.upstream.sources.gnu import Gnu
from headrace.upstream.sources.goproxy import ModuleProxy
from headrace.upstream.sources.maven import MavenRepository
from headrace.upstream.sources.rpm import RpmRepository
from headrace.upstream.sources.svn import Subversion
from upstream.sources.recorded import CASES, FOLDERS, PRIMARY
from upstream.sources.recorded_forges import GIT_AT, forge
from upstream.sources.recording import COMMIT, DAY, SHA, Case, js

BY_SOURCE = {case.project.source: case for case in CASES}


def tags(*names: str) -> bytes:
    return js([{"name": name, "commit": {"id": COMMIT, "sha": COMMIT, "date": DAY}} for name in names])


def say(
    source: Source, project: Project, body: bytes, status: int = 200, **headers: str
) -> Answer | Request | Unchanged:
    return source.read(project, Reply(source.ask(project, None), status, headers, body), None)


def test_a_registry_that_wants_a_token_is_asked_for_one_for_this_image_only() -> None:
    source, project = ContainerRegistry(), BY_SOURCE["container"].project
    challenge = 'Bearer realm="https://auth.example/token",service="images.example",scope="repository:other:push"'
    said = say(source, project, b"", 401, **{"www-authenticate": challenge})
    assert isinstance(said, Request)
    assert said.url == "https://auth.example/token?service=images.example&scope=repository%3Amill%2Fweir%3Apull"
    said = source.read(project, Reply(said, 200, {}, js({"token": "t0k"})), None)
    assert isinstance(said, Request)
    assert said.headers == (("Authorization", "Bearer t0k"),)
    got = source.read(project, Reply(said, 200, {}, js({"name": "mill/weir", "tags": ["1.0"]})), None)
    assert isinstance(got, Answer)
    with pytest.raises(UpstreamError, match="401"):
        source.read(project, Reply(said, 401, {"www-authenticate": challenge}, b""), None)


@pytest.mark.parametrize("token", ["a\r\nX: y", "", None, "a" * 9000])
def test_attack_a_token_that_smuggles_a_header_is_refused(token: object) -> None:
    source, project = ContainerRegistry(), BY_SOURCE["container"].project
    request = Request("https://auth.example/token", step="token")
    with pytest.raises(UpstreamError):
        source.read(project, Reply(request, 200, {}, js({"token": token})), None)


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/next",
        "http://gitlab.example/next",
        "//10.0.0.1/x",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
def test_attack_a_next_page_on_another_server_is_refused(link: str) -> None:
    with pytest.raises(UpstreamError, match="another server|no address"):
        say(GitLab(), forge("gitlab"), tags("v1"), link=f'<{link}>; rel="next"')


def test_pages_with_numbers_are_turned_until_one_is_not_full() -> None:
    source, project = Gitee(), forge("gitee")
    said = say(source, project, tags(*(f"v1.{n}" for n in range(100))))
    assert isinstance(said, Request)
    assert said.url.endswith("page=2")
    got = source.read(project, Reply(said, 200, {}, tags("v0.9")), None)
    assert isinstance(got, Answer)
    assert len(got.announcements) == 101


def test_a_server_that_sends_the_same_page_again_is_not_asked_for_ever() -> None:
    source, project = Gitee(), forge("gitee")
    page = tags(*(f"v1.{n}" for n in range(100)))
    said = say(source, project, page)
    assert isinstance(said, Request)
    got = source.read(project, Reply(said, 200, {}, page), None)
    assert isinstance(got, Answer)
    assert len(got.announcements) == 100


def test_a_list_without_end_is_cut_and_the_cut_is_told() -> None:
    source, project = Gitee(), forge("gitee")
    said: Answer | Request | Unchanged = source.ask(project, None)
    for page in range(reading_tags.MOST_PAGES):
        assert isinstance(said, Request)
        said = source.read(project, Reply(said, 200, {}, tags(*(f"v{page}.{n}" for n in range(100)))), None)
    assert isinstance(said, Answer)
    assert [str(note) for note in said.notes] == ["Only the 1000 newest tags were asked for"]


def test_an_equal_first_page_proves_that_nothing_changed_and_another_prefix_does_not() -> None:
    source, project = GitLab(), forge("gitlab")
    got = say(source, project, tags("v1"))
    assert isinstance(got, Answer)
    known = Validator(extra=got.extra)
    again = Reply(source.ask(project, known), 200, {}, tags("v1"))
    assert isinstance(source.read(project, again, known), Unchanged)
    assert isinstance(source.read(replace(project, tag_prefix=""), again, known), Answer)


def test_a_later_page_alone_proves_nothing() -> None:
    source, project = Gitee(), forge("gitee")
    said = say(source, project, tags(*(f"v1.{n}" for n in range(100))))
    assert isinstance(said, Request)
    with pytest.raises(UpstreamError, match="304"):
        source.read(project, Reply(said, 304, {}, b""), Validator('"1"'))


def test_a_hundred_repositories_are_one_question_and_each_has_its_own_answer() -> None:
    here, gone = forge("github-graphql"), replace(forge("github-graphql"), name="mill/gone")
    request = ask_many([here, gone])
    assert request.body.count(b":repository(") == 2
    assert not any("auth" in name.lower() for name, _ in request.headers)
    entry = js_of(BY_SOURCE["github-graphql"])["data"]["r0"]
    said = read_many([here, gone], Reply(request, 200, {}, js({"data": {"r0": entry, "r1": None}})))
    assert isinstance(said[0], Answer)
    assert isinstance(said[1], UpstreamError)
    with pytest.raises(UpstreamError, match="1 to 100"):
        ask_many([here] * 101)


def js_of(case: Case) -> dict[str, dict[str, object]]:
    import json

    return json.loads(next(iter(case.replies.values())))  # type: ignore[no-any-return]


def test_attack_a_name_cannot_leave_its_place_in_a_query() -> None:
    with pytest.raises(UpstreamError):
        GitHubGraphQl().ask(replace(forge("github-graphql"), name='a/b"){id}x:viewer{login'), None)


def test_a_module_without_tags_has_its_latest_version() -> None:
    source, project = ModuleProxy(), BY_SOURCE["go"].project
    said = say(source, project, b"")
    assert isinstance(said, Request)
    assert said.url == "https://proxy.example/forge.example/!mill/weir/@latest"
    got = source.read(
        project, Reply(said, 200, {}, js({"Version": "v0.0.0-20240501100000-abcdef012345", "Time": DAY})), None
    )
    assert isinstance(got, Answer)
    assert got.announcements[0].released is not None


def test_a_server_without_webdav_is_asked_for_its_page() -> None:
    source, project = Subversion(), BY_SOURCE["svn"].project
    assert source.ask(project, None).method == "PROPFIND"
    said = say(source, project, b"", 405)
    assert isinstance(said, Request)
    got = source.read(project, Reply(said, 200, {}, FOLDERS), None)
    assert isinstance(got, Answer)
    assert [one.tag for one in got.announcements] == ["6.1", "6.0", "latest"]


@pytest.mark.parametrize(("name", "place"), [("a", "1/a"), ("ab", "2/ab"), ("abc", "3/a/abc"), ("Abcd", "ab/cd/abcd")])
def test_short_crates_lie_in_folders_of_their_own(name: str, place: str) -> None:
    assert SparseIndex().ask(Project("crates", name, "https://c.example"), None).url == f"https://c.example/{place}"


def test_signatures_beside_archives_are_named_with_them() -> None:
    case = BY_SOURCE["gnu"]
    got = say(Gnu(), case.project, next(iter(case.replies.values())))
    assert isinstance(got, Answer)
    signed = [a for one in got.announcements for a in one.artefacts if a.signature_url]
    assert [a.filename for a in signed] == ["weir-1.1.tar.gz"]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE metadata [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><metadata><groupId>&b;</groupId>'
    b"</metadata>"
)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (BOMB, "defines entities"),
        (BOMB.replace(b"<!DOCTYPE", b"<!doctype"), "defines entities"),
        (BOMB.decode().encode("utf-16"), "not XML"),
    ],
)
def test_attack_xml_that_defines_entities_is_refused_unparsed(body: bytes, why: str) -> None:
    with pytest.raises(UpstreamError, match=why):
        say(MavenRepository(), BY_SOURCE["maven"].project, body)


def test_attack_a_member_of_another_folder_is_no_tag() -> None:
    case = BY_SOURCE["svn"]
    body = next(iter(case.replies.values())).replace(b"/weir/tags/v1.0/", b"/other/tags/v1.0/")
    with pytest.raises(UpstreamError, match="lies elsewhere"):
        say(case.make(), case.project, body, 207)


def test_attack_a_list_of_packages_of_another_digest_is_refused() -> None:
    project = BY_SOURCE["rpm"].project
    request = Request("https://rpm.example/os/repodata/primary.xml.gz", step="packages", memory=SHA)
    with pytest.raises(UpstreamError, match="has not the digest"):
        RpmRepository().read(project, Reply(request, 200, {}, PRIMARY), None)


def test_an_equal_table_of_contents_asks_for_no_list() -> None:
    case = BY_SOURCE["rpm"]
    got = case.make()
    first = Reply(got.ask(case.project, None), 200, {}, next(iter(case.replies.values())))
    question = got.read(case.project, first, None)
    assert isinstance(question, Request)
    assert isinstance(got.read(case.project, first, Validator(extra=question.memory)), Unchanged)


def test_commits_and_repositories_are_kept_with_tags() -> None:
    got = say(GitLab(), forge("gitlab"), tags("v1.0"))
    assert isinstance(got, Answer)
    one = got.announcements[0]
    assert (one.tag, one.version, one.commit, one.artefacts[0].url) == ("v1.0", "1.0", COMMIT, GIT_AT["repository"])
