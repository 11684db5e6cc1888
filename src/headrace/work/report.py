"""The report of a change: the evidence as Markdown for people (English and Chinese) and as JSON for machines."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence

from headrace.evidence.model import Finding, Result
from headrace.words import LANGUAGES, Message, Text, say
from headrace.work.desk import StoredDesk
from headrace.work.services import Services
from headrace.work.views import ChangeView, to_json

_ORDER = (Result.BLOCKER, Result.CONCERN, Result.NOT_JUDGED, Result.PASS, Result.NOT_APPLICABLE)
_HEADINGS = {
    Result.BLOCKER: Message("Blockers"),
    Result.CONCERN: Message("Concerns"),
    Result.NOT_JUDGED: Message("Not judged"),
    Result.PASS: Message("Passed"),
    Result.NOT_APPLICABLE: Message("Not applicable"),
}


def write_report(services: Services, change_id: str) -> None:
    """Write `changes/<id>/report.md`, `report.zh_CN.md` and `report.json`; the same evidence gives the same bytes."""
    view = StoredDesk(services).change(change_id)
    if view is None:
        return
    place = services.workspace.changes / change_id
    place.mkdir(parents=True, exist_ok=True)
    texts = {
        f"report{'' if language == 'en' else '.' + language}.md": markdown(view, language) for language in LANGUAGES
    }
    texts["report.json"] = json.dumps(to_json(view), ensure_ascii=False, indent=1) + "\n"
    for name, text in texts.items():
        partial = place / f".{name}.{os.getpid()}"
        partial.write_text(text, "utf-8")
        os.replace(partial, place / name)  # noqa: PTH105 - says what it does


def markdown(view: ChangeView, language: str) -> str:
    """The report in one language."""

    def tell(message: Text) -> str:
        return say(message, language)

    brief = view.brief
    lines = [f"# {brief.package}: {brief.from_evr} → {brief.to_evr} ({brief.branch})", "", tell(view.reason), ""]
    if view.judgement is not None:
        lines += [
            f"**{tell(Message('Verdict: {verdict}', verdict=tell(_verdict(view.judgement.verdict.value))))}**",
            "",
        ]
        lines += [f"- {tell(reason)}" for reason in view.judgement.reasons]
        lines += [""]
    if view.failure is not None:
        lines += [f"**{tell(Message('Failed: {why}', why=tell(view.failure)))}**", ""]
    lines += _patches(view, tell) + _builds(view, tell) + _findings(view.findings, tell)
    if view.notes:
        lines += [f"## {tell(Message('To look at'))}", "", *(f"- {tell(note)}" for note in view.notes), ""]
    if view.differences:
        lines += [f"## {tell(Message('Differences of the packages'))}", ""]
        lines += [
            f"- {one.topic}: `{one.subject}`: {one.old or '—'} → {one.new or '—'}" for one in view.differences[:200]
        ]
        lines += [""]
    if view.diff:
        lines += [f"## {tell(Message('The change'))}", "", _fenced(view.diff), ""]
    return "\n".join(lines).rstrip() + "\n"


def _verdict(verdict: str) -> Text:
    return {
        "accept": Message("accept"),
        "ask": Message("ask a person"),
        "refuse": Message("refuse"),
    }[verdict]


def _patches(view: ChangeView, tell: Callable[[Text], str]) -> list[str]:
    if not view.patches:
        return []
    rows = [
        f"- `{one.filename}`: **{tell(_CLASSES[one.patch_class.value])}**. {tell(one.proof)}" for one in view.patches
    ]
    return [f"## {tell(Message('Patches'))}", "", *rows, ""]


_CLASSES = {
    "untouched": Message("untouched"),
    "rebased": Message("rebased"),
    "merged upstream": Message("merged upstream"),
    "does not apply": Message("does not apply"),
}


def _builds(view: ChangeView, tell: Callable[[Text], str]) -> list[str]:
    if not view.builds:
        return []
    rows = [
        f"- {tell(Message('old') if one.role == 'old' else Message('new'))}: {one.status.value}, "
        f"{one.strength.name.lower().replace('_', ' ')}, {one.seconds:.1f} s"
        + (f" — {tell(one.reason)}" if one.reason is not None else "")
        for one in view.builds
    ]
    return [f"## {tell(Message('Builds'))}", "", *rows, ""]


def _findings(findings: Sequence[Finding], tell: Callable[[Text], str]) -> list[str]:
    lines: list[str] = []
    for result in _ORDER:
        of_result = [one for one in findings if one.result is result]
        if not of_result:
            continue
        lines += [f"## {tell(_HEADINGS[result])}", ""]
        for one in of_result:
            where = f" (`{one.where}`)" if one.where else ""
            lines.append(f"- **{one.check}**{where}: {tell(one.remark)} — {tell(one.looked_at)}")
            lines += [f"  - `{detail}`" for detail in one.details[:20]]
            if one.settles is not None:
                lines.append(f"  - {tell(one.settles)}")
        lines.append("")
    return lines


def _fenced(text: str) -> str:
    """A code block that nothing inside can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}diff\n{text.rstrip()}\n{fence}"
