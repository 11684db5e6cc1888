"""`headrace review`: the whole checklist over a change in a git repository, with the evidence for each item."""

from __future__ import annotations

import json
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from headrace.errors import HeadraceError
from headrace.evidence.model import Finding, Result, Verdict
from headrace.evidence.review.model import Review
from headrace.words import say
from headrace.work.review import review_change

_STATUS = {Verdict.ACCEPT: 0, Verdict.ASK: 2, Verdict.REFUSE: 3}
_STYLES = {
    Result.BLOCKER: "bold red", Result.CONCERN: "yellow", Result.NOT_JUDGED: "cyan", Result.PASS: "green",
    Result.NOT_APPLICABLE: "dim",
}  # fmt: skip
_ORDER = (Result.BLOCKER, Result.CONCERN, Result.NOT_JUDGED, Result.PASS, Result.NOT_APPLICABLE)
_CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


class Language(StrEnum):
    """The languages that reports are written in."""

    EN = "en"
    ZH_CN = "zh_CN"


def review(
    repository: Annotated[Path, typer.Argument(metavar="REPOSITORY", help="A package's git repository, bare or not.")],
    span: Annotated[str, typer.Argument(metavar="BASE..HEAD", help="The commits to review.")],
    branch: Annotated[str, typer.Option("--branch", help="The branch that the change is for.")] = "",
    policy: Annotated[Path | None, typer.Option("--policy", help="The distribution's policy, a TOML file.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="As JSON: the verdict and every item.")] = False,
    language: Annotated[Language, typer.Option("--language", help="The language of the remarks.")] = Language.EN,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Tell the verdict by the status too: 0 accept, 2 ask, 3 refuse.")
    ] = False,
) -> None:
    """Review a change by the distribution's checklist; nothing in it is run and no network is used."""
    try:
        found = review_change(repository, span, branch, policy)
    except HeadraceError as error:
        typer.echo(f"headrace: {_shown(str(error))}", err=True)
        raise typer.Exit(1) from None
    if json_:
        print(json.dumps(as_data(found, language.value), ensure_ascii=False, indent=1))
    else:
        _print(found, language.value)
    if exit_code:
        raise typer.Exit(_STATUS[found.judgement.verdict])


def as_data(found: Review, language: str = "en") -> dict[str, Any]:
    """The review as plain data; every text is free of characters that hide or turn something."""
    return {
        "verdict": found.judgement.verdict.value,
        "items": [
            {
                "id": each.check,
                "result": each.result.value,
                "remark": _shown(say(each.remark, language)),
                "where": _shown(each.where),
                "evidence": [_shown(say(each.looked_at, language)), *map(_shown, each.details)],
                "settles": _shown(say(each.settles, language)) if each.settles else "",
            }
            for each in found.findings
        ],
    }


def _shown(text: str) -> str:
    return _CONTROL.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def _print(found: Review, language: str) -> None:
    table = Table("item", "result", "remark", "where", "what would settle it")
    for each in sorted(found.findings, key=lambda each: _ORDER.index(each.result)):
        table.add_row(*_cells(each, language), style=_STYLES[each.result])
    console = Console(file=sys.stdout)
    console.print(table)
    counts = ", ".join(f"{sum(each.result is kind for each in found.findings)} {kind.value}" for kind in _ORDER)
    console.print(f"{found.judgement.verdict.value} ({counts})", highlight=False)


def _cells(each: Finding, language: str) -> tuple[str, ...]:
    settles = say(each.settles, language) if each.settles else ""
    texts = (each.check, each.result.value, say(each.remark, language), each.where, settles)
    return tuple(_shown(text)[:400].replace("[", r"\[") for text in texts)


if __name__ == "__main__":
    typer.run(review)
