"""Publishing killed at every kind of moment: readers never see half, the same call again completes, nothing happens twice."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from headrace.release.model import ReleasedPackage
from headrace.release.publish import publish, verify
from release.shop import Shop, digest, state
from signature.tiny import Signer, need_tools

pytestmark = [
    pytest.mark.real,
    need_tools,
    pytest.mark.skipif(shutil.which("createrepo_c") is None, reason="createrepo_c is not installed"),
]

PROGRAM = """
import json, os, signal, sys
from pathlib import Path
from headrace.release.model import ReleasedPackage
from headrace.release.publish import publish
from headrace.signature.keys.gnupg import KeyRing

order = json.loads(sys.argv[1])
moments = {"os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.utime", "os.chmod", "subprocess.Popen"}
seen = 0

def watch(event, arguments):
    global seen
    if event in moments:
        seen += 1
        if seen == order["die_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

packages = [ReleasedPackage(**{**one, "path": Path(one["path"])}) for one in order["packages"]]
ring = KeyRing(Path(order["ring"]))
key = ring.key()
sys.addaudithook(watch)
publish("main", packages, Path(order["target"]), ring, key, 2, lambda said: print(said, flush=True))
print("moments", seen)
"""


def order(target: Path, who: Signer, packages: list[ReleasedPackage], die_at: int = 0) -> list[str]:
    plain = [asdict(one) | {"path": str(one.path)} for one in packages]
    data = {"target": str(target), "ring": str(who.ring.home), "packages": plain, "die_at": die_at}
    return [sys.executable, "-c", PROGRAM, json.dumps(data)]


def signed_copies(target: Path) -> dict[str, str]:
    return {path.name: digest(path) for path in (target / ".work" / "signed").rglob("*.rpm")}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, shop: Shop, ours: Signer) -> Path:
    """A branch with one publication, before the second."""
    target = tmp_path_factory.mktemp("start") / "repo"
    publish("main", [shop.pump], target, ours.ring, ours.key, 1)
    return target


@pytest.fixture(scope="module")
def wanted(
    tmp_path_factory: pytest.TempPathFactory, start: Path, shop: Shop, ours: Signer
) -> tuple[dict[str, object], int]:
    """The state after an undisturbed second publication, and at how many moments it can be killed."""
    target = tmp_path_factory.mktemp("undisturbed") / "repo"
    shutil.copytree(start, target, symlinks=True)
    argv = order(target, ours, [shop.pump2, shop.valve])
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert state(target, ours.public)["current"] == "releases/2"
    return state(target, ours.public), int(done.stdout.split()[-1])


def assert_completes(target: Path, shop: Shop, ours: Signer, wanted: dict[str, object]) -> None:
    """Readers are served, then the same call again leads to the same state, and once more does nothing."""
    packages = [shop.pump2, shop.valve]
    assert verify(target, ours.public) == ()
    signed = signed_copies(target)
    publish("main", packages, target, ours.ring, ours.key, 2)
    assert state(target, ours.public) == wanted
    again = signed_copies(target)
    assert {name: again[name] for name in signed if name in again} == {
        name: signed[name] for name in signed if name in again
    }
    assert {name[:64] for name in signed} <= {name[:64] for name in again}
    assert len(again) == len({name[:64] for name in again}), "a package was signed twice"
    assert publish("main", packages, target, ours.ring, ours.key, 3).existing


PARTS = 16


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_a_moment(
    tmp_path: Path, start: Path, shop: Shop, ours: Signer, wanted: tuple[dict[str, object], int], part: int
) -> None:
    final, moments = wanted
    die_at = 1 + part * (moments - 1) // (PARTS - 1)
    target = tmp_path / "repo"
    shutil.copytree(start, target, symlinks=True)
    died = subprocess.run(order(target, ours, [shop.pump2, shop.valve], die_at), capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert_completes(target, shop, ours, final)


@pytest.mark.parametrize("word", ["signing", "indexing", "showing", "published"])
def test_killed_while_another_program_works(
    tmp_path: Path, start: Path, shop: Shop, ours: Signer, wanted: tuple[dict[str, object], int], word: str
) -> None:
    target = tmp_path / "repo"
    shutil.copytree(start, target, symlinks=True)
    argv = order(target, ours, [shop.pump2, shop.valve])
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(line.startswith(word) for line in process.stdout)
        process.kill()
    assert_completes(target, shop, ours, wanted[0])


def test_killed_again_and_again(
    tmp_path: Path, start: Path, shop: Shop, ours: Signer, wanted: tuple[dict[str, object], int]
) -> None:
    final, moments = wanted
    target = tmp_path / "repo"
    shutil.copytree(start, target, symlinks=True)
    for die_at in range(2, moments, max(1, moments // 6)):
        subprocess.run(order(target, ours, [shop.pump2, shop.valve], die_at), capture_output=True)
        assert verify(target, ours.public) == ()
    assert_completes(target, shop, ours, final)


def test_killed_then_asked_for_something_else(tmp_path: Path, start: Path, shop: Shop, ours: Signer) -> None:
    """What was finished but never shown is not kept for readers."""
    target = tmp_path / "repo"
    shutil.copytree(start, target, symlinks=True)
    argv = order(target, ours, [shop.pump2, shop.valve])
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(line.startswith("showing") for line in process.stdout)
        process.kill()
    (target / "current").unlink()
    (target / "current").symlink_to("releases/1")
    done = publish("main", [shop.valve, shop.pump], target, ours.ring, ours.key, 2)
    assert (done.serial, done.packages) == (2, ("valve-1.0-1.noarch", "pump-1.0-1.noarch"))
    assert verify(target, ours.public, 2) == ()
    assert sorted(path.name for path in (target / "releases").iterdir()) == ["1", "2"]
