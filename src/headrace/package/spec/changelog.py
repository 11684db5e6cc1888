"""`%changelog`: its entries, and a new one in the file's own style."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HEAD = re.compile(r"\*(\s+)(\w{3})(\s+)(\w{3})(\s+)(\d{1,2})(\s+)(\d{4})(\s*)(.*?)\s*$")
_CLOCK = re.compile(
    r"\*(\s+)(\w{3})(\s+)(\w{3})(\s+)(\d{1,2})\s+(\d{1,2}:\d{2}:\d{2})\s+([A-Z]{2,5})(\s+)(\d{4})(\s*)(.*?)\s*$"
)
_BAD_DATE = re.compile(r"\*\s+\w+(?:\s+[A-Z][a-z]{2,8})?(?:\s+\d{1,2})?(?:\s+\d{4})?\s*(?=\S)")
"""What begins a head whose date rpm would refuse: a month written out, a day or year left out."""


@dataclass(frozen=True, slots=True)
class ChangelogEntry:
    """What to write: `author` as `Name <mail>`, the day, and the lines of text without their bullets."""

    author: str
    day: dt.date
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands: `evr` is [epoch:]version[-release] as written, "" when the head names none."""

    head: str
    date: str
    day: dt.date | None
    """None when the date cannot be read."""
    weekday_fits: bool
    author: str
    evr: str
    separator: str
    """What stands between the author and the EVR: ` - `, ` `, or a line end when the EVR is on a line of its own."""
    text: tuple[str, ...]
    line: int
    """The line of the head, from 1."""


def read_entries(lines: Sequence[str], first: int = 1) -> tuple[Entry, ...]:
    """The entries of a changelog's lines; `first` is the line number of `lines[0]`."""
    heads = [at for at, line in enumerate(lines) if line.startswith("*") and line[1:2].isspace()]
    ends = [*heads[1:], len(lines)][: len(heads)]
    return tuple(_entry(lines[at], tuple(lines[at + 1 : end]), first + at) for at, end in zip(heads, ends, strict=True))


def _entry(head: str, text: tuple[str, ...], line: int) -> Entry:
    body = tuple(row for row in text if row.strip())
    found = _CLOCK.match(head)
    if found:
        weekday, month, day, year, rest = (
            found.group(2),
            found.group(4),
            found.group(6),
            found.group(10),
            found.group(12),
        )
    else:
        plain = _HEAD.match(head)
        if not plain:
            author, separator, evr = split_tail(_BAD_DATE.sub("", head, count=1))
            return Entry(head, "", None, False, author, evr, separator, body, line)
        weekday, month, day, year, rest = (
            plain.group(2),
            plain.group(4),
            plain.group(6),
            plain.group(8),
            plain.group(10),
        )
    when = _day(day, month, year)
    author, separator, evr = split_tail(rest)
    if not evr and body and (alone := re.fullmatch(r"\s*-?\s*((?:\d+:)?[\w.+~^]*\d[\w.+~^]*-[\w.%{}?]+)\s*", body[0])):
        evr, separator, body = alone.group(1), "\n", body[1:]
    fits = when is not None and DAYS[when.weekday()] == weekday
    return Entry(head, f"{weekday} {month} {day} {year}", when, fits, author, evr, separator, body, line)


def _day(day: str, month: str, year: str) -> dt.date | None:
    if month not in MONTHS:
        return None
    try:
        return dt.date(int(year), MONTHS.index(month) + 1, int(day))
    except ValueError:
        return None


def split_tail(rest: str) -> tuple[str, str, str]:
    """Author, separator and EVR of what follows the date."""
    close = rest.rfind(">")
    if close < 0:
        found = re.match(r"(.*?)(\s+-\s+|\s+)(\S*\d\S*-\S+)$", rest)
        return (found.group(1), found.group(2), found.group(3)) if found else (rest, "", "")
    author, tail = rest[: close + 1], rest[close + 1 :]
    found = re.match(r"(\s*(?:-\s+|-(?=\S))?)(\S*)", tail)
    if not found or not found.group(2):
        return author, "", ""
    return author, found.group(1), tail[found.end(1) :]
