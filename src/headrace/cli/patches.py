"""`headrace patches PACKAGE`."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from headrace.assembly import make_services
from headrace.cli.loopback import loopback
from headrace.cli.place import AsJson, Database, Named, Place, settings
from headrace.cli.tell import wide_console
from headrace.cli.upgrade import intent_of
from headrace.package.model import PatchFate
from headrace.words import say
from headrace.work.line import change_id
from headrace.work.upgrade import Order, Upgrade
from headrace.work.watch import watch


def patches(
    package: Annotated[str, typer.Argument(help="The package.")],
    workspace: Place = None,
    to: Annotated[str, typer.Option("--to", help="The version; the chosen one when it is left out.")] = "",
    branch: Annotated[
        str, typer.Option("--branch", help="The branch; the development branch when it is left out.")
    ] = "",
    named: Named = None,
    database: Database = "",
    json_: AsJson = False,
) -> None:
    """Show where each patch of PACKAGE stands against upstream's newest; nothing is changed."""
    services = make_services(settings(workspace, named, database))
    branch = branch or services.workspace.distribution.policy.development
    services.workspace.repository(package)
    with loopback(services):
        watch(services, [package])
        intent = intent_of(services, package, branch, to)
        order = Order(
            change_id(intent), package, branch, intent.version, intent.commit, int(services.clock().timestamp())
        )
        upgrade = Upgrade(services)
        plan = upgrade.plan(order)
        fates = upgrade.carry(plan, upgrade.fetch(plan)) if plan.patches else ()
    if json_:
        rows = [_row(fate) for fate in fates]
        document = {
            "package": package,
            "branch": branch,
            "from": plan.from_version,
            "to": plan.to_version,
            "patches": rows,
        }
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    table = Table("patch", "class", "proof", title=f"{package}: {plan.from_version} to {plan.to_version}")
    for fate in fates:
        table.add_row(fate.filename, fate.patch_class.value, say(fate.proof))
    wide_console().print(table if fates else f"{package} has no patches", markup=False)


def _row(fate: PatchFate) -> dict[str, object]:
    return {
        "number": fate.number, "filename": fate.filename, "class": fate.patch_class.value, "proof": say(fate.proof),
        "conflicts": list(fate.conflicts),
    }  # fmt: skip
