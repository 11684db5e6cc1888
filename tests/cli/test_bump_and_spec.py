"""The two commands that need neither workspace nor network."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from headrace.cli import bump as bump_command
from headrace.cli import spec as spec_command

SPEC = b"Name: lamp\nVersion: 1.0\nRelease: 3%{?dist}\nSource0: lamp-%{version}.tar.gz\nURL: %{where}\n\n%changelog\n"
BUMP = typer.Typer()
BUMP.command()(bump_command.bump)
READ = typer.Typer()
READ.command()(spec_command.spec)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "lamp.spec"
    file.write_bytes(SPEC)
    file.chmod(0o640)
    return file


def test_bump_edits_in_place_and_leaves_nothing_else(path: Path) -> None:
    day = ["--date", "2024-03-05", "--author", "Ada <a@x.y>", "--message", "Brighter"]
    result = CliRunner().invoke(BUMP, [str(path), "--to", "1.1", *day])
    assert result.exit_code == 0, result.output
    assert path.read_bytes() == (
        SPEC.replace(b"1.0", b"1.1").replace(b"3%", b"1%") + b"* Tue Mar 05 2024 Ada <a@x.y> - 1.1-1\n- Brighter\n"
    )
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == ["lamp.spec"]


def test_bump_tells_in_json_and_writes_nothing_when_dry(path: Path) -> None:
    result = CliRunner().invoke(BUMP, [str(path), "--to", "1.1", "--json", "--dry-run"])
    told = json.loads(result.output)
    assert (told["from"], told["to"]) == ("1.0-3", "1.1-1")
    assert [edit["line"] for edit in told["edits"]] == [2, 3, 8]
    assert path.read_bytes() == SPEC


@pytest.mark.parametrize(
    "arguments", [["--to", "%(id)"], ["--to", "1.1", "--date", "soon"], ["--to", "1.1", "--target", "moon"]]
)
def test_bump_refuses_with_one_sentence_and_changes_nothing(path: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(BUMP, [str(path), *arguments])
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1
    assert path.read_bytes() == SPEC
    result = CliRunner().invoke(BUMP, [str(path), *arguments, "--json"])
    assert json.loads(result.output)["error"]["brief"]


def test_bump_follows_a_link_and_keeps_it(path: Path) -> None:
    link = path.with_name("link.spec")
    link.symlink_to(path)
    assert CliRunner().invoke(BUMP, [str(link), "--to", "1.1"]).exit_code == 0
    assert link.is_symlink()
    assert b"Version: 1.1" in path.read_bytes()


def test_spec_prints_what_is_known_and_why_the_rest_is_not(path: Path) -> None:
    result = CliRunner().invoke(READ, [str(path)])
    assert result.exit_code == 0
    assert "lamp-1.0.tar.gz" in result.output
    assert "url            unknown: the macro %where is not defined" in result.output
    told = json.loads(CliRunner().invoke(READ, [str(path), "--json"]).output)
    assert told["version"] == "1.0"
    assert told["sources"] == [
        {
            "number": 0,
            "raw": "lamp-%{version}.tar.gz",
            "value": "lamp-1.0.tar.gz",
            "filename": "lamp-1.0.tar.gz",
            "line": 4,
        }
    ]
    assert "%where" in told["url"]["unknown"]
