"""New code and text files: do they parse, do they hide something, do they carry a licence."""

from __future__ import annotations

import ast
import json
import re
import tomllib
import warnings
from collections.abc import Iterator
from xml.parsers import expat

import yaml

from headrace.evidence.checks import licence as tag_check
from headrace.evidence.licences import LicenceError, parse_licence
from headrace.evidence.model import Finding
from headrace.evidence.review.inherited import asked
from headrace.evidence.review.lines import READ, Added, added_in, is_text
from headrace.evidence.review.model import Submission
from headrace.evidence.review.saying import Voice
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

_LINT = Voice(
    "lint", Message("added and changed files: whether they parse, hidden characters, very long lines"),
    Message("the language's own linter over what was added"),
)  # fmt: skip
_LICENCE = Voice(
    "licence",
    Message("the License tag of both specs, the lists of the policy, and the heads of new source files"),
    Message("a person who reads upstream's licence"),
)

HIDDEN = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that show nothing or turn the direction of a line."""

_BLOB = re.compile(r"[A-Za-z0-9+/=]{800,}|(?:\\x[0-9a-fA-F]{2}){200,}")
_CODE = (".py", ".sh", ".bash", ".pl", ".c", ".h", ".cc", ".cpp", ".go", ".rs", ".js", ".java", ".rb", ".lua")
_PROSE = (".svg", ".json", ".lock", ".sum", ".asc", ".sig", ".pem", ".crt", ".key")
_LARGEST = 256 * 1024


def lint(change: Submission) -> tuple[Finding, ...]:
    """What has a parser here is parsed (never run); shell and compiled languages are left to their linters."""
    found: list[Finding] = []
    judged: list[str] = []
    for path in change.changed:
        content = change.new.files.get(path)
        if content is None or not is_text(content) or path.endswith(".spec"):
            continue
        found += _hiding(change, path)
        fault = _parsed(path, content)
        if fault is not None:
            found.append(_LINT.concern(fault, path))
        elif path.endswith((".py", ".json", ".yaml", ".yml", ".toml", ".xml")):
            judged.append(path)
        elif path.endswith(_CODE):
            found.append(_LINT.unknown(Message("there is no linter for {path} here", path=path), path))
    if found:
        return tuple(found)
    if judged:
        return (_LINT.good(Message("{count} files parse", count=len(judged)), judged[0], judged[:50]),)
    return (_LINT.idle(Message("the change adds no code")),)


def _hiding(change: Submission, path: str) -> Iterator[Finding]:
    fault: Text | None
    shown = 0
    for line in added_in(change, path):
        fault = hidden_fault(line)
        if fault is None and not path.endswith(_PROSE) and not path.endswith((".patch", ".diff")):
            fault = length_fault(line)
        if fault is not None and shown < 10:
            shown += 1
            yield _LINT.concern(fault, line.where)


def hidden_fault(line: Added) -> Text | None:
    """What an added line hides from the eye."""
    hidden = HIDDEN.search(line.text.removeprefix("\ufeff") if line.number == 1 else line.text)
    if hidden:
        return Message(
            "the line holds the invisible character U+{code}: it may read otherwise than it runs",
            code=f"{ord(hidden.group()):04X}",
        )
    return None


def length_fault(line: Added) -> Text | None:
    """An added line that nobody can read."""
    if _BLOB.search(line.text[:20000]):
        return Message("the line holds encoded data that nobody can read")
    if len(line.text) > READ:
        return Message("the line has {count} characters", count=len(line.text))
    return None


def _parsed(path: str, content: bytes) -> Text | None:
    if len(content) > _LARGEST:
        return None
    try:
        if path.endswith(".py"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(content)
        elif path.endswith(".json"):
            json.loads(content)
        elif path.endswith((".yaml", ".yml")):
            for event in yaml.parse(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                if isinstance(event, yaml.AliasEvent):
                    return Message("{path} has aliases, which can grow without end", path=path)
        elif path.endswith(".toml"):
            tomllib.loads(content.decode("utf-8"))
        elif path.endswith(".xml"):
            expat.ParserCreate().Parse(content, True)
    except (SyntaxError, ValueError, yaml.YAMLError, expat.ExpatError, RecursionError, MemoryError) as error:
        return Message(
            "{path} does not parse: {why}",
            path=path,
            why=str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
        )
    return None


def licence(change: Submission) -> tuple[Finding, ...]:
    """The tag as the upgrade's check reads it; a refused licence is a blocker; new code must name its licence."""
    found = list(asked(tag_check.check, change))
    tag = change.new_facts.licence
    if change.policy is not None and not isinstance(tag, Unknown):
        refused = _refused(tag.value, change.policy.refuse)
        if refused:
            remark = Message("the distribution refuses {licence}", licence=", ".join(refused))
            found.append(_LICENCE.blocker(remark, change.spec_name, (tag.value,)))
    for path in change.added:
        content = change.new.files.get(path, b"")
        if (
            path.endswith(_CODE)
            and content.count(b"\n") >= 20
            and not re.search(rb"(?i)licen[cs]|spdx|copyright", content[:4096])
        ):
            found.append(_LICENCE.concern(Message("new source file without a licence"), path))
    return tuple(found) or (_LICENCE.good(Message("the licence is as before"), change.spec_name),)


def _refused(tag: str, refuse: tuple[str, ...]) -> tuple[str, ...]:
    try:
        licence = parse_licence(tag)
    except LicenceError:
        return tuple(each for each in refuse if each.lower() in tag.lower())
    names = {each.lower() for each in refuse}
    return licence.refused([each for each in licence.names() if each.lower() not in names])
