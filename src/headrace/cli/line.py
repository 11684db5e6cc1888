"""`headrace watch`, `headrace run` and `headrace release`: the line, whole or in steps."""

from __future__ import annotations

import json

from rich.table import Table

from headrace.assembly import Settings, make_desk, make_services, start_engine
from headrace.change.model import ChangeState
from headrace.cli.loopback import loopback
from headrace.cli.place import AsJson, Database, Jobs, Named, Place, settings
from headrace.cli.tell import Teller, stand_table, wide_console
from headrace.evidence.model import Verdict
from headrace.work.line import Ran, run_line
from headrace.work.publish import release as publish_branch
from headrace.work.services import Services
from headrace.work.views import to_json
from headrace.work.watch import watch as watch_all


def watch(workspace: Place = None, named: Named = None, database: Database = "", json_: AsJson = False) -> None:
    """Ask every upstream, and choose the version for each branch, with the reason."""
    chosen = settings(workspace, named, database)
    services = make_services(chosen)
    with loopback(services), Teller(services, len(services.workspace.distribution.packages)) as teller:
        watched = watch_all(services, progress=teller.watched)
    view = make_desk(services).line()
    if json_:
        document = {
            "stands": [{**_dict(stand), "rejected": _rejected(services, stand.package, stand.branch)} for stand in view.stands],
            "requests": watched.requests, "conditional": watched.conditional, "changed": list(watched.changed),
        }  # fmt: skip
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    wide_console().print(stand_table(view))
    wide_console(stderr=True).print(f"{watched.requests} requests, {watched.conditional} conditional", highlight=False)


def run(
    workspace: Place = None, named: Named = None, database: Database = "", jobs: Jobs = 2, json_: AsJson = False
) -> None:
    """Run the whole line once: watch, upgrade what is behind, build, check, propose, merge by policy, release."""
    chosen = settings(workspace, named, database, jobs)
    services = make_services(chosen)
    with loopback(services), Teller(services, len(services.workspace.distribution.packages)) as teller:
        ran = run_line(services, lambda: start_engine(chosen, services), teller.progress)
    if json_:
        print(json.dumps(_ran(services, ran), ensure_ascii=False, indent=1))
    else:
        _tell(services, chosen, ran)


def release(workspace: Place = None, named: Named = None, database: Database = "", json_: AsJson = False) -> None:
    """Publish what was accepted as a signed repository a branch."""
    services = make_services(settings(workspace, named, database))
    console = wide_console(stderr=True)
    done = [
        publish_branch(services, branch, console.print) for branch in services.workspace.distribution.policy.branches
    ]
    views = [make_desk(services).release(one.branch) for one in done if one is not None]
    if json_:
        print(json.dumps([to_json(view) for view in views], ensure_ascii=False, indent=1))
        return
    for view in views:
        if view is not None:
            wide_console().print(f"{view.branch}: serial {view.serial}, {len(view.packages)} packages", highlight=False)
    if not views:
        wide_console().print("nothing was accepted yet")


def _ran(services: Services, ran: Ran) -> dict[str, object]:
    desk = make_desk(services)
    wanted = {one.change.id for one in ran.changes}
    return {
        "nothing_new": ran.nothing_new,
        "requests": ran.watched.requests, "conditional": ran.watched.conditional,
        "stands": [to_json(stand) for stand in desk.line().stands],
        "intents": [to_json(intent) for intent in ran.intents],
        "changes": [_with_patches(desk, brief.id, _dict(brief)) for brief in desk.changes() if brief.id in wanted],
        "published": [to_json(desk.release(one.branch)) for one in ran.published],
    }  # fmt: skip


def _with_patches(desk: object, change_id: str, brief: dict[str, object]) -> dict[str, object]:
    from headrace.work.desk import StoredDesk

    view = desk.change(change_id) if isinstance(desk, StoredDesk) else None
    patches = [{"filename": one.filename, "class": one.patch_class.value} for one in view.patches] if view else []
    return {**brief, "patches": patches}


def _dict(view: object) -> dict[str, object]:
    found = to_json(view)
    assert isinstance(found, dict)  # noqa: S101 - views are dataclasses
    return dict(found)


def _rejected(services: Services, package: str, branch: str) -> list[object]:
    known = services.stores.choices.get(package, branch)
    return [to_json(one) for one in known.choice.rejected] if known is not None and known.choice is not None else []


def _tell(services: Services, chosen: Settings, ran: Ran) -> None:
    console, desk = wide_console(), make_desk(services)
    console.print(stand_table(desk.line()))
    if ran.changes:
        table = Table("change", "from", "to", "verdict", "state", "patches", title="Changes of this run")
        for one in sorted(ran.changes, key=lambda one: one.change.id):
            patches = ", ".join(f"{fate.filename}: {fate.patch_class.value}" for fate in one.change.patches)
            verdict = one.verdict.value if one.verdict else "-"
            table.add_row(
                one.change.id, one.change.from_evr, one.change.to_evr, verdict, one.change.state.value, patches
            )
        console.print(table)
    counts = {state: sum(one.change.state is state for one in ran.changes) for state in ChangeState}
    built = sum(one.verdict is not None for one in ran.changes)
    accepted = sum(one.verdict is Verdict.ACCEPT for one in ran.changes)
    if ran.nothing_new:
        console.print(
            f"Nothing new: {ran.watched.requests} requests, {ran.watched.conditional} of them conditional; nothing done."
        )
    else:
        told = ", ".join(f"{number} {state.value}" for state, number in counts.items() if number)
        console.print(
            f"{len(ran.changes)} upgrades, {built} judged, {accepted} accepted by the gate: {told or 'none'}."
        )
    for published in ran.published:
        console.print(
            f"Repository {published.branch}: {published.directory} (serial {published.serial}, {len(published.packages)} RPMs)"
        )
    console.print(f"Reports: {services.workspace.changes}/<change>/report.md")
    console.print(f"Pages:   headrace serve {chosen.workspace}   then open http://127.0.0.1:8080/", highlight=False)
