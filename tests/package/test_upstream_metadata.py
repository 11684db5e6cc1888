"""The yaml that says where an upstream is: real slips are mended, everything else is one sentence."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.assembly import SOURCES
from headrace.package.model import PackageError, UpstreamMetadata
from headrace.package.upstream_metadata import KNOWN, PLACES, parse, to_project
from headrace.upstream.model import Project

ADDRESSES = {
    "pypi": "https://index.example/simple/",
    "npm": "https://npm.example",
    "debian": "http://archive.example/debian",
}


def read(text: str) -> UpstreamMetadata:
    return parse(text.encode(), "mill")


def project(text: str) -> Project:
    return to_project(read(text), "1.0", ADDRESSES)


def complaint(text: str | bytes) -> str:
    with pytest.raises(PackageError) as error:
        to_project(parse(text if isinstance(text, bytes) else text.encode(), "mill"), "1.0", ADDRESSES)
    said = str(error.value)
    assert "\n" not in said
    return said


def test_the_five_facts_and_everything_plain_beside_them() -> None:
    got = read(
        'version_control: pypi\nsrc_repo: einops\ntag_prefix: "^v"\nseparator: "."\nurl: https://x.example\nbackup: 7\n'
        'last_query:\n  time_stamp: "2020-04-24T15:00:32+00:00"\n  raw_data: |\n    v1\n    v2\n'
    )
    assert got == UpstreamMetadata("pypi", "einops", "v", ".", {"url": "https://x.example", "backup": "7"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ""),
        ('"^"', ""),
        ("^v", "v"),
        ("^release-", "release-"),
        (r'"^v\\."', "v."),
        ("'\"v\"'", "v"),
        ("'^LIBGEE_'", "LIBGEE_"),
        ("3", "3"),
        ("null", ""),
        ("release_", "release_"),
    ],
)
def test_prefixes_are_literal_however_they_were_written(written: str, meant: str) -> None:
    got = read(f"version_control: pypi\nsrc_repo: x\ntag_prefix: {written}\n")
    assert (got.tag_prefix, "tag_pattern" in got.extra) == (meant, False)


@pytest.mark.parametrize("pattern", ["(VINO_)?", "GLADE3?_", "^v[0-9]", "a|b", "v.*"])
def test_a_prefix_that_is_a_pattern_is_kept_apart_and_counts_as_none(pattern: str) -> None:
    got = read(f"version_control: pypi\nsrc_repo: x\ntag_prefix: '{pattern}'\n")
    assert (got.tag_prefix, got.extra["tag_pattern"]) == ("", pattern)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ('separator: "."', "."),
        ("separator: .", "."),
        ("separator: -", "-"),
        ("separator: _", "_"),
        ("separator: '\"_\"'", "_"),
        ("seperator: _", "_"),
        ("seperator: -", "-"),
        ("separator:", "."),
        ("x: y", "."),
    ],
)
def test_separators_with_the_slips_of_real_files(line: str, meant: str) -> None:
    assert read(f"version_control: pypi\nsrc_repo: x\n{line}\ntag_prefix: ''\n").separator == meant


def test_registries_take_their_address_from_the_configured_clients() -> None:
    got = project("version_control: PyPI\nsrc_repo: einops\ntag_prefix: ^v\n")
    assert got == Project("pypi", "einops", "https://index.example/simple", "v", ".", "1.0")
    got = project("version_control: debian\nsrc_repo: popt\nsuites: bookworm,sid\n")
    assert (got.address, got.options) == ("http://archive.example/debian", {"suites": "bookworm,sid"})
    assert project("version_control: npm\nsrc_repo: '@a/b'\n").name == "@a/b"


@pytest.mark.parametrize(
    ("control", "repository", "address", "name"),
    [
        ("git", "https://git.example/a/sluice.git/", "https://git.example/a/sluice.git", "sluice"),
        ("git", "http://127.0.0.1:8418/sluice.git", "http://127.0.0.1:8418/sluice.git", "sluice"),
        ("github", "mill/wheel", "https://github.com/mill/wheel.git", "wheel"),
        ("github", "https://github.com/mill/wheel", "https://github.com/mill/wheel", "wheel"),
        ("gitee", "mill/wheel.git", "https://gitee.com/mill/wheel.git", "wheel"),
        ("gitlab.gnome", "atk", "https://gitlab.gnome.org/GNOME/atk.git", "atk"),
    ],
)
def test_repositories_are_git_wherever_they_lie(control: str, repository: str, address: str, name: str) -> None:
    got = project(f"version_control: {control}\nsrc_repo: {repository}\n")
    assert (got.source, got.address, got.name) == ("git", address, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no list of keys"),
        ("- a\n", "no list of keys"),
        ("version_control: pypi", "src_repo is missing"),
        ("src_repo: x", "version_control is missing"),
        ("version_control: NA\nsrc_repo: NA\n", "names no upstream"),
        ("version_control: [pypi]\nsrc_repo: x", "version_control is missing"),
        ("version_control: cvs\nsrc_repo: x", f"use one of {', '.join(KNOWN)}"),
        ("version_control: git\nsrc_repo: git://x.example/a", "no http or https URL"),
        ("version_control: git\nsrc_repo: file:///srv/a.git", "no http or https URL"),
        ("version_control: git\nsrc_repo: 'http://[::1'", "no http or https URL"),
        ("version_control: git\nsrc_repo: https://me:hunter2@x.example/a", "carries a user or a password"),
        ("version_control: github\nsrc_repo: ../../x", "no repository of github"),
        ("version_control: pypi\n  src_repo: x\n", "line 2"),
        ("version_control: 'pypi\nsrc_repo: x\n", "cannot be read"),
        ("version_control: pypi\nsrc_repo: x\nday: 2020-13-45\n", "cannot be read"),
        ("version_control: !!python/object/apply:os.system [id]\nsrc_repo: x", "cannot be read"),
        ("a: 1\n---\nb: 2\n", "cannot be read"),
    ],
)
def test_what_names_no_upstream_is_one_sentence(text: str, said: str) -> None:
    got = complaint(text)
    assert said in got
    assert "hunter2" not in got


def test_a_registry_that_is_not_configured_is_told() -> None:
    with pytest.raises(PackageError, match="no npm registry is configured here"):
        to_project(read("version_control: npm\nsrc_repo: ms\n"), "1", {})


def test_attack_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    assert "aliases" in complaint("\n".join(lines))


def test_attack_deep_nesting_and_great_size_are_refused_at_once() -> None:
    assert "deeper than" in complaint("a: " + "[" * 100 + "]" * 100)
    assert "cannot be read" in complaint("a: " + "[" * 100_000)
    assert "more than" in complaint("a: x\n" * 100_000)


@pytest.mark.parametrize(
    "text", [b"\xff\xfe\x00", b"a: \x00", b"\x80abc", b"a: b: c", b"%", b"?" * 500, b"version_control: \x1b"]
)
def test_attack_bytes_that_are_no_yaml_are_one_sentence(text: bytes) -> None:
    assert complaint(text)


@given(st.binary(max_size=200) | st.text(string.printable, max_size=200).map(str.encode))
def test_attack_any_bytes_are_metadata_or_a_package_error(text: bytes) -> None:
    try:
        got = to_project(parse(b"version_control: git\nsrc_repo: https://x.example/a\n" + text, "mill"), "1", ADDRESSES)
    except PackageError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert got.source


@pytest.mark.parametrize("control", KNOWN)
def test_every_word_for_a_source_leads_to_a_source_that_is_there(control: str) -> None:
    got = to_project(UpstreamMetadata(control, "https://x.example/a/b", "", ".", {}), "1", ADDRESSES)
    assert got.source in SOURCES


def test_every_source_can_be_named() -> None:
    named = {
        to_project(UpstreamMetadata(control, "https://x.example/a/b", "", ".", {}), "1", ADDRESSES).source
        for control in KNOWN
    }
    assert named == set(SOURCES)


@pytest.mark.parametrize(
    ("control", "repository", "source", "name", "address"),
    [
        ("metacpan", "Archive::Zip", "metacpan", "Archive-Zip", PLACES["metacpan"]),
        ("rubygem", "rake", "rubygems", "rake", PLACES["rubygems"]),
        ("gnu-ftp", "bash", "gnu", "bash", PLACES["gnu"]),
        ("hg", "https://hg.example/weir/", "hg", "weir", "https://hg.example/weir"),
        ("hg-raw", "https://hg.example/weir", "hg", "weir", "https://hg.example/weir"),
        ("svn", "https://svn.example/weir/tags", "svn", "tags", "https://svn.example/weir/tags"),
        ("docker", "weir", "container", "library/weir", PLACES["container"]),
        ("git", "git://git.savannah.gnu.org/bash.git", "git", "bash", "https://git.savannah.gnu.org/git/bash.git"),
        ("git", "git://git.kernel.org/pub/scm/a/b.git", "git", "b", "https://git.kernel.org/pub/scm/a/b.git"),
        ("gitlab-api", "a/b/c.git", "gitlab", "a/b/c", PLACES["gitlab-api"]),
        ("gitlab-api", "https://lab.example:8443/a/b.git", "gitlab", "a/b", "https://lab.example:8443"),
        ("gitea", "https://tea.example/a/b/", "forgejo", "a/b", "https://tea.example"),
    ],
)
def test_spellings_of_real_files_are_understood(
    control: str, repository: str, source: str, name: str, address: str
) -> None:
    got = project(f"version_control: {control}\nsrc_repo: '{repository}'\n")
    assert (got.source, got.name, got.address) == (source, name, address)


def test_the_place_of_a_source_is_the_yamls_or_the_settings_or_the_usual_one() -> None:
    text = "version_control: crates\nsrc_repo: weir\n"
    assert project(text).options == {"downloads": "https://static.crates.io/crates"}
    got = to_project(read(text), "1", {"crates": "https://mirror.example/"})
    assert (got.address, got.options) == ("https://mirror.example", {})
    assert project(text + "address: https://own.example\n").address == "https://own.example"
    assert "carries a user" in complaint(text + "address: https://a:hunter2@own.example\n")


def test_a_protocol_that_cannot_be_asked_is_one_sentence() -> None:
    assert "no http or https URL" in complaint("version_control: svn\nsrc_repo: svn://svn.example/weir\n")


def test_a_forge_that_is_asked_by_its_interface_names_the_repository_for_git() -> None:
    got = project("version_control: gitlab-api\nsrc_repo: https://lab.example/a/b\n")
    assert got.options["repository"] == "https://lab.example/a/b.git"
