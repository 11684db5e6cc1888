"""`headrace compare` on real packages, and on what is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from headrace.cli.compare import compare
from headrace.errors import HeadraceError
from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.model import BuildOrder, BuildStatus

app = Typer()
app.command()(compare)

_SPEC = """\
Name: creek
Version: {version}
Release: 1
Summary: A creek
License: MIT
BuildArch: noarch
{head}
%description
A creek.
%install
mkdir -p %{{buildroot}}/etc %{{buildroot}}/usr/bin %{{buildroot}}/usr/share/creek-%{{version}}
echo {colour} > %{{buildroot}}/etc/creek.conf
for name in {commands}; do echo true > %{{buildroot}}/usr/bin/$name; done
echo data > %{{buildroot}}/usr/share/creek-%{{version}}/data
{script}
%files
%config{noreplace} /etc/creek.conf
%attr({mode}, root, root) /usr/bin/*
/usr/share/creek-%{{version}}
"""


def _package(directory: Path, version: str, **parts: str) -> Path:
    plain = {
        "head": "",
        "colour": "blue",
        "commands": "creek brook",
        "script": "",
        "noreplace": "(noreplace)",
        "mode": "0755",
    }
    spec = _SPEC.format(version=version, **{**plain, **parts})
    out = directory / version
    out.mkdir()
    build = Bubblewrap().build(BuildOrder("creek", "creek.spec", spec.encode(), {}, ""), out, lambda _: None)
    assert build.status is BuildStatus.BUILT, (out / "build.log").read_text()
    return out / build.rpms[0]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Three versions: the second differs only as versions do, the third in many ways."""
    if not (shutil.which("bwrap") and shutil.which("rpmbuild")):
        pytest.skip("needs bwrap and rpmbuild")
    directory = tmp_path_factory.mktemp("creek")
    spoilt = {
        "head": "Requires: dam >= 2\nObsoletes: brook-tools < 1", "colour": "red", "commands": "creek", "noreplace": "",
        "script": "%post\necho hello", "mode": "4755",
    }  # fmt: skip
    return _package(directory, "1.0"), _package(directory, "1.1"), _package(directory, "2.0", **spoilt)


@pytest.mark.real
def test_seeded_breakages_are_each_found_and_named(packages: tuple[Path, Path, Path]) -> None:
    old, _, new = packages
    result = CliRunner().invoke(app, [str(old), str(new), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["differences"]
    assert {frozenset(each) for each in found} == {frozenset(("kind", "subject", "old", "new", "weight", "remark"))}
    heavy = {(each["kind"], each["subject"]) for each in found if each["weight"] == "concern"}
    assert heavy == {
        ("command", "/usr/bin/brook"),
        ("setuid", "/usr/bin/creek"),
        ("config", "/etc/creek.conf"),
        ("config default", "/etc/creek.conf"),
        ("requires", "dam"),
        ("obsoletes", "brook-tools"),
        ("scriptlet", "creek %post"),
    }
    weights = [each["weight"] for each in found]
    assert weights == sorted(weights)


@pytest.mark.real
def test_a_plain_new_version_has_nothing_of_weight(packages: tuple[Path, Path, Path]) -> None:
    old, new, _ = packages
    found = json.loads(CliRunner().invoke(app, [str(old), str(new), "--json"]).stdout)["differences"]
    assert [each for each in found if each["weight"] != "note"] == []
    same = json.loads(CliRunner().invoke(app, [str(old), str(old), "--json"]).stdout)
    assert same == {"differences": []}


@pytest.mark.real
def test_people_read_a_table_and_what_was_left_out(packages: tuple[Path, Path, Path]) -> None:
    old, _, new = packages
    text = CliRunner().invoke(app, [str(old.parent), str(new.parent)], env={"COLUMNS": "200"}).stdout
    assert "the command is gone" in text
    assert "scriptlet" in text


def test_what_is_no_package_gives_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.rpm").write_bytes(b"nonsense")
    for place, words in ((tmp_path / "a.rpm", "does not begin as an RPM"), (tmp_path / "b.rpm", "No such file")):
        result = CliRunner().invoke(app, [str(place), str(place)])
        assert isinstance(result.exception, HeadraceError)
        assert words in str(result.exception)
