"""Private keys, tokens of well-known shapes and passwords in what a change adds. No secret is ever repeated whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headrace.evidence.model import Finding
from headrace.evidence.review.lines import PATCHES, Added, added_lines
from headrace.evidence.review.model import Submission
from headrace.evidence.review.saying import Voice
from headrace.words import Message

_VOICE = Voice(
    "secrets", Message("every added line: private keys, tokens of well-known shapes, addresses and assignments with a password"),
    Message("a change without it, and the secret revoked: what was pushed is known"),
)  # fmt: skip

_SHAPES = (
    ("private key", re.compile(r"-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY(?: BLOCK)?-----")),
    ("AWS key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,90})\b")),
    ("GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,60}\b")),
    ("Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,100}\b")),
    ("npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("PyPI token", re.compile(r"\bpypi-AgE[A-Za-z0-9_-]{40,250}")),
    ("Google key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("Stripe key", re.compile(r"\b[sr]k_live_[0-9A-Za-z]{20,60}\b")),
)
_IN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s/:@$%{}<>]{1,64}:([^\s/:@$%{}<>]{3,128})@[\w.-]{3,}")
_ASSIGNED = re.compile(
    r"\b\w{0,30}(?:passw(?:or)?d|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token)\w{0,20}\s{0,4}[:=]\s{0,4}"
    r"([\"']?)([^\s\"'#;,]{8,128})\1(?=[\s;,#]|$)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"[$%<({\[*]|\\|(?:your|my|the|some|example|changeme|change_me|dummy|test|placeholder|none|null|true|false|xxx|secret|password|passwd"
    r"|default|required|optional)",
    re.IGNORECASE,
)


def secrets(change: Submission) -> tuple[Finding, ...]:
    """A well-known shape is a blocker, in a patch a concern (tests of upstream carry keys); an assignment is a concern."""
    found: list[Finding] = []
    lines = 0
    for line in added_lines(change):
        lines += 1
        finding = next((each for part in _parts(line.text) if (each := _judge(line, part)) is not None), None)
        if finding is not None and len(found) < 50:
            found.append(finding)
    if found:
        return tuple(found)
    if not lines:
        return (_VOICE.idle(Message("no line is added")),)
    return (_VOICE.good(Message("no secret of a known shape in {count} added lines", count=lines)),)


def _parts(text: str) -> Iterator[str]:
    """A long line in pieces that overlap by more than any token is long."""
    for start in range(0, max(len(text), 1), 3600):
        yield text[start : start + 4000]


def _judge(line: Added, text: str) -> Finding | None:
    for kind, shape in _SHAPES:
        if shape.search(text):
            remark = Message("the line holds a {kind}", kind=kind)
            return (_VOICE.concern if line.path.endswith(PATCHES) else _VOICE.blocker)(remark, line.where)
    if line.path.endswith(PATCHES):
        return None
    if (address := _IN_ADDRESS.search(text)) and not _HARMLESS.match(address.group(1)):
        return _VOICE.blocker(Message("the address carries a password"), line.where)
    assigned = _ASSIGNED.search(text)
    if assigned and _looks_random(assigned.group(2), quoted=bool(assigned.group(1))):
        return _VOICE.concern(Message("the line looks like an assigned password"), line.where)
    return None


def _looks_random(value: str, *, quoted: bool) -> bool:
    if _HARMLESS.match(value) or value.startswith(("/", "http", "~")) or "(" in value:
        return False
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[^\w]"))
    return kinds >= (2 if quoted else 3) and bool(re.search("[0-9]", value))
