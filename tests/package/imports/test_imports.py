"""Other watchers' files: every entry is read or left with a reason; garbage is one sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.imports import read_foreign
from headrace.package.imports.anitya import read_anitya
from headrace.package.imports.model import Imported, Imports
from headrace.package.imports.nvchecker import read_nvchecker
from headrace.package.imports.watch_file import read_watch
from headrace.package.model import PackageError


def nv(text: str) -> Imports:
    return read_nvchecker(text.encode())


@pytest.mark.parametrize(
    ("table", "source", "project", "address"),
    [
        ('source = "pypi"\npypi = "Water"', "pypi", "Water", ""),
        ('source = "pypi"', "pypi", "mill", ""),
        ('source = "cratesio"\ncratesio = "water"', "crates", "water", ""),
        ('source = "gems"\ngems = "water"', "rubygems", "water", ""),
        ('source = "github"\ngithub = "water/mill"', "github", "water/mill", "https://github.com/water/mill"),
        (
            'source = "gitlab"\ngitlab = "a/b/mill"\nhost = "g.example"',
            "gitlab",
            "a/b/mill",
            "https://g.example/a/b/mill",
        ),
        ('source = "git"\ngit = "https://g.example/mill.git"', "git", "mill", "https://g.example/mill.git"),
        ('source = "regex"\nurl = "https://w.example/"\nregex = "mill-(.*)"', "page", "mill", "https://w.example/"),
    ],
)
def test_nvchecker_sources(table: str, source: str, project: str, address: str) -> None:
    (got,) = nv(f"[__config__]\noldver = 'x'\n[mill]\n{table}\n").read
    assert (got.source, got.project, got.address) == (source, project, address)


def test_nvchecker_keeps_prefix_and_patterns_and_tells_what_it_drops() -> None:
    (got,) = nv('[mill]\nsource="github"\ngithub="w/m"\nprefix="v"\nexclude_regex="rc"\nodd=1\n').read
    assert (got.tag_prefix, got.options) == ("v", {"exclude_regex": "rc"})
    assert [str(one) for one in got.remarks] == ["the setting odd has no counterpart here"]
    assert got.metadata.src_repo == "w/m"


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('source = "cmd"\ncmd = "touch /tmp/x"', "nothing is run"),
        ('source = "github"', "names no repository"),
        ('source = "git"\ngit = "mill"', "names no address"),
        ('source = "git"\ngit = "https://g.example/m"\nuse_commit = true', "commits"),
        ('source = "manual"', "no counterpart"),
        ("prefix = 'v'", "names no source"),
    ],
)
def test_nvchecker_entries_that_are_left(table: str, reason: str) -> None:
    found = nv(f"[mill]\n{table}\n")
    assert found.read == ()
    assert reason in str(found.left[0].reason)


PROJECTS = [
    {"name": "Water", "backend": "PyPI", "homepage": "https://w.example", "packages": [{"distro": "D", "package_name": "py-w"}]},
    {"name": "mill", "backend": "GitHub", "version_url": "water/mill", "homepage": "https://w.example", "version_prefix": "v;w"},
    {"name": "wheel", "backend": "custom", "version_url": "https://w.example/down", "regex": "wheel-([0-9.]+)"},
    {"name": "old", "backend": "Freshmeat", "homepage": "https://w.example"},
]  # fmt: skip


def test_anitya_projects() -> None:
    found = read_anitya(json.dumps({"projects": PROJECTS}).encode())
    assert [(one.package, one.source, one.project) for one in found.read] == [
        ("Water", "pypi", "Water"),
        ("mill", "github", "water/mill"),
        ("wheel", "page", "wheel"),
    ]
    assert found.read[1].tag_prefix == "v"
    assert "several prefixes" in str(found.read[1].remarks[0])
    assert found.read[2].options == {"pattern": "wheel-([0-9.]+)"}
    assert [one.package for one in found.left] == ["old"]


def test_anitya_by_distribution_uses_its_names() -> None:
    found = read_anitya(json.dumps({"items": PROJECTS}).encode(), "d")
    assert [one.package for one in found.read] == ["py-w"]


def watch(text: str) -> Imported:
    found = read_watch(text.encode(), "mill")
    assert found.left == ()
    return found.read[0]


@pytest.mark.parametrize(
    ("text", "source", "project"),
    [
        ("version=3\nhttps://github.com/water/mill/tags .*/v?(\\d\\S*)\\.tar\\.gz\n", "github", "water/mill"),
        ('version=4\nopts="uversionmangle=s/rc/~rc/,pgpmode=none" \\\n https://github.com/water/@PACKAGE@/releases'
         " .*/@PACKAGE@@ANY_VERSION@@ARCHIVE_EXT@ debian uupdate\n", "github", "water/mill"),
        ("version=4\nopts=mode=git https://g.example/mill.git refs/tags/v([\\d.]+)\n", "git", "mill"),
        ("version=4\nhttps://qa.example/watch/sf.php/mill/mill-(.+)\\.tar\\.gz\n", "sourceforge", "mill"),
        ("version=3\nhttps://sf.net/mill/mill-(.+)\\.tar\\.gz debian\n", "sourceforge", "mill"),
        ("version=3\nhttps://pypi.example/water-mill/water-mill-(.+)\\.tar\\.gz\n", "pypi", "water-mill"),
        ("version=4\nhttps://metacpan.org/release/Water-Mill .*/Water-Mill-v?(\\d[\\d.]+)\\.tgz$\n", "metacpan", "Water-Mill"),
        ("version=4\nhttps://download.gnome.org/sources/mill/([\\d.]+)/mill-([\\d.]+)\\.tar\\.xz\n", "gnome", "mill"),
        ("version=4\nhttps://w.example/down/mill-@ANY_VERSION@@ARCHIVE_EXT@\n", "folder", "mill"),
        ("Version: 5\n\nTemplate: GitHub\nOwner: water\nProject: mill\n", "github", "water/mill"),
        ("Version: 5\nTemplate: PyPI\nDist: Water\n", "pypi", "Water"),
        ("Version: 5\nUversion-Mangle: auto\n\nSource: https://w.example/down/\nMatching-Pattern: m-(.*)\n", "folder", "mill"),
    ],
)  # fmt: skip
def test_watch_files(text: str, source: str, project: str) -> None:
    got = watch(text)
    assert (got.source, got.project) == (source, project)


def test_watch_git_tags_and_folders_keep_their_patterns() -> None:
    assert watch("version=4\nopts=mode=git https://g.example/mill.git refs/tags/v([\\d.]+)\n").tag_prefix == "v"
    got = watch("version=3\nhttps://w.example/a/([\\d.]+)/mill-(.*)\\.tar\\.gz\n")
    assert (got.address, got.options["pattern"]) == ("https://w.example/a/", "([\\d.]+)/mill-(.*)\\.tar\\.gz")


@pytest.mark.parametrize(
    "text", ["", "version=2\nhttps://w.example/x\n", "version=4\n", "https://w.example/(.*)\n", "Version: 9\n"]
)
def test_a_watch_file_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(PackageError) as error:
        read_watch(text.encode(), "mill")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["a.toml", "a.json", "watch"])
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_garbage_is_one_sentence(name: str, data: bytes) -> None:
    try:
        assert isinstance(read_foreign(name, data), Imports)
    except PackageError as error:
        assert str(error).isprintable()  # noqa: PT017 - either outcome is right, another error is not


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.just("GitHub")
    | st.just("https://github.com/a/b"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["projects", "items", "name", "backend", "homepage", "packages", "distro"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSONS)
def test_no_entry_of_any_json_is_lost_or_crashes(value: object) -> None:
    try:
        found = read_anitya(json.dumps({"projects": [value]}).encode())
    except PackageError:
        assert not isinstance(value, dict)
    else:
        assert len(found.read) + len(found.left) == 1


@given(st.lists(st.sampled_from(['opts="', "opts=", "mode=git", ",", '"', " ", "https://w.example/", "(.*)", "\\\n", "\n", "#",
                                 "@PACKAGE@", "refs/tags/v", "(", ")", "[", "/", "debian"]), max_size=14))  # fmt: skip
def test_attack_any_watch_line_ends(parts: list[str]) -> None:
    try:
        found = read_watch(("version=4\n" + "".join(parts)).encode(), "mill")
    except PackageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right, another error is not
    else:
        assert found.read or found.left
