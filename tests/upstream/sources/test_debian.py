"""The dialogue with Debian's archive."""

from __future__ import annotations

import hashlib
import lzma
from dataclasses import replace

import pytest

from headrace.upstream.model import Answer, Project, Request, Unchanged, UpstreamError, Validator
from headrace.upstream.sources import debian
from headrace.upstream.sources.debian import DebianArchive, upstream_version
from upstream.sources.replies import DEBIAN, by_version, index, reply, sources, stanza, talk

BASE = "http://archive.example/debian"
WEIR_1 = stanza(
    "weir", "1:1.2-3", "weir_1.2-3.dsc", "weir_1.2.orig.tar.xz", "weir_1.2.orig.tar.xz.asc", "weir_1.2-3.debian.tar.xz"
)
WEIR_2 = stanza("weir", "1:1.3~rc1+dfsg1-1", "weir_1.3~rc1+dfsg1.orig.tar.gz", "weir_1.3~rc1+dfsg1.orig-docs.tar.gz")
OTHER = stanza("weir-tools", "9-1", "weir-tools_9.orig.tar.gz")
STABLE, SID = sources(OTHER, WEIR_1), sources(OTHER, WEIR_1, WEIR_2)


def archive(stable: bytes = STABLE, sid: bytes = SID, *, by_hash: bool = True) -> dict[str, bytes]:
    replies = {}
    for suite, listed in (("stable", stable), ("sid", sid)):
        replies[f"{BASE}/dists/{suite}/InRelease"] = index(listed, by_hash=by_hash)
        name = f"by-hash/SHA256/{hashlib.sha256(listed).hexdigest()}" if by_hash else "Sources.xz"
        replies[f"{BASE}/dists/{suite}/main/source/{name}"] = listed
    return replies


@pytest.mark.parametrize("by_hash", [True, False])
def test_all_indexes_are_asked_then_the_lists_and_the_suites_are_merged(by_hash: bool) -> None:
    got, asked = talk(DebianArchive(), DEBIAN, archive(by_hash=by_hash))
    assert isinstance(got, Answer)
    assert [request.step for request in asked] == ["index stable", "index sid", "sources stable", "sources sid"]
    versions = by_version(got)
    assert list(versions) == ["1.2", "1.3~rc1"]
    one = versions["1.2"]
    assert one.tag == "", "a Debian revision must not be read as part of the version"
    assert [a.url for a in one.artefacts] == [f"{BASE}/pool/main/w/weir/weir_1.2.orig.tar.xz"]
    assert one.artefacts[0].signature_url == f"{one.artefacts[0].url}.asc"
    assert one.artefacts[0].digests == {"sha256": hashlib.sha256(b"weir_1.2.orig.tar.xz").hexdigest()}
    assert one.artefacts[0].size == len("weir_1.2.orig.tar.xz")
    assert [a.filename for a in versions["1.3~rc1"].artefacts] == [
        "weir_1.3~rc1+dfsg1.orig.tar.gz",
        "weir_1.3~rc1+dfsg1.orig-docs.tar.gz",
    ]
    assert (one.prerelease, versions["1.3~rc1"].prerelease) == (None, True)
    assert "signatures of Debian's indexes were not verified" in str(got.notes[0])
    assert "Debian repacked 1:1.3~rc1+dfsg1-1" in str(got.notes[1])


def test_nothing_new_asks_the_indexes_only() -> None:
    source = DebianArchive()
    first, _ = talk(source, DEBIAN, archive())
    assert isinstance(first, Answer)
    again, asked = talk(source, DEBIAN, archive(), Validator(extra=first.extra))
    assert isinstance(again, Unchanged)
    assert [request.step for request in asked] == ["index stable", "index sid"]


def test_one_changed_suite_asks_one_list_and_keeps_what_the_other_announced() -> None:
    first, _ = talk(DebianArchive(), DEBIAN, archive())
    assert isinstance(first, Answer)
    newer = sources(stanza("weir", "1.4-1", "weir_1.4.orig.tar.xz"))
    again, asked = talk(DebianArchive(), DEBIAN, archive(sid=newer), Validator(extra=first.extra))
    assert isinstance(again, Answer)
    assert list(by_version(again)) == ["1.2", "1.4"]
    assert [request.step for request in asked] == ["index stable", "index sid", "sources sid"]


def test_an_index_that_is_not_modified_stands_for_its_suite() -> None:
    source = DebianArchive()
    first, _ = talk(source, DEBIAN, archive())
    assert isinstance(first, Answer)
    known = Validator(extra=first.extra)
    said = source.read(DEBIAN, reply(source.ask(DEBIAN, known), b"", 304), known)
    assert isinstance(said, Request)
    assert isinstance(source.read(DEBIAN, reply(said, b"", 304), known), Unchanged)


