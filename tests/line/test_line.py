from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from outcome import changelog_heads, git, summary
from world import World

pytestmark = pytest.mark.real


def run_json(world: World, workspace: Path) -> dict[str, object]:
    found = json.loads(world.headrace("run", workspace, "--json").stdout)
    assert isinstance(found, dict)
    return found


def test_the_line_runs_from_upstream_to_release(world: World) -> None:
    workspace = world.init()
    ran = run_json(world, workspace)
    changes = {change["id"]: change for change in ran["changes"]}
    assert {name: (one["verdict"], one["state"]) for name, one in changes.items()} == {
        "tinytool-master-1.1": ("accept", "released"),
        "tinytool-lts-1.0.1": ("accept", "proposed"),
        "gristmill-master-0.2.0": ("accept", "released"),
    }
    fates = {patch["filename"]: patch["class"] for patch in changes["tinytool-master-1.1"]["patches"]}
    assert fates == {"say-it-four-times.patch": "merged upstream", "say-it-to-the-valley.patch": "rebased"}
    repository = workspace / "packages" / "tinytool.git"
    assert git(repository, "ls-tree", "--name-only", "master").split() == [
        "say-it-to-the-valley.patch", "sources", "tinytool.spec", "tinytool.yaml",
    ]  # fmt: skip
    spec = git(repository, "show", "master:tinytool.spec")
    assert "Version:        1.1\nRelease:        1\n" in spec
    assert "Patch0" not in spec
    assert "Patch1:         say-it-to-the-valley.patch" in spec
    assert changelog_heads(spec) == 2
    assert "1:0.2.0-1\n" in git(workspace / "packages" / "gristmill.git", "show", "master:gristmill.spec")
    assert git(repository, "rev-list", "--count", "master").strip() == "2"
    for name in ("report.md", "report.zh_CN.md", "report.json"):
        assert "say-it-four-times.patch" in (workspace / "changes" / "tinytool-master-1.1" / name).read_text()


def test_the_second_run_does_nothing_and_asks_conditionally(world: World) -> None:
    workspace = world.init()
    world.headrace("run", workspace)
    before, asked = summary(world, workspace), world.index.asked.total()
    ran = run_json(world, workspace)
    assert ran["nothing_new"] is True
    assert ran["changes"] == []
    assert (world.index.asked.total() - asked, world.index.conditional) == (1, 1)
    assert summary(world, workspace) == before


def test_a_new_release_wakes_only_its_package(world: World) -> None:
    workspace = world.init()
    world.headrace("run", workspace)
    from world import tool

    world.index.projects["tinytool"]["1.2"] = tool("1.2", merged=True, moved=True)
    ran = run_json(world, workspace)
    assert [change["id"] for change in ran["changes"]] == ["tinytool-master-1.2"]
    assert ran["published"][0]["serial"] == 2


def test_a_proposal_gives_way_to_a_newer_version(world: World) -> None:
    workspace = world.init()
    world.headrace("run", workspace)
    from world import tool

    world.index.projects["tinytool"]["1.0.2"] = tool("1.0.2")
    world.headrace("run", workspace)
    states = {one["id"]: one["state"] for one in json.loads(world.headrace("changes", workspace, "--json").stdout)}
    assert (states["tinytool-lts-1.0.1"], states["tinytool-lts-1.0.2"]) == ("superseded", "proposed")


def test_a_dry_run_prints_the_plan_and_does_nothing(world: World) -> None:
    workspace = world.init()
    done = world.headrace("upgrade", "tinytool", workspace, "--dry-run", "--json")
    plan = json.loads(done.stdout)
    assert (plan["from_evr"], plan["to_evr"]) == ("1.0-3", "1.1-1")
    assert {edit["new"] for edit in plan["edits"] if edit["new"]} >= {"Version:        1.1", "Release:        1"}
    assert plan["patches"] == ["say-it-four-times.patch", "say-it-to-the-valley.patch"]
    assert json.loads(world.headrace("changes", workspace, "--json").stdout) == []
    assert not any(path.startswith("/files/") for path in world.index.asked)


def test_patches_are_shown_against_the_newest_and_nothing_is_changed(world: World) -> None:
    workspace = world.init()
    shown = json.loads(world.headrace("patches", "tinytool", workspace, "--json").stdout)
    assert {one["filename"]: one["class"] for one in shown["patches"]} == {
        "say-it-four-times.patch": "merged upstream", "say-it-to-the-valley.patch": "rebased",
    }  # fmt: skip
    assert all(one["proof"] for one in shown["patches"])
    assert json.loads(world.headrace("changes", workspace, "--json").stdout) == []


def test_one_package_can_be_upgraded_to_a_named_version(world: World) -> None:
    workspace = world.init()
    done = world.headrace("upgrade", "tinytool", workspace, "--to", "1.0.1", "--json")
    view = json.loads(done.stdout)
    assert view["brief"]["to_evr"] == "1.0.1-1"
    assert view["reason"] == "1.0.1 was asked for"


def test_watch_changes_and_run_agree_with_each_other(world: World) -> None:
    workspace = world.init()
    ran = run_json(world, workspace)
    watched = json.loads(world.headrace("watch", workspace, "--json").stdout)
    listed = json.loads(world.headrace("changes", workspace, "--json").stdout)
    assert [(one["package"], one["branch"], one["newest"]) for one in watched["stands"]] == [
        (one["package"], one["branch"], one["newest"]) for one in ran["stands"]
    ]
    assert {one["id"]: one["verdict"] for one in listed} == {one["id"]: one["verdict"] for one in ran["changes"]}
    rc = next(one for one in watched["stands"] if (one["package"], one["branch"]) == ("tinytool", "master"))
    assert any(one["version"] == "2.0~rc1" and one["reason"] for one in rc["rejected"])


def test_a_copied_workspace_goes_on(world: World) -> None:
    workspace = world.init()
    world.headrace("run", workspace)
    moved = workspace.parent / "elsewhere"
    shutil.move(workspace, moved)
    assert run_json(world, moved)["nothing_new"] is True
