"""Upstreams from Source and URL lines: by shape, by configured hosts, by what is known although the version is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.infer import Inference, Inferred, infer
from headrace.package.infer_model import UNKNOWN_PART, name_of, take_apart

HOSTS = {"index.example": "pypi", "files.example": "pypi", "node.example": "npm"}
SHA = "ab/cd/" + "e" * 60


def spec(source: str, url: str = "", name: str = "mill", version: str = "1.2.0", extra: str = "") -> bytes:
    rows = [f"Name: {name}", f"Version: {version}", "Release: 1", "License: MIT", "Summary: A mill"]
    rows += ([f"URL: {url}"] if url else []) + ([f"Source0: {source}"] if source else [])
    return "\n".join([extra, *rows, "%description", "x", ""]).encode()


def first(source: str, url: str = "", name: str = "mill", version: str = "1.2.0", extra: str = "") -> Inferred:
    found = infer(spec(source, url, name, version, extra), hosts=HOSTS)
    assert found.unknown is None
    return found.projects[0]


SHAPES = [
    ("https://files.example/packages/source/m/millwork/millwork-%{version}.tar.gz", "pypi", "millwork"),
    (f"https://files.example/packages/{SHA}/mill_work-%{{version}}.tar.gz", "pypi", "mill_work"),
    ("%{pypi_source millwork}", "pypi", "millwork"),
    ("%{__some_base}/pool/main/m/mill/mill_%{version}.orig.tar.gz", "debian", "mill"),
    ("%{__some_base}/mill/-/mill-%{version}.tgz", "npm", "mill"),
    ("%{pypi_source}", "pypi", "mill"),
    ("%{crates_source millwheel}", "crates", "millwheel"),
    ("https://any.example/millwheel/-/millwheel-%{version}.tgz", "npm", "millwheel"),
    ("https://any.example/@water/mill/-/mill-%{version}.tgz", "npm", "@water/mill"),
    ("https://mirror.example/debian/pool/main/m/mill/mill_%{version}.orig.tar.xz", "debian", "mill"),
    ("https://mirror.example/debian/pool/main/libm/libmill/libmill_%{version}.orig.tar.xz", "debian", "libmill"),
    ("https://rubygems.org/downloads/water-mill-%{version}.gem", "rubygems", "water-mill"),
    ("https://cpan.metacpan.org/authors/id/M/MI/MILLER/Water-Mill-%{version}.tar.gz", "metacpan", "Water-Mill"),
    ("https://mirror.example/CPAN/modules/by-module/Water/Water-Mill-%{version}.tar.gz", "metacpan", "Water-Mill"),
    ("https://hackage.haskell.org/package/mill-%{version}/mill-%{version}.tar.gz", "hackage", "mill"),
    ("https://mirror.example/src/contrib/mill_%{version}.tar.gz", "cran", "mill"),
    ("https://mirror.example/maven2/org/water/mill/%{version}/mill-%{version}.jar", "maven", "org.water:mill"),
    (
        "https://github.com/water/mill/archive/refs/tags/v%{version}.tar.gz#/mill-%{version}.tar.gz",
        "github",
        "water/mill",
    ),
    ("https://github.com/water/mill/releases/download/%{version}/mill.tar.gz", "github", "water/mill"),
    ("https://gitlab.water.example/a/b/mill/-/archive/v%{version}/mill-v%{version}.tar.gz", "gitlab", "a/b/mill"),
    ("https://forge.example/a/mill/-/archive/v%{version}/mill-v%{version}.tar.gz", "gitlab", "a/mill"),
    ("https://bitbucket.org/water/mill/get/%{version}.tar.gz", "bitbucket", "water/mill"),
    ("https://codeberg.org/water/mill/archive/v%{version}.tar.gz", "forgejo", "water/mill"),
    ("https://releases.pagure.org/mill/mill-%{version}.tar.gz", "pagure", "mill"),
    ("https://git.kernel.org/pub/scm/mill/mill.git/snapshot/mill-%{version}.tar.gz", "cgit", "mill"),
    ("https://downloads.sourceforge.net/mill/mill-%{version}.tar.gz", "sourceforge", "mill"),
    ("https://downloads.sourceforge.net/project/mill/a/b/wheel-%{version}.tar.gz", "sourceforge", "mill"),
    ("https://download.gnome.org/sources/mill/1.2/mill-%{version}.tar.xz", "gnome", "mill"),
    ("https://ftp.gnu.org/gnu/mill/mill-%{version}.tar.xz", "gnu", "mill"),
    ("https://www.kernel.org/pub/linux/kernel/v6.x/linux-%{version}.tar.xz", "kernel", "linux"),
    ("https://www.x.org/releases/individual/lib/libMill-%{version}.tar.xz", "xorg", "libMill"),
    ("https://archive.apache.org/dist/water/mill/%{version}/mill-%{version}-src.tar.gz", "apache", "mill"),
    ("https://water.example/down/mill-%{version}.tar.gz", "folder", "mill"),
]


@pytest.mark.parametrize(("source", "kind", "project"), SHAPES)
def test_a_source_is_known_by_its_shape(source: str, kind: str, project: str) -> None:
    got = first(source)
    assert (got.source, got.project) == (kind, project)
    assert got.certainty >= 0.7


def test_configured_hosts_are_recognised_by_the_url_line() -> None:
    assert first("mill-1.tar.gz", "https://index.example/project/mill/").source == "pypi"
    assert first("mill-1.tar.gz", "https://node.example/package/@a/mill").project == "@a/mill"
    assert infer(spec("mill-1.tar.gz", "https://other.example/project/mill/"), hosts=HOSTS).projects == ()


def test_what_stands_before_the_version_in_the_tag_is_told() -> None:
    assert first("https://github.com/water/mill/archive/refs/tags/wheel-v%{version}.tar.gz").tag_prefix == "wheel-v"
    assert first("https://github.com/water/mill/archive/refs/tags/mill-%{version}.tar.gz").tag_prefix == ""
    assert first("https://github.com/water/mill/archive/%{version}.tar.gz").tag_prefix == ""


def test_an_unknown_version_does_not_hide_the_repository() -> None:
    got = first("https://github.com/water/mill/archive/v%(run me).tar.gz", version="%(date)")
    assert (got.source, got.project) == ("github", "water/mill")
    assert infer(spec("https://github.com/%(whoami)/mill/archive/v1.tar.gz")).projects == ()


def test_a_commit_is_less_certain_than_a_tag() -> None:
    tagged = first("https://github.com/water/mill/archive/v%{version}/mill.tar.gz")
    commit = first(f"https://github.com/water/mill/archive/{'0a' * 20}/mill.tar.gz")
    assert commit.certainty < tagged.certainty
    assert "commit" in str(commit.reason)


def test_the_source_counts_more_than_the_home_page() -> None:
    found = infer(
        spec("https://files.example/packages/source/m/mill/mill-%{version}.tar.gz", "https://github.com/water/mill")
    )
    assert [one.source for one in found.projects] == ["pypi", "github"]


def test_versioned_folders_are_left_out_of_the_address() -> None:
    assert first("https://water.example/pub/1.2/1.2.0/mill-%{version}.tar.gz").address == "https://water.example/pub"


@pytest.mark.parametrize(
    ("source", "url", "reason"),
    [
        ("", "", "no source"),
        ("mill.service", "https://water.example", "water.example is no place"),
        ("mill.service", "", "no URL line"),
        ("https://fedorahosted.org/releases/m/i/mill-1.2.0.tar.gz", "", "was closed"),
        ("https://packages.example/photon_sources/1.0/mill-1.2.0.tar.gz", "", "own store"),
        ("https://water.example/mill.dat", "", "carries no version"),
    ],
)
def test_what_is_not_inferred_has_its_reason(source: str, url: str, reason: str) -> None:
    found = infer(spec(source, url))
    assert found.projects == ()
    assert reason in str(found.unknown)


def test_attack_a_password_in_an_address_is_not_repeated() -> None:
    got = first("https://miller:grain@water.example/down/mill-1.2.0.tar.gz")
    assert "grain" not in repr(got)


def test_attack_path_steps_do_not_leave_the_address() -> None:
    got = first("https://water.example/a/../../etc/mill-1.2.0.tar.gz")
    assert ".." not in got.address


def test_attack_a_huge_spec_is_refused_with_a_reason() -> None:
    assert "larger than" in str(infer(b"x" * 5_000_000).unknown)


@given(st.binary(max_size=400))
def test_garbage_is_answered_with_a_reason(data: bytes) -> None:
    found = infer(data)
    assert isinstance(found, Inference)
    assert bool(found.projects) != (found.unknown is not None)


WORDS = st.lists(
    st.sampled_from(["archive", "-", "pool", "main", "m", "packages", "source", "gems", "CPAN", "authors", "id", "v1.2.0", "%{x}",
                     "%(id)", "sources", "gnu", "releases", "individual", "maven2", "@v", "refs", "tags", "p.git", "snapshot",
                     "..", "mill-1.2.0.tar.gz", "mill.gem", "?p=a.git", "#/x", "crates", "api", "package", "dist"]),
    max_size=9,
)  # fmt: skip
PLACES = st.sampled_from(
    ["github.com", "gitlab.com", "sourceforge.net", "gnome.org", "a.github.io", "pypi.example", "x.org", "[::1]", "-", "a@b",
     "kde.org", "apache.org", "launchpad.net", "sr.ht", "index.example", "hackage.example", "api.github.com"]
)  # fmt: skip


@given(PLACES, WORDS, st.sampled_from(["https", "git", "ftp", "svn", "x"]))
def test_any_address_is_answered_and_certainty_stays_between_0_and_1(host: str, words: list[str], scheme: str) -> None:
    found = infer(spec(f"{scheme}://{host}/{'/'.join(words)}"), hosts=HOSTS)
    assert bool(found.projects) != (found.unknown is not None)
    for one in found.projects:
        assert 0 <= one.certainty <= 1
        assert one.project
        assert UNKNOWN_PART not in one.project + one.address
        assert str(one.reason).isprintable()


@given(st.text(max_size=300))
def test_attack_names_and_addresses_of_any_text_end(text: str) -> None:
    assert isinstance(name_of(text), str)
    address = take_apart("https://" + text, "1", {})
    assert address is None or address.host