def test_many_packages_ask_equal_questions_and_unpack_a_list_once(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[str] = []
    real = debian._unpacked
    monkeypatch.setattr(debian, "_unpacked", lambda project, body: unpacked.append(project.name) or real(project, body))
    source = DebianArchive()
    _, one = talk(source, DEBIAN, archive())
    _, two = talk(source, replace(DEBIAN, name="weir-tools"), archive())
    assert one == two
    assert [hash(request) for request in one] == [hash(request) for request in two]
    assert unpacked == ["weir", "weir"]


def test_an_archive_without_inrelease_is_asked_for_release() -> None:
    replies = {url.replace("InRelease", "Release"): body for url, body in archive().items()}
    got, asked = talk(DebianArchive(), DEBIAN, replies)
    assert isinstance(got, Answer)
    assert [request.url.rpartition("/")[2] for request in asked][:3] == ["InRelease", "Release", "InRelease"]


def test_the_signed_text_is_there_for_whoever_verifies() -> None:
    text = index(SID)
    assert debian.release_text(reply(DebianArchive().ask(DEBIAN, None), text)) == text


@pytest.mark.parametrize(
    ("version", "upstream", "repacked"),
    [
        ("1.2-3", "1.2", False),
        ("2:1.2-3-1+b1", "1.2-3", False),
        ("1.2", "1.2", False),
        ("1.2+dfsg-1", "1.2", True),
        ("1.2+dfsg2-1", "1.2", True),
        ("1.2~dfsg.1-1", "1.2", True),
        ("1.2+ds-1", "1.2", True),
        ("1.2+ds1-1", "1.2", True),
        ("1.2.dfsg.1-1", "1.2", True),
        ("1.2+repack-1", "1.2", True),
        ("2.0+really1.9-1", "1.9", False),
        ("1.0~rc2-1", "1.0~rc2", False),
        ("1.2+git20240101.abc-1", "1.2+git20240101.abc", False),
    ],
)
def test_debians_dressing_is_taken_off(version: str, upstream: str, repacked: bool) -> None:
    assert upstream_version(version) == (upstream, repacked)


def test_a_native_package_is_its_own_upstream() -> None:
    listed = sources(stanza("weir", "3.1", "weir_3.1.dsc", "weir_3.1.tar.xz"))
    got, _ = talk(DebianArchive(), DEBIAN, archive(listed, listed))
    assert isinstance(got, Answer)
    assert [a.filename for a in by_version(got)["3.1"].artefacts] == ["weir_3.1.tar.xz"]


def test_upstreams_own_archive_goes_before_a_repacked_one_of_the_same_version() -> None:
    repacked = sources(stanza("weir", "1.2+dfsg-1", "weir_1.2+dfsg.orig.tar.xz"))
    got, _ = talk(DebianArchive(), DEBIAN, archive(repacked, STABLE))
    assert isinstance(got, Answer)
    assert [a.filename for a in by_version(got)["1.2"].artefacts] == ["weir_1.2.orig.tar.xz"]
    assert len(got.notes) == 1


def test_attack_a_list_that_is_not_the_one_of_the_index_is_refused() -> None:
    replies = archive(by_hash=False)
    replies[f"{BASE}/dists/sid/main/source/Sources.xz"] = sources(stanza("weir", "99-1", "weir_99.orig.tar.xz"))
    with pytest.raises(UpstreamError, match="has not the digest"):
        talk(DebianArchive(), DEBIAN, replies)


def test_attack_a_digest_behind_the_signed_part_does_not_count() -> None:
    forged = index(STABLE).replace(b"-----BEGIN PGP SIGNED MESSAGE-----\n", b"")
    body = b"Origin: x\n-----BEGIN PGP SIGNATURE-----\n" + forged
    source = DebianArchive()
    with pytest.raises(UpstreamError, match="names no digest"):
        source.read(DEBIAN, reply(source.ask(DEBIAN, None), body), None)


def test_attack_a_list_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "_TEXT_BYTES", 100_000)
    bomb = lzma.compress(bytes(1_000_000))
    with pytest.raises(UpstreamError, match="too long"):
        talk(DebianArchive(), DEBIAN, archive(bomb, bomb))


@pytest.mark.parametrize("broken", [b"", b"no xz", STABLE[:-30]])
def test_attack_a_damaged_list_is_refused_even_when_its_digest_is_right(broken: bytes) -> None:
    with pytest.raises(UpstreamError):
        talk(DebianArchive(), DEBIAN, {**archive(broken or b"\0", broken or b"\0")})


@pytest.mark.parametrize(
    "bad",
    [
        WEIR_1.replace("pool/main/w/weir", "../../etc"),
        WEIR_1.replace("pool/main/w/weir", "/etc"),
        WEIR_1.replace(" weir_1.2.orig.tar.xz\n", " ../x.orig.tar.xz\n"),
        WEIR_1.replace("1:1.2-3", "1:1.2 3"),
        WEIR_1.replace("Version: 1:1.2-3\n", ""),
        WEIR_1.replace(hashlib.sha256(b"weir_1.2-3.dsc").hexdigest(), "beef"),
    ],
)
def test_attack_a_stanza_that_leads_elsewhere_is_refused(bad: str) -> None:
    assert bad != WEIR_1
    listed = sources(OTHER, bad)
    with pytest.raises(UpstreamError):
        talk(DebianArchive(), DEBIAN, archive(listed, listed))


def test_a_package_or_a_suite_that_is_not_there_is_gone() -> None:
    with pytest.raises(UpstreamError, match="sluice is gone from Debian's archive"):
        talk(DebianArchive(), replace(DEBIAN, name="sluice"), archive())
    with pytest.raises(UpstreamError, match="no suite nowhere"):
        talk(DebianArchive(), replace(DEBIAN, options={"suites": "nowhere"}), archive())


@pytest.mark.parametrize(
    "project",
    [
        replace(DEBIAN, name="../x"),
        replace(DEBIAN, options={"suites": "../../x"}),
        replace(DEBIAN, options={"suites": ","}),
        replace(DEBIAN, options={"suites": "a,a"}),
        replace(DEBIAN, options={"suites": "aa,ab,ac,ad,ae,af"}),
    ],
)
def test_what_debian_cannot_have_is_not_asked(project: Project) -> None:
    with pytest.raises(UpstreamError):
        DebianArchive().ask(project, None)
