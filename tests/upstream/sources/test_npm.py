"""npm's registry documents."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from headrace.upstream.model import UpstreamError
from headrace.upstream.sources.npm import NpmRegistry
from upstream.sources.replies import NPM, answer, by_version, npm_page, npm_version, reply

SOURCE = NpmRegistry()


def test_a_scoped_name_is_one_part_of_the_path() -> None:
    assert SOURCE.ask(NPM, None).url == "https://npm.example/@mill%2Fwheel"
    assert SOURCE.ask(replace(NPM, name="ms"), None).url == "https://npm.example/ms"


@pytest.mark.parametrize("name", ["", "a/b", "@a/b/c", "..", "a b", "@/x", "é"])
def test_a_name_that_no_package_has_is_not_asked(name: str) -> None:
    with pytest.raises(UpstreamError, match="no name of an npm package"):
        SOURCE.ask(replace(NPM, name=name), None)


def test_versions_come_with_digests_times_and_the_registrys_own_prerelease() -> None:
    got = answer(SOURCE, NPM, npm_page(npm_version("1.0.0"), npm_version("2.0.0-rc.1+b-7"), npm_version("1.0.0+a-b")))
    versions = by_version(got)
    one = versions["1.0.0"]
    assert one.artefacts[0].filename == "wheel-1.0.0.tgz"
    assert one.artefacts[0].digests == {
        "sha512": hashlib.sha512(b"1.0.0").hexdigest(),
        "sha1": hashlib.sha1(b"1.0.0").hexdigest(),
    }
    assert one.released == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert [announcement.prerelease for announcement in versions.values()] == [False, True, False]
    assert str(got.notes[0]) == "The registry's tag latest names 1.0.0"


def test_deprecated_is_withdrawn_with_upstreams_words() -> None:
    got = by_version(
        answer(
            SOURCE,
            NPM,
            npm_page(
                npm_version("1.0.0", deprecated="use 2"),
                npm_version("1.0.1", deprecated=True),
                npm_version("1.0.2", deprecated=""),
                npm_version("1.0.3", deprecated=False),
            ),
        )
    )
    assert [announcement.withdrawn for announcement in got.values()] == ["use 2", "", None, None]


def test_an_unpublished_package_is_gone() -> None:
    page = {"name": "@mill/wheel", "time": {"unpublished": {"time": "2024-01-01T00:00:00Z"}}}
    with pytest.raises(UpstreamError, match="its author unpublished it"):
        answer(SOURCE, NPM, page)


@pytest.mark.parametrize(
    "dist",
    [
        {},
        {"tarball": "javascript:alert(1)"},
        {"tarball": "https://x.example/a.tgz", "integrity": "sha512-!!!!"},
        {"tarball": "https://x.example/a.tgz", "integrity": "sha512-AAAA"},
        {"tarball": "https://x.example/a.tgz", "shasum": "zz"},
        {"tarball": "https://x.example/"},
    ],
)
def test_attack_a_version_that_lies_about_its_file_is_refused(dist: dict[str, str]) -> None:
    with pytest.raises(UpstreamError):
        answer(SOURCE, NPM, npm_page({"version": "1.0.0", "dist": dist}))


def test_passwords_in_addresses_are_taken_out() -> None:
    page = npm_page({"version": "1.0.0", "dist": {"tarball": "https://me:secret@npm.example/a.tgz"}})
    assert answer(SOURCE, NPM, page).announcements[0].artefacts[0].url == "https://npm.example/a.tgz"


def test_a_document_about_another_package_is_refused() -> None:
    with pytest.raises(UpstreamError, match="about another package"):
        SOURCE.read(NPM, reply(SOURCE.ask(NPM, None), {**npm_page(), "name": "wheel"}), None)
