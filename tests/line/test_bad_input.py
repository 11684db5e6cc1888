"""Bad input, each with one clear sentence, the other packages unharmed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from world import World, pack

pytestmark = pytest.mark.real

GOOD = "gristmill-master-0.2.0"


def spec(name: str, extra: str = "", version: str = "1.0") -> str:
    head = f"Name: {name}\nVersion: {version}\nRelease: 1\nSummary: x\nLicense: MIT\nURL: https://x.example/\n"
    body = f"Source0: %{{pypi_source {name}}}\nBuildArch: noarch\n{extra}\n%description\nx\n\n%prep\n"
    body += f"%setup -q -n {name}-%{{version}}\n"
    return f"{head}{body}\n%files\n\n%changelog\n* Mon Jan 05 2026 A <a@x.example> - {version}-1\n- x\n"


def yaml(name: str) -> str:
    return f"version_control: pypi\nsrc_repo: {name}\n"


def sentences(world: World, workspace: Path) -> dict[str, str]:
    """Run the line; package -> what is said of it. The good package must come through."""
    ran = json.loads(world.headrace("run", workspace, "--json").stdout)
    said = {one["package"]: one["problem"] or "" for one in ran["stands"] if one["branch"] == "master"}
    for change in ran["changes"]:
        if change["state"] == "failed":
            said[change["package"]] = change["why"]
    states = {one["id"]: one["state"] for one in ran["changes"]}
    assert states[GOOD] == "released", states
    for sentence in said.values():
        assert "Traceback" not in sentence
    return said


def test_packages_that_cannot_be_read_or_watched(world: World) -> None:
    marker = world.scratch / "touched"
    world.index.projects["nonsense"] = {"1.0": b""}
    world.index.trouble = {"nonsense": "nonsense", "lost": "gone"}
    world.add_package("noyaml", {"noyaml.spec": spec("noyaml")})
    world.add_package("emptyyaml", {"emptyyaml.spec": spec("emptyyaml"), "emptyyaml.yaml": "src_repo: emptyyaml\n"})
    world.add_package("lost", {"lost.spec": spec("lost"), "lost.yaml": yaml("lost")})
    world.add_package("nonsense", {"nonsense.spec": spec("nonsense"), "nonsense.yaml": yaml("nonsense")})
    world.add_package("binary", {"binary.spec": bytes(range(256)) * 4, "binary.yaml": yaml("binary")})
    shell = spec("shell").replace("Version: 1.0", f"Version: %(touch {marker}; echo 1.0)")
    world.add_package("shell", {"shell.spec": shell, "shell.yaml": yaml("shell")})
    lua = spec("lua").replace("Version: 1.0", f'Version: %{{lua: io.open("{marker}", "w"); print("1.0")}}')
    world.add_package("lua", {"lua.spec": lua, "lua.yaml": yaml("lua")})
    nowhere = spec("nowhere").replace("%{pypi_source nowhere}", "nowhere-%{version}.tar.gz")
    dead = "version_control: git\nsrc_repo: http://127.0.0.1:9/nowhere.git\n"
    world.add_package("nowhere", {"nowhere.spec": nowhere, "nowhere.yaml": dead})
    said = sentences(world, world.init())
    assert "noyaml has no noyaml.yaml" in said["noyaml"]
    assert "emptyyaml.yaml names no upstream" in said["emptyyaml"]
    assert "404" in said["lost"] or "gone" in said["lost"]
    assert "nonsense" in said["nonsense"]
    assert "binary.spec" in said["binary"]
    assert "the version of shell.spec cannot be known" in said["shell"]
    assert "the version of lua.spec cannot be known" in said["lua"]
    assert "127.0.0.1" in said["nowhere"]
    assert not marker.exists(), "code of a spec ran on reading"


def test_code_in_a_spec_runs_only_inside_the_sandbox(world: World) -> None:
    marker = world.scratch / "touched"
    world.index.projects["sly"] = {version: pack(f"sly-{version}", {"x": "x"}) for version in ("1.0", "1.1")}
    sly = spec("sly", f"%global mark %(touch {marker} /tmp/headrace-was-here; echo x)\n# %{{mark}}\n")
    world.add_package("sly", {"sly.spec": sly, "sly.yaml": yaml("sly")})
    sentences(world, world.init())
    assert not marker.exists()
    assert not Path("/tmp/headrace-was-here").exists()


def test_sources_that_are_not_what_was_announced(world: World) -> None:
    world.index.projects["forged"] = {version: pack(f"forged-{version}", {"x": "x"}) for version in ("1.0", "1.1")}
    world.index.projects["pinned"] = {version: pack(f"pinned-{version}", {"x": "x"}) for version in ("1.0", "1.1")}
    world.index.trouble = {"forged": "digest"}
    world.add_package("forged", {"forged.spec": spec("forged"), "forged.yaml": yaml("forged")})
    wrong = f"SHA512 (pinned-1.0.tar.gz) = {'0' * 128}\n"
    world.add_package("pinned", {"pinned.spec": spec("pinned"), "pinned.yaml": yaml("pinned"), "sources": wrong})
    workspace = world.init()
    said = sentences(world, workspace)
    assert "forged-1.1.tar.gz" in said["forged"]
    assert "registry" in said["forged"]
    change = json.loads(world.headrace("change", "pinned-master-1.1", workspace, "--json").stdout)
    assert change["judgement"]["verdict"] != "accept", "old sources that are not the pinned ones prove nothing"
    told = json.dumps(change["findings"], ensure_ascii=False)
    assert "pinned-1.0.tar.gz" in told


def hostile(kind: str) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        info = tarfile.TarInfo("hostile-1.1/x")
        if kind == "dotdot":
            info.name = "hostile-1.1/../../../escaped"
        elif kind == "link":
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        elif kind == "device":
            info.type, info.devmajor, info.devminor = tarfile.CHRTYPE, 1, 3
        elif kind == "bomb":
            info.size = 9 * 1024**3
            tar.addfile(info, Zeros(info.size))
            info = tarfile.TarInfo("hostile-1.1/y")
        tar.addfile(info, io.BytesIO(b""))
    return raw.getvalue()


class Zeros(io.RawIOBase):
    """So many zero bytes, made as they are read."""

    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, size: int = -1) -> bytes:
        count = min(size if size >= 0 else self.left, self.left)
        self.left -= count
        return bytes(count)


@pytest.mark.parametrize("kind", ["dotdot", "link", "device"])
def test_attack_an_archive_that_reaches_out(world: World, kind: str) -> None:
    fix = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n+y\n"
    world.index.projects["hostile"] = {"1.0": pack("hostile-1.0", {"x": "x\n"}), "1.1": hostile(kind)}
    text = spec("hostile", "Patch0: fix.patch\n").replace("%setup -q", "%autosetup -p1")
    world.add_package("hostile", {"hostile.spec": text, "hostile.yaml": yaml("hostile"), "fix.patch": fix})
    said = sentences(world, world.init())
    assert "hostile-1.1" in said["hostile"]
    assert not list(world.scratch.rglob("escaped"))


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk of its own takes root to mount")
def test_a_full_disk_is_said_and_the_next_run_goes_on(world: World) -> None:
    workspace = world.init()
    disk = workspace / "sources"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", disk], check=True)
    try:
        ran = json.loads(world.headrace("run", workspace, "--json").stdout)
    finally:
        subprocess.run(["umount", disk], check=True)
    said = {one["id"]: (one["state"], one["why"]) for one in ran["changes"]}
    assert said[GOOD][0] == "failed"
    assert "full" in said[GOOD][1] or "written down" in said[GOOD][1], said
    again = json.loads(world.headrace("run", workspace, "--json").stdout)
    assert {f"{GOOD}.2": "released"}.items() <= {one["id"]: one["state"] for one in again["changes"]}.items()


def test_a_registry_that_cannot_be_reached(world: World) -> None:
    workspace = world.init()
    address = world.index.address
    world.index.address = "http://127.0.0.1:9"
    ran = json.loads(world.headrace("run", workspace, "--json").stdout)
    world.index.address = address
    said = {one["package"]: one["problem"] for one in ran["stands"]}
    assert "127.0.0.1:9" in said["tinytool"]
    assert json.loads(world.headrace("run", workspace, "--json").stdout)["nothing_new"] is False


def test_an_upstream_that_hangs_delays_nobody_for_long(world: World) -> None:
    world.index.projects["slow"] = {"1.0": b""}
    world.index.trouble = {"slow": "hangs"}
    world.add_package("slow", {"slow.spec": spec("slow"), "slow.yaml": yaml("slow")})
    workspace = world.init()
    ran = json.loads(world.headrace("watch", workspace, "--json").stdout)
    said = {one["package"]: one for one in ran["stands"]}
    assert said["slow"]["problem"]
    assert said["gristmill"]["newest"] == "0.2.0"


def test_no_workspace_is_one_sentence(world: World) -> None:
    done = world.headrace("run", world.scratch / "nothing", check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "is not a workspace: it has no distribution.toml. make one: headrace init" in done.stderr


def test_a_mistake_in_the_distribution_names_table_and_key(world: World) -> None:
    file = world.origin / "distribution.toml"
    file.write_text(file.read_text().replace('takes = "patch-releases"', 'takes = "everything"'))
    done = world.headrace("init", world.scratch / "w", "--from", world.origin, check=False)
    assert done.returncode == 1
    assert (
        "[branches.'lts']: takes = 'everything' is not known: it is one of any, patch-releases, patches" in done.stderr
    )
