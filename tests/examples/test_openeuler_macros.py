"""The macros of the openEuler target: rpm and our own reader take the same meaning from them."""

from __future__ import annotations

from pathlib import Path

import pytest

import headrace.package
from headrace.outside.command import run
from headrace.package.spec.facts import read
from headrace.package.spec.targets import load
from headrace.package.spec.value import Known

FILE = Path(headrace.package.__file__).parent / "targets" / "openeuler.macros"
SPEC = """\
Name: probe
Version: 1.5
Release: 1%{?dist}
Summary: Probe
License: MIT
Source0: {expression}

%description
Probe.
"""
SOURCES = {
    "%{pypi_source einops}": "https://pypi.invalid/einops/einops-1.5.tar.gz",
    "%{pypi_source einops 0.6.0}": "https://pypi.invalid/einops/einops-0.6.0.tar.gz",
    "%{pypi_source einops 0.6.0 zip}": "https://pypi.invalid/einops/einops-0.6.0.zip",
    "%{npm_source ms}": "https://npm.invalid/ms/-/ms-1.5.tgz",
    "%{debian_source dos2unix}": "https://debian.invalid/dos2unix/dos2unix_1.5.orig.tar.gz",
    "%{debian_source libmd %{version} tar.xz}": "https://debian.invalid/libmd/libmd_1.5.orig.tar.xz",
}


@pytest.mark.parametrize("expression", SOURCES)
def test_reader_finds_the_source(expression: str) -> None:
    spec = read(SPEC.replace("{expression}", expression).encode(), macros=load("openeuler"))
    assert [source.value for source in spec.sources] == [Known(SOURCES[expression])]
    assert spec.release == Known("1.oe")
    assert spec.doubts == ()


@pytest.mark.real
@pytest.mark.parametrize("expression", SOURCES)
def test_rpm_finds_the_same(expression: str, tmp_path: Path) -> None:
    (tmp_path / "probe.spec").write_text(SPEC.replace("{expression}", expression))
    query = ["rpmspec", "--load", str(FILE), "-q", "--srpm", "--qf", "%{release} [%{source}]", "probe.spec"]
    release, name = run(query, cwd=tmp_path, seconds=30).text.split()
    assert release == "1.oe"
    assert name == SOURCES[expression].rpartition("/")[2]


def test_no_lua_and_a_shell_only_for_what_a_build_asks() -> None:
    shells = [line for line in FILE.read_text().splitlines() if "%(" in line and not line.startswith("#")]
    assert [line.split()[0] for line in shells] == ["%python3_version"]
    assert "%{lua" not in FILE.read_text()


@pytest.mark.real
def test_directories_are_those_of_an_rpm_distribution() -> None:
    asked = "%_libdir %_docdir %_licensedir %python3_sitelib %python3_sitearch %nodejs_sitelib"
    version = run(["rpm", "--load", str(FILE), "-E", "%python3_version"], seconds=30).text.strip()
    assert run(["rpm", "--load", str(FILE), "-E", asked], seconds=30).text.split() == [
        "/usr/lib64", "/usr/share/doc", "/usr/share/licenses", f"/usr/lib/python{version}/site-packages",
        f"/usr/lib64/python{version}/site-packages", "/usr/lib/node_modules",
    ]  # fmt: skip
