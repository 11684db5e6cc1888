"""The real line behind the real pages in a real browser: a person takes a change from the line to the release."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from outcome import git
from web.browsing import CHROMIUM, DESKTOP, browser, window
from world import World

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="no chromium here: install it, or name it in HEADRACE_CHROMIUM"
    ),
]


@pytest.fixture
def served(world: World) -> Iterator[tuple[Path, str, str]]:
    """A workspace after one run: its folder, the address of its pages, a token."""
    workspace = world.init()
    world.headrace("run", workspace)
    token = world.headrace("token", "li-na", workspace).stdout.strip()
    process = world.start("serve", workspace, "--port", "0")
    assert process.stdout is not None
    yield workspace, process.stdout.readline().split()[-1], token
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0


def states(world: World, workspace: Path) -> dict[str, str]:
    return {one["id"]: one["state"] for one in json.loads(world.headrace("changes", workspace, "--json").stdout)}


def test_a_person_accepts_on_the_page_and_the_package_is_released(world: World, served: tuple[Path, str, str]) -> None:
    workspace, address, token = served
    with browser() as opened, window(opened, DESKTOP) as page:
        page.goto(f"{address}/login")
        page.keyboard.type(token)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/")
        page.get_by_role("link", name="tinytool").first.click()
        page.wait_for_url("**/packages/tinytool")
        page.goto(f"{address}/changes/tinytool-lts-1.0.1")
        page.keyboard.press("r")
        page.keyboard.type("Read and built here as well.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("li-na accepted it", exact=True).wait_for()
    deadline = time.monotonic() + 120
    while states(world, workspace)["tinytool-lts-1.0.1"] != "released":
        assert time.monotonic() < deadline, states(world, workspace)
        time.sleep(0.3)
    assert "Version:        1.0.1\n" in git(workspace / "packages" / "tinytool.git", "show", "lts:tinytool.spec")
    with urllib.request.urlopen(f"{address}/api/release/lts") as reply:
        assert "tinytool-1.0.1-1.noarch" in reply.read().decode()


def test_the_command_line_and_the_pages_agree(world: World, served: tuple[Path, str, str]) -> None:
    workspace, address, _ = served
    with urllib.request.urlopen(f"{address}/api/changes") as reply:
        pages = json.load(reply)
    listed = json.loads(world.headrace("changes", workspace, "--json").stdout)
    assert (pages["changes"] if isinstance(pages, dict) else pages) == listed


def test_a_maintainer_fetches_the_proposed_branch_over_http(served: tuple[Path, str, str]) -> None:
    _, address, _ = served
    done = subprocess.run(
        ["git", "ls-remote", f"{address}/git/tinytool.git", "refs/heads/headrace/*"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "refs/heads/headrace/tinytool-1.0.1-lts" in done.stdout
