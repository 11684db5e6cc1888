"""`headrace spec`: what is known of a spec, and what is not and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from headrace.cli.bump import _beside, _read
from headrace.errors import HeadraceError
from headrace.package.spec import targets
from headrace.package.spec.facts import DeclaredFile, DeclaredPatch, SpecFacts, read
from headrace.package.spec.value import Unknown

_TOLD = ("name", "epoch", "version", "release", "licence", "summary", "url", "architectures")


def spec(
    spec: Annotated[Path, typer.Argument(help="The spec to read.", exists=True, dir_okay=False)],
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    target: Annotated[str, typer.Option("--target", help="The distribution for which it is read.")] = "",
) -> None:
    """Print what is known of SPEC; nothing in it is run."""
    try:
        macros = targets.load(target) if target else ()
        facts = read(_read(spec), spec_name=spec.name, macros=macros, files=_beside(spec))
    except HeadraceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps(as_data(facts), ensure_ascii=False, indent=2) if json_ else "\n".join(_rows(facts)))


def _value(value: Any) -> Any:
    """A known value as it is; what is not known as {"unknown": reason}."""
    return {"unknown": str(value.reason)} if isinstance(value, Unknown) else value.value


def as_data(facts: SpecFacts) -> dict[str, Any]:
    """The facts as plain data for JSON."""
    data: dict[str, Any] = {name: _value(getattr(facts, name)) for name in _TOLD}
    data["sources"] = [_file(source) for source in facts.sources]
    data["patches"] = [
        {**_file(patch), "applied": [{"how": one.how, "strip": one.strip, "line": one.line} for one in patch.applied]}
        for patch in facts.patches
    ]
    data["subpackages"] = [{"name": _value(package.name), "line": package.line} for package in facts.subpackages]
    data["dependencies"] = [
        {"tag": one.tag, "value": _value(one.value), "package": _value(one.package), "line": one.line}
        for one in facts.dependencies
    ]
    data["changelog"] = [
        {"date": entry.date, "author": entry.author, "evr": entry.evr, "text": list(entry.text), "line": entry.line}
        for entry in facts.changelog[:20]
    ]
    data["sections"] = sorted(facts.sections)
    data["doubts"] = [str(doubt) for doubt in facts.doubts]
    return data


def _file(declared: DeclaredFile) -> dict[str, Any]:
    return {
        "number": declared.number,
        "raw": declared.raw,
        "value": _value(declared.value),
        "filename": _value(declared.filename),
        "line": declared.line,
    }


def _said(value: Any) -> str:
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else str(value.value)


def _rows(facts: SpecFacts) -> Iterator[str]:
    for name in _TOLD:
        yield f"{name:14} {_said(getattr(facts, name))}"
    yield from (f"source {source.number:<7} {_said(source.value)}" for source in facts.sources)
    for patch in facts.patches:
        yield f"patch {patch.number:<8} {_said(patch.filename)} ({_how(patch)})"
    yield from (f"subpackage     {_said(package.name)}" for package in facts.subpackages)
    yield from _grouped(facts)
    yield from (f"doubt          {doubt}" for doubt in facts.doubts)


def _how(patch: DeclaredPatch) -> str:
    return ", ".join(f"{one.how} -p{one.strip}, line {one.line}" for one in patch.applied) or "not applied"


def _grouped(facts: SpecFacts) -> Sequence[str]:
    return [f"{one.tag:14} {_said(one.value)}" for one in facts.dependencies]


if __name__ == "__main__":
    typer.run(spec)
