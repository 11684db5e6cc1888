"""The changelog has one new entry, in order, signed, dated right, and naming the EVR that the spec has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headrace.evidence.findings import new_facts, not_judged, old_facts
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.package.spec.changelog import Entry
from headrace.package.spec.facts import SpecFacts
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

ID = "changelog"

_LOOKED_AT = Message("%changelog of both specs: number of new entries, weekday, e-mail, EVR and order")
_SETTLES = Message("one entry at the top: day that fits its date, name and e-mail, EVR of the spec, and what was done")
_MAIL = re.compile(r"<[^<>\s@]+@[^<>\s@]+>")
_DIST = re.compile(r"(?:\.[A-Za-z]\w*)+\Z")


def check(case: Case) -> tuple[Finding, ...]:
    """Entries that were there must stay as they are; a changelog that the build system writes is not judged by hand."""
    old, new = old_facts(case), new_facts(case)
    if new.automatic_changelog:
        remark = Message("the build system writes the changelog")
        return (Finding(ID, Result.NOT_APPLICABLE, remark, _LOOKED_AT, Strength.TEXT, case.spec_name),)
    added = len(new.changelog) - len(old.changelog)
    if old.changelog and _texts(new.changelog[max(added, 0) :]) != _texts(old.changelog):
        remark = Message("entries of the old changelog were changed or are gone")
        return (_concern(remark, new.changelog[0] if new.changelog else None),)
    if added != 1:
        remark = Message("{count} new entries instead of one", count=added)
        return (_concern(remark, new.changelog[0] if new.changelog else None),)
    if isinstance(new.evr, Unknown):
        return (not_judged(ID, new.evr.reason, _LOOKED_AT, _SETTLES, case.spec_name),)
    entry = new.changelog[0]
    faults = tuple(_concern(fault, entry) for fault in _faults(entry, new, new.evr.value))
    if faults:
        return faults
    remark = Message("one new entry: {head}", head=entry.head)
    return (Finding(ID, Result.PASS, remark, _LOOKED_AT, Strength.TEXT, f"line {entry.line}", entry.text),)


def _faults(entry: Entry, facts: SpecFacts, evr: str) -> Iterator[Text]:
    if entry.day is None:
        yield Message("the date of the new entry cannot be read: {head}", head=entry.head)
    elif not entry.weekday_fits:
        yield Message("the weekday of the new entry does not fit its date: {date}", date=entry.date)
    if not _MAIL.search(entry.author):
        yield Message("the new entry names no e-mail address: {author}", author=entry.author or entry.head)
    before = facts.changelog[1] if len(facts.changelog) > 1 else None
    if before and before.day and entry.day and entry.day < before.day:
        yield Message("the new entry is older than the one below it: {date}", date=entry.date)
    if not any(line.strip(" \t-*") for line in entry.text):
        yield Message("the new entry says nothing")
    if entry.evr:
        if not _names(_expanded(entry.evr, facts), evr):
            yield Message("the new entry names {entry}, the spec is {spec}", entry=entry.evr, spec=evr)
    elif before is None or before.evr:
        yield Message("the new entry names no EVR although the spec is {spec}", spec=evr)


def _names(told: str, evr: str) -> bool:
    """Whether an entry's EVR is the spec's; the distribution's own suffix of the release may be left out."""
    return told == evr or (evr.startswith(told) and bool(_DIST.match(evr[len(told) :])))


def _expanded(told: str, facts: SpecFacts) -> str:
    for name, value in (("version", facts.version), ("release", facts.release)):
        if not isinstance(value, Unknown):
            told = told.replace(f"%{{{name}}}", value.value).replace(f"%{{?{name}}}", value.value)
    return told


def _texts(entries: tuple[Entry, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(entry.head.strip(), tuple(line.rstrip() for line in entry.text)) for entry in entries]


def _concern(remark: Text, entry: Entry | None) -> Finding:
    where = f"line {entry.line}" if entry else ""
    details = (entry.head, *entry.text) if entry else ()
    return Finding(ID, Result.CONCERN, remark, _LOOKED_AT, Strength.TEXT, where, details, _SETTLES)
