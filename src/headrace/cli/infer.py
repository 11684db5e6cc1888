"""`headrace infer`: where an upstream is, from a spec's own lines or from another watcher's configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from headrace.errors import HeadraceError
from headrace.outside.registries import known_hosts
from headrace.package.imports import read_foreign
from headrace.package.imports.model import Imports
from headrace.package.infer import Inference, Inferred
from headrace.package.infer import infer as infer_of
from headrace.package.spec import targets
from headrace.words import say

_MOST = 64 * 1024**2


def infer(
    file: Annotated[
        Path, typer.Argument(metavar="SPEC", help="A spec, or an nvchecker TOML, Anitya JSON or watch file.")
    ],
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    target: Annotated[str, typer.Option("--target", help="The distribution for which a spec is read.")] = "",
) -> None:
    """Tell where the upstream of SPEC is, how certain that is, and why; nothing in it is run."""
    data = _read(file)
    if file.suffix != ".spec":
        _tell_imports(read_foreign(file.name, data, known_hosts()), json_)
        return
    found = infer_of(data, targets.load(target) if target else (), known_hosts())
    print(json.dumps(as_data(found), ensure_ascii=False, indent=1) if json_ else _told(found))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST + 1)
    except OSError as error:
        raise HeadraceError(f"{file} cannot be read", str(error.strerror), "name a spec") from None
    if len(data) > _MOST:
        raise HeadraceError(f"{file} is not read", f"it is larger than {_MOST} bytes", "name a spec")
    return data


def as_data(found: Inference) -> dict[str, Any]:
    """An inference as plain data for JSON."""
    return {
        "projects": [_project(one) for one in found.projects],
        "unknown": None if found.unknown is None else say(found.unknown),
    }


def _project(one: Inferred) -> dict[str, Any]:
    return {
        "source": one.source, "project": one.project, "address": one.address, "certainty": one.certainty,
        "reason": say(one.reason), "tag_prefix": one.tag_prefix,
    }  # fmt: skip


def _told(found: Inference) -> str:
    if found.unknown is not None:
        return f"no upstream: {say(found.unknown)}"
    rows = []
    for one in found.projects:
        where = f" at {one.address}" if one.address else ""
        prefix = f", tags begin with {one.tag_prefix}" if one.tag_prefix else ""
        rows.append(f"{one.certainty:4.0%}  {one.source} {one.project}{where}{prefix}\n      {say(one.reason)}")
    return "\n".join(rows)


def _tell_imports(found: Imports, json_: bool) -> None:
    if json_:
        read = [
            {
                "package": one.package, "source": one.source, "project": one.project, "address": one.address,
                "tag_prefix": one.tag_prefix, "options": dict(one.options), "remarks": [say(each) for each in one.remarks],
            }
            for one in found.read
        ]  # fmt: skip
        rest = [{"package": one.package, "reason": say(one.reason)} for one in found.left]
        print(json.dumps({"read": read, "left": rest}, ensure_ascii=False, indent=1))
        return
    for one in found.read:
        print(f"{one.package}: {one.source} {one.project} {one.address}".rstrip())
        for remark in one.remarks:
            print(f"  {say(remark)}")
    for left in found.left:
        print(f"{left.package}: not read: {say(left.reason)}")


if __name__ == "__main__":
    typer.run(infer)
