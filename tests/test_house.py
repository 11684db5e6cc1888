"""House rules as tests: sizes, names, hosts of registries, translations, documents."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.main import get_command

from headrace.cli.app import app
from headrace.outside.registries import Registry, debian_mirrors, npm_registry, python_index

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")])


def tracked() -> list[Path]:
    done = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, check=True)
    return [path for name in done.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines for path in SOURCES if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_no_room_has_a_name_that_says_nothing() -> None:
    nothing = re.compile(r"(utils?|helpers?|managers?|common|base|misc|core)(\.py)?")
    assert [path for path in SOURCES if any(nothing.fullmatch(part) for part in path.relative_to(ROOT).parts)] == []


def test_no_tracked_file_names_a_host_of_the_registries() -> None:
    mirrors = debian_mirrors()
    found = [python_index(), npm_registry(), *((one.registry for one in mirrors) if isinstance(mirrors, tuple) else ())]
    hosts = {urlsplit(one.address).hostname for one in found if isinstance(one, Registry)} - {
        None,
        "localhost",
        "127.0.0.1",
    }
    assert hosts, "no registry is configured here, so this cannot be judged"
    from pip._internal.models.index import PyPI

    pattern = re.compile("|".join(re.escape(str(host)) for host in {*hosts, PyPI.netloc, PyPI.file_storage_domain}))
    named = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        named += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert named == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", document.read_text("utf-8"))
    dead = [target for target in targets if "://" not in target and not (document.parent / target).exists()]
    assert dead == []


def test_every_command_in_the_readme_exists_with_its_options() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    text = (ROOT / "README.md").read_text("utf-8")
    used = re.findall(r"headrace ([a-z]+)((?: [^\s`#]+)*)", text)
    named = [
        (name, rest)
        for name, rest in used
        if name in commands or rest.strip().startswith(("-", "WORKSPACE", "PACKAGE"))
    ]
    assert len(named) >= 10
    for name, rest in named:
        assert name in commands, f"README names headrace {name}, which does not exist"
        options = {option for parameter in commands[name].params for option in parameter.opts}
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in options, f"headrace {name} has no {option}"


def test_every_command_says_what_it_does() -> None:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert (command.help or "").strip(), f"headrace {name} has no help"
