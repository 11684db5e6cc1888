"""`headrace upstream PACKAGE`: everything that is known about a package's upstream, from the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from headrace.assembly import make_desk, make_services
from headrace.cli.place import AsJson, Database, Named, Place, settings
from headrace.errors import HeadraceError
from headrace.package.upstream_metadata import parse
from headrace.upstream.health import Ailment, Illness, examine
from headrace.upstream.model import Answer
from headrace.upstream.pick import identity_of
from headrace.words import Message, say
from headrace.work.services import Services
from headrace.work.views import PackageView, to_json


def upstream(
    package: Annotated[str, typer.Argument(metavar="PACKAGE", help="The package's name.")],
    workspace: Place = None,
    named: Named = None,
    database: Database = "",
    json_: AsJson = False,
    language: Annotated[str, typer.Option("--language", help="en or zh_CN.")] = "en",
) -> None:
    """Everything that is known about PACKAGE's upstream: versions, dates, choices with reasons, the last check, its health."""
    services = make_services(settings(workspace, named, database))
    view = make_desk(services).package(package)
    if view is None:
        raise HeadraceError(f"there is no package {package}", "the distribution does not name it", "see headrace watch")
    illnesses = {branch.stand.branch: _health(services, view, branch.stand.branch) for branch in view.branches}
    if json_:
        print(json.dumps(as_data(view, illnesses, language), ensure_ascii=False, indent=1))
    else:
        _tell(Console(), view, illnesses, language)


def _health(services: Services, view: PackageView, branch: str) -> tuple[Illness, ...]:
    """The health of the metadata that the branch carries, judged by what upstream announced last."""
    try:
        tree = services.workspace.tree(view.name, services.workspace.head(view.name, branch))
        path = next((path for path in (f"{view.name}.yaml", f"{view.name}.yml") if path in tree.files), "")
        metadata = parse(tree.files.get(path, b""), view.name)
    except HeadraceError as error:
        return (Illness(Ailment.NOT_JUDGED, Message("{error}", error=str(error))),)
    identity = identity_of(view.name, metadata.version_control, metadata.src_repo)
    return examine(
        _answer(services, view.name, branch), identity=identity, tag_prefix=metadata.tag_prefix,
        separator=metadata.separator, src_repo=metadata.src_repo,
    )  # fmt: skip


def _answer(services: Services, package: str, branch: str) -> Answer | None:
    known = services.stores.choices.get(package, branch)
    upstream = services.stores.upstreams.get(known.upstream.split()[0]) if known and known.upstream else None
    return upstream.answer if upstream else None


def as_data(view: PackageView, illnesses: Mapping[str, tuple[Illness, ...]], language: str = "en") -> dict[str, Any]:
    """The same as plain data for JSON."""
    return {
        "package": view.name,
        "upstream": to_json(view.upstream, language) if view.upstream else None,
        "branches": [
            {
                "branch": one.stand.branch, "takes": one.takes, "stand": to_json(one.stand, language),
                "choice": to_json(one.choice, language) if one.choice else None,
                "health": to_json(illnesses[one.stand.branch], language),
            }
            for one in view.branches
        ],
    }  # fmt: skip


def _tell(console: Console, view: PackageView, illnesses: Mapping[str, tuple[Illness, ...]], language: str) -> None:
    known = view.upstream
    if known is None:
        console.print(f"{view.name}: its upstream was not asked yet", markup=False, highlight=False)
    else:
        asked = f"{known.asked:%Y-%m-%d %H:%M}" if known.asked else "never"
        console.print(f"{view.name}: {known.source} {known.name}, last check {asked}", markup=False, highlight=False)
        for note in (*known.notes, *((known.problem,) if known.problem else ())):
            console.print(f"  {say(note, language)}", markup=False, highlight=False)
    for branch in view.branches:
        stand, choice = branch.stand, branch.choice
        newest = stand.newest if stand.newest is not None else "cannot decide"
        lines = [
            f"{stand.branch} ({branch.takes}): carries {stand.carried or '-'}, newest {newest}: {say(stand.why, language)}"
        ]
        lines += [
            f"  passed over {one.version}: {say(one.reason, language)}" for one in (choice.rejected if choice else ())
        ]
        lines += [f"  {_ill(one, language)}" for one in illnesses[stand.branch]]
        console.print("\n".join(lines), markup=False, highlight=False)
    if known is not None and known.announced:
        table = Table(
            "version", "released", "withdrawn", title=f"announced: {len(known.announced)} of {known.announced_total}"
        )
        for one in known.announced:
            table.add_row(one.version, f"{one.released:%Y-%m-%d}" if one.released else "-", one.withdrawn or "")
        console.print(table)


def _ill(one: Illness, language: str) -> str:
    mend = f" (set {one.correction.field} to {one.correction.new!r})" if one.correction else ""
    return f"{one.ailment.value}: {say(one.statement, language)}{mend}"


if __name__ == "__main__":
    typer.run(upstream)
