"""Habits of a spec that make builds unsafe or not repeatable: shells while it is read, and the network while it is built."""

from __future__ import annotations

import re
from collections import Counter

from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.package.spec.document import SpecDocument
from headrace.words import Message, Text

ID = "spec-hygiene"

_LOOKED_AT = Message(
    "the lines that are new in the spec: programs run while it is read, the network used while it is built"
)
_SETTLES = Message("a line that needs neither, or a reason beside it")
_LONGEST = 4096
"""A longer line hides what it does, from people and from patterns that look ahead."""
_SECTIONS = {"prep", "build", "install", "check", "generate_buildrequires"}
_SHELL = re.compile(r"(?<!%)%\(|%\{lua:|%\{expr:.*shell")
_NETWORK = re.compile(
    r"(?:^|[\s;|&(])(?:curl|wget|git\s+(?:clone|fetch|pull|submodule\s+update)|svn\s+(?:co|checkout)|go\s+(?:get|install)"
    r"|npm\s+(?:install|ci)(?!.*--offline)|yarn\s+install(?!.*--offline)|cargo\s+(?:fetch|install)(?!.*--offline)"
    r"|(?:python3\s+-m\s+)?pip3?\s+(?:install|download)(?!.*--no-index)(?!.*--no-deps))(?=\s|$)"
)
_UNSAFE = re.compile(r"(?:^|[\s;|&(])(?:sudo|su\s+-|chmod\s+(?:-R\s+)?[0-7]?777|rm\s+-rf\s+/(?:\s|$))")


def check(case: Case) -> tuple[Finding, ...]:
    """Only new lines weigh; what was there before is told as a detail."""
    old = Counter(_lines(case.old_spec))
    found: list[Finding] = []
    kept: list[str] = []
    for section, number, text in _numbered(case.new_spec):
        remark = _fault(section, text)
        if remark is None:
            continue
        if old[text] > 0:
            old[text] -= 1
            kept.append(f"line {number}, as before: {text[:200]}")
        else:
            where = f"line {number}"
            found.append(Finding(ID, Result.CONCERN, remark, _LOOKED_AT, Strength.TEXT, where, (text[:200],), _SETTLES))
    if not found:
        remark = Message("no new line runs a program while the spec is read or uses the network")
        found.append(Finding(ID, Result.PASS, remark, _LOOKED_AT, Strength.TEXT, case.spec_name, tuple(kept)))
    return tuple(found)


def _fault(section: str, text: str) -> Text | None:
    if section == "changelog" or text.startswith("#"):
        return None
    if len(text) > _LONGEST:
        return Message("the line is too long to be read")
    if _SHELL.search(text):
        return Message("the line runs a program while the spec is read")
    if section in _SECTIONS and _NETWORK.search(text):
        return Message("the line uses the network: the build farm has none, and what comes is not pinned")
    if section in _SECTIONS and _UNSAFE.search(text):
        return Message("the line asks for more rights than a build has")
    return None


def _numbered(spec: bytes) -> list[tuple[str, int, str]]:
    document = SpecDocument.parse(spec)
    return [
        (section.name, number + 1, document.lines[number].text.strip())
        for section in document.sections
        for number in range(section.start, section.end)
    ]


def _lines(spec: bytes) -> list[str]:
    return [text for _, _, text in _numbered(spec)]
