"""`headrace upgrade PACKAGE`."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from headrace.assembly import make_desk, make_services, start_engine
from headrace.change.agenda import Intent
from headrace.change.model import Plan
from headrace.cli.loopback import loopback
from headrace.cli.place import AsJson, Database, Named, Place, settings
from headrace.cli.tell import Teller, wide_console
from headrace.errors import HeadraceError
from headrace.words import Message, say
from headrace.work.line import change_id, give_up, submit
from headrace.work.report import markdown
from headrace.work.services import Services
from headrace.work.upgrade import Order, Upgrade
from headrace.work.views import to_json
from headrace.work.watch import watch


def upgrade(
    package: Annotated[str, typer.Argument(help="The package.")],
    workspace: Place = None,
    to: Annotated[str, typer.Option("--to", help="The version; the chosen one when it is left out.")] = "",
    branch: Annotated[
        str, typer.Option("--branch", help="The branch; the development branch when it is left out.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and do nothing.")] = False,
    named: Named = None,
    database: Database = "",
    json_: AsJson = False,
) -> None:
    """Upgrade one package on one branch: plan, fetch, carry patches, edit, build, check, propose."""
    chosen = settings(workspace, named, database)
    services = make_services(chosen)
    branch = branch or services.workspace.distribution.policy.development
    services.workspace.distribution.policy.branch(branch)
    services.workspace.repository(package)
    with loopback(services), Teller(services, 1) as teller:
        watch(services, [package], teller.watched)
        intent = intent_of(services, package, branch, to)
        if dry_run:
            order = Order(
                change_id(intent), package, branch, intent.version, intent.commit, int(services.clock().timestamp())
            )
            plan = Upgrade(services).plan(order)
        else:
            queue = start_engine(chosen, services)
            try:
                ids = submit(services, queue, [intent], services.clock())
                queue.wait(while_waiting=lambda: teller.progress("events", ""))
            finally:
                queue.stop()
            give_up(services, ids)
    if dry_run:
        _show_plan(plan, json_)
        return
    view = make_desk(services).change(change_id(intent))
    if view is None:
        raise HeadraceError(f"{package} left no change", remedy="see the log")
    print(json.dumps(to_json(view), ensure_ascii=False, indent=1) if json_ else markdown(view, "en"))
    if view.failure is not None:
        raise typer.Exit(1)


def intent_of(services: Services, package: str, branch: str, to: str) -> Intent:
    """What is meant by upgrading a package by hand. Raises HeadraceError when there is nothing to do or it cannot be decided."""
    known = services.stores.choices.get(package, branch)
    if known is None:
        raise HeadraceError(f"{package} is not on branch {branch}", remedy="name one of its branches")
    if known.problem is not None and (known.choice is None or not known.commit):
        raise HeadraceError(f"{package} cannot be upgraded", say(known.problem))
    version = to or (known.choice.version if known.choice else None)
    if version is None:
        why = say(known.choice.reason) if known.choice else "nothing is known"
        raise HeadraceError(f"cannot decide which version {package} should carry", why, "name one with --to")
    carried = known.carried.rpartition("-")[0].rpartition(":")[2]
    if version == carried:
        raise HeadraceError(f"{package} carries {version} on {branch} already", remedy="name another version with --to")
    done = services.stores.changes.list(package=package, branch=branch)
    open_ones = [one for one in done if one.change.state in ("working", "proposed", "accepted")]
    attempt = 1 + sum(one.change.plan.to_version == version for one in done)
    if open_ones and open_ones[0].change.state != "proposed":
        raise HeadraceError(f"{open_ones[0].change.id} is under way", remedy="wait for it: headrace run")
    supersedes = open_ones[0].change.id if open_ones else ""
    return Intent(
        package, branch, version, known.commit, Message("asked for by hand"), supersedes=supersedes, attempt=attempt
    )


def _show_plan(plan: Plan, json_: bool) -> None:
    if json_:
        print(json.dumps(to_json(plan), ensure_ascii=False, indent=1))
        return
    console = wide_console()
    console.print(f"{plan.package} on {plan.branch}: {plan.from_evr} -> {plan.to_evr}", highlight=False)
    console.print(say(plan.reason), highlight=False, markup=False)
    table = Table("file", "line", "old", "new", "why")
    for edit in plan.edits:
        table.add_row(edit.path, str(edit.line), edit.old or "", edit.new or "", say(edit.reason))
    console.print(table)
    for source in plan.new_sources:
        console.print(f"source {source.filename} from {source.url or source.kind}", highlight=False, markup=False)
    for note in plan.notes:
        console.print(f"note: {say(note)}", highlight=False, markup=False)
    for patch in plan.patches:
        console.print(f"patch {patch}: to be carried over", highlight=False, markup=False)
