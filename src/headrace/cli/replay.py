"""`headrace replay CASES`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track
from rich.table import Table

from headrace.cli.place import AsJson
from headrace.cli.tell import wide_console
from headrace.errors import HeadraceError
from headrace.outside.git import Git
from headrace.work.replay import Replayed, read_cases, replay_case, score


def replay(
    cases: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Upgrades that people made, JSON lines.")],
    repository: Annotated[
        list[str] | None,
        typer.Option(
            "--repository", metavar="NAME=PATH", help="Where a repository lies; else REPLAY_NAME of the environment."
        ),
    ] = None,
    tier: Annotated[str, typer.Option("--tier", help="Only tiers that begin with this.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many cases; 0 means all.")] = 0,
    misses: Annotated[int, typer.Option("--misses", min=0, help="Show so many cases that are not exact.")] = 0,
    json_: AsJson = False,
) -> None:
    """Make upgrades again that people made, and score them by tier: outside the changelog, line by line."""
    wanted = [case for case in read_cases(cases) if case.tier.startswith(tier)]
    wanted = wanted[:limit] if limit else wanted
    places = _places({case.repository for case in wanted}, repository or [])
    console = wide_console(stderr=True)
    results = [
        replay_case(case, places[case.repository])
        for case in track(wanted, "replaying", console=console, disable=not console.is_terminal)
    ]
    scores = score(results)
    missed = [one for one in results if not one.exact][:misses]
    if json_:
        document = {"tiers": [asdict(one) for one in scores], "misses": [_miss(one) for one in missed]}
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    table = Table("tier", "cases", "exact", "exact %", "refused", "unrelated lines", "median ms")
    for row in scores:
        share = f"{100 * row.exact / row.cases:.1f}"
        table.add_row(
            row.tier,
            str(row.cases),
            str(row.exact),
            share,
            str(row.refused),
            str(row.unrelated),
            f"{row.median_ms:.2f}",
        )
    wide_console().print(table)
    for miss in missed:
        told = _miss(miss)
        wide_console().print(
            f"{told['tier']} {told['package']} {told['commit']}: {told['why']}", markup=False, highlight=False
        )


def _miss(one: Replayed) -> dict[str, object]:
    why = one.error or f"{one.missing} lines of the person's are missing, {one.unrelated} are ours alone"
    return {
        "package": one.case.package, "commit": one.case.commit, "tier": one.case.tier, "from": one.case.old_version,
        "to": one.case.new_version, "why": why,
    }  # fmt: skip


def _places(names: set[str], given: list[str]) -> dict[str, Git]:
    named = dict(item.partition("=")[::2] for item in given)
    found = {}
    for name in names:
        place = named.get(name) or os.environ.get(f"REPLAY_{name.upper()}", "")
        if not place or not Path(place).is_dir():
            raise HeadraceError(
                f"the repository {name} of the cases is not here", f"--repository {name}=PATH or REPLAY_{name.upper()} names it",
                "clone it first",
            )  # fmt: skip
        found[name] = Git(Path(place))
    return found
