"""The configured registries themselves, one package each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from headrace.outside.http import Outside
from headrace.outside.registries import NotConfigured, Registry, debian_archive, npm_registry, python_index
from headrace.upstream.model import Answer, Project, Reply, Request, Source, Unchanged, Validator
from headrace.upstream.sources.debian import DebianArchive
from headrace.upstream.sources.npm import NpmRegistry
from headrace.upstream.sources.pypi import PythonIndex

CASES: list[tuple[Source, Callable[[], Registry | NotConfigured], str, str]] = [
    (PythonIndex(), python_index, "einops", "0.8.0"),
    (NpmRegistry(), npm_registry, "ms", "2.1.3"),
    (DebianArchive(), debian_archive, "dos2unix", ""),
]


@pytest.mark.live
@pytest.mark.parametrize(("source", "where", "name", "version"), CASES, ids=[case[0].name for case in CASES])
def test_a_real_registry_announces_a_real_package(
    source: Source, where: Callable[[], Registry | NotConfigured], name: str, version: str, tmp_path: Path
) -> None:
    registry = where()
    assert isinstance(registry, Registry)
    project = Project(source.name, name, registry.address, options={"suites": "stable"})

    async def lead(outside: Outside, known: Validator | None) -> Answer | Unchanged:
        said: Answer | Request | Unchanged = source.ask(project, known)
        while isinstance(said, Request):
            got = await outside.ask(said.url, headers=said.headers, max_bytes=said.max_bytes, seconds=120)
            said = source.read(project, Reply(said, got.status, got.headers, got.body), known)
        return said

    async def main() -> None:
        async with Outside(
            credentials={registry.endpoint: registry.credentials} if registry.credentials else {}
        ) as outside:
            got = await lead(outside, None)
            assert isinstance(got, Answer)
            found = {announcement.version: announcement for announcement in got.announcements}
            assert version in found or not version
            artefact = next(iter(found.values())).artefacts[0] if not version else found[version].artefacts[0]
            assert artefact.kind == "archive"
            landed = await outside.download(artefact.url, tmp_path / artefact.filename, max_bytes=10**8, seconds=120)
            if "sha256" in artefact.digests:
                assert landed.sha256 == artefact.digests["sha256"]
            else:
                assert landed.sha512 == artefact.digests["sha512"]
            if got.extra:
                assert isinstance(await lead(outside, Validator(extra=got.extra)), Unchanged)

    asyncio.run(main())
