"""Other watchers' configurations, read into upstreams of ours."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.package.imports.anitya import read_anitya
from headrace.package.imports.model import Imports
from headrace.package.imports.nvchecker import read_nvchecker
from headrace.package.imports.watch_file import read_watch


def read_foreign(name: str, data: bytes, hosts: Mapping[str, str] | None = None) -> Imports:
    """Read a file by its name: `*.toml` is nvchecker's, `*.json` Anitya's, anything else a Debian watch file.

    Raises PackageError in one sentence when it is none.
    """
    if name.endswith(".toml"):
        return read_nvchecker(data, name)
    if name.endswith(".json"):
        return read_anitya(data, where=name, hosts=hosts)
    return read_watch(data, where=name, hosts=hosts)
