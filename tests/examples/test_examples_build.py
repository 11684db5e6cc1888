"""Every example package as it stands really builds: sources from the configured registries, rpmbuild in the sandbox."""

from __future__ import annotations

import asyncio
import hashlib
import json
import tarfile
from datetime import UTC, datetime, time
from pathlib import Path
from urllib.parse import urljoin

import pytest
import yaml

from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.model import BuildOrder, BuildStatus
from headrace.outside.http import Outside
from headrace.outside.registries import NotConfigured, Registry, debian_archive, npm_registry, python_index
from headrace.package.spec.facts import read
from headrace.package.spec.targets import load
from headrace.package.spec.value import Known

EXAMPLES = Path(__file__).parents[2] / "examples"
PACKAGES = sorted(path.name for path in (EXAMPLES / "packages").iterdir())
LARGEST = 8 * 1024**2
SIMPLE = (("Accept", "application/vnd.pypi.simple.v1+json"),)

pytestmark = [pytest.mark.live, pytest.mark.real]


def base(registry: Registry | NotConfigured) -> str:
    assert isinstance(registry, Registry), registry
    return registry.address


async def ask(door: Outside, url: str, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    reply = await door.ask(url, headers=headers, max_bytes=LARGEST, seconds=120)
    assert reply.status == 200, (url, reply.status)
    return reply.body


async def fetched(package: dict[str, str], filename: str) -> bytes:
    project = package["src_repo"]
    async with Outside() as door:
        if package["version_control"] == "pypi":
            index = f"{base(python_index())}/{project}/"
            files = json.loads(await ask(door, index, SIMPLE))["files"]
            (url,) = (urljoin(index, file["url"]) for file in files if file["filename"] == filename)
        elif package["version_control"] == "npm":
            url = f"{base(npm_registry())}/{project}/-/{filename}"
        else:
            shelf = project[:4] if project.startswith("lib") else project[0]
            url = f"{base(debian_archive())}/pool/main/{shelf}/{project}/{filename}"
        return await ask(door, url)


def made(package: str, version: str, path: Path) -> None:
    """What `git archive` makes of the version's tag."""
    with tarfile.open(path, "w:gz") as archive:
        archive.add(EXAMPLES / "upstreams" / package / version, f"{package}-{version}")


@pytest.mark.parametrize("name", PACKAGES)
def test_builds_as_it_stands(name: str, tmp_path: Path) -> None:
    folder = EXAMPLES / "packages" / name
    spec = (folder / f"{name}.spec").read_bytes()
    facts = read(spec, macros=load("openeuler"))
    (declared,) = facts.sources
    assert isinstance(declared.filename, Known)
    assert isinstance(facts.version, Known)
    filename = declared.filename.value
    source = tmp_path / filename
    about = yaml.safe_load((folder / f"{name}.yaml").read_bytes())
    if about["version_control"] == "git":
        made(name, facts.version.value, source)
    else:
        source.write_bytes(asyncio.run(fetched(about, filename)))
        digest = hashlib.sha512(source.read_bytes()).hexdigest()
        assert (folder / "sources").read_text() == f"SHA512 ({filename}) = {digest}\n"
    patches = {path.name: path for path in folder.glob("*.patch")}
    day = facts.changelog[0].day
    assert day is not None
    epoch = int(datetime.combine(day, time(12), UTC).timestamp())
    sources = {filename: source, **patches}
    order = BuildOrder(name, f"{name}.spec", spec, sources, "".join(load("openeuler")), source_date_epoch=epoch)
    out = tmp_path / "out"
    out.mkdir()
    build = Bubblewrap().build(order, out, lambda _: None)
    log = (out / "build.log").read_text(errors="replace")[-3000:]
    assert build.status is BuildStatus.BUILT, f"{build.reason}\n{log}"
    assert build.rpms
    assert build.srpm
