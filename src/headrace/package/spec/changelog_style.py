"""A new changelog entry in the style of those that are there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from headrace.package.spec.changelog import DAYS, MONTHS, ChangelogEntry, Entry

_BULLET = re.compile(r"(\s*)([-*+\u2022])(\s*)")
_FIELD = re.compile(r"\s*[-*]?\s*(type|id|sug|desc|cve)\s*:(\s*)", re.IGNORECASE)
_HEAD_GAPS = re.compile(r"\*(\s+)\w{3}(\s+)\w{3}(\s+)\d{1,2}(?:(\s+)\d{1,2}:\d{2}:\d{2}\s+[A-Z]{2,5})?(\s+)\d{4}(\s*)")


@dataclass(frozen=True, slots=True)
class Style:
    """How the file writes an entry."""

    star: str = " "
    after_weekday: str = " "
    after_month: str = " "
    before_year: str = " "
    clock: bool = False
    padding: str = "0"
    """What fills a day of one digit: `0`, a blank, or nothing."""
    before_author: str = " "
    separator: str = " - "
    """What stands between author and EVR; "" when heads name no EVR, a line end when it has a line of its own."""
    own_line: str = "- "
    """What precedes an EVR on a line of its own."""
    epoch: bool | None = None
    """Whether EVRs carry the epoch; None when nothing tells."""
    suffix: str = ""
    """What follows the release number in EVRs."""
    release: bool = True
    bullet: str = "- "
    fields: tuple[str, ...] = ()
    """openEuler's `Type:`, `ID:`, `SUG:`, `DESC:` lines as the newest entry writes them, up to the colon."""
    blank_between: bool = True
    macros: str = ""
    """The EVR as written with macros (`%{version}-%{release}`), when heads do so."""


def style_of(entries: Sequence[Entry], raw: Sequence[str]) -> Style:
    """The style of the newest entries; `raw` are the changelog's lines from the newest head on."""
    if not entries:
        return Style(blank_between=False)
    newest = _model(entries)
    gaps = _HEAD_GAPS.match(newest.head)
    star, weekday, month, clock, year, author = gaps.groups() if gaps else (" ", " ", " ", None, " ", " ")
    if len(month) > 1 and re.match(r"\*\s+\w{3}\s+\w{3}\s{2}\d\s", newest.head):
        month = month[:-1]
    epoch, release, suffix, macros = _evr_style(newest.evr)
    return Style(
        star=star if star.startswith(" ") else _spaced(entries),
        after_weekday=weekday,
        after_month=month,
        before_year=clock or year,
        clock=clock is not None,
        padding=_padding(entries),
        before_author=author or " ",
        separator=newest.separator if newest.evr else "",
        own_line=_own_line(newest, raw),
        epoch=epoch,
        suffix=suffix,
        release=release,
        bullet=_bullet(entries),
        fields=_fields(newest),
        blank_between=_blank_between(entries, raw),
        macros=macros,
    )


def _model(entries: Sequence[Entry]) -> Entry:
    """The newest entry that is whole: with a date that reads and, when the ones below name an EVR, with an EVR."""
    near = entries[:3]
    wants_evr = sum(bool(entry.evr) for entry in near) * 2 >= len(near)
    return next((entry for entry in near if entry.day is not None and (entry.evr or not wants_evr)), entries[0])


def _spaced(entries: Sequence[Entry]) -> str:
    """rpm takes a tab after the star, other readers of changelogs look for a blank: the newest gap that begins with one."""
    return next((gap for entry in entries if (gap := _gap(entry.head)).startswith(" ")), " ")


def _gap(head: str) -> str:
    return head[1 : len(head) - len(head[1:].lstrip())]


def _padding(entries: Sequence[Entry]) -> str:
    for entry in entries[:40]:
        found = re.match(r"\*\s+\w{3}\s+\w{3}(\s+)(\d{1,2})\s", entry.head)
        if found and found.group(2).startswith("0"):
            return "0"
        if found and len(found.group(2)) == 1:
            return " " if len(found.group(1)) > 1 else ""
    return "0"


def _evr_style(evr: str) -> tuple[bool | None, bool, str, str]:
    if "%" in evr and "-" in evr and not re.match(r"[\d:.]+", evr):
        return None, True, "", evr
    version, dash, release = evr.rpartition("-")
    if not dash:
        return (":" in evr if evr else None), False, "", ""
    suffix = re.match(r"[\d.]*\d(\.[A-Za-z]\w*|%\{\??dist\})?$", release)
    return ":" in version, True, (suffix.group(1) or "") if suffix else "", ""


def _own_line(newest: Entry, raw: Sequence[str]) -> str:
    if newest.separator != "\n" or len(raw) < 2:
        return "- "
    found = re.match(r"\s*-?\s*", raw[1])
    return found.group() if found else "- "


def _bullet(entries: Sequence[Entry]) -> str:
    for entry in entries[:3]:
        for row in entry.text:
            found = _BULLET.match(row)
            if found:
                return found.group()
    return "- "


def _fields(newest: Entry) -> tuple[str, ...]:
    found = [match for row in newest.text if (match := _FIELD.match(row))]
    names = {match.group(1).lower() for match in found}
    return tuple(match.group() for match in found) if {"id", "sug", "desc"} <= names else ()


def _blank_between(entries: Sequence[Entry], raw: Sequence[str]) -> bool:
    """Whether a blank line follows the newest entry; the next ones tell when it is the only one."""
    if len(entries) == 1:
        return len(raw) > 1 and not raw[-1].strip() and len([row for row in raw if not row.strip()]) == 1
    length = entries[1].line - entries[0].line
    return not raw[length - 1].strip()


def written(entry: ChangelogEntry, style: Style, evr: tuple[int | None, str, str]) -> list[str]:
    """The lines of the entry; `evr` is (epoch, version, release without its distribution suffix)."""
    name = _spelled(style, evr)
    head = f"*{style.star}{_date(entry.day, style)}{style.before_author}{entry.author}"
    rows = []
    if style.separator == "\n":
        rows = [head, style.own_line + name]
    elif style.separator:
        rows = [head + style.separator + name]
    else:
        rows = [head]
    if style.fields:
        return rows + _filled(entry, style.fields)
    indent = " " * len(style.bullet.expandtabs())
    for line in entry.lines:
        first, *more = line.strip().removeprefix("- ").splitlines() or [""]
        rows.append(style.bullet + first)
        rows += [indent + row.strip() for row in more]
    return rows


def _spelled(style: Style, evr: tuple[int | None, str, str]) -> str:
    if style.macros:
        return style.macros
    epoch, version, release = evr
    prefix = f"{epoch}:" if epoch is not None and style.epoch is not False else ""
    return f"{prefix}{version}-{release}{style.suffix}" if style.release else f"{prefix}{version}"


def _date(day: dt.date, style: Style) -> str:
    number = f"{day.day:02d}" if style.padding == "0" else f"{style.padding}{day.day}" if day.day < 10 else str(day.day)
    clock = f"{style.before_year}12:00:00 UTC" if style.clock else ""
    return (
        f"{DAYS[day.weekday()]}{style.after_weekday}{MONTHS[day.month - 1]}{style.after_month}"
        f"{number}{clock}{style.before_year}{day.year}"
    )


def _filled(entry: ChangelogEntry, fields: Sequence[str]) -> list[str]:
    rows = []
    for label in fields:
        key = label.rsplit(":", 1)[0].strip(" -*\t").lower()
        text = "; ".join(line.strip().removeprefix("- ") for line in entry.lines)
        value = {"type": "enhancement", "desc": text}.get(key, "NA")
        rows.append(label + value)
    return rows
