"""What pages call the values of our enumerations, and the colour that they wear."""

from __future__ import annotations

from enum import Enum

from headrace.change.model import ChangeState
from headrace.evidence.model import BuildStatus, Result, Strength, Verdict
from headrace.package.model import PatchClass
from headrace.upstream.model import Takes
from headrace.words import Message, Text

LABELS: dict[type[Enum], dict[Enum, tuple[Text, str]]] = {
    Verdict: {
        Verdict.ACCEPT: (Message("accept"), "good"),
        Verdict.ASK: (Message("ask a person"), "ask"),
        Verdict.REFUSE: (Message("refuse"), "bad"),
    },
    ChangeState: {
        ChangeState.WORKING: (Message("in work"), "busy"),
        ChangeState.PROPOSED: (Message("proposed"), "busy"),
        ChangeState.ACCEPTED: (Message("accepted"), "good"),
        ChangeState.REJECTED: (Message("rejected"), "bad"),
        ChangeState.REFUSED: (Message("refused"), "bad"),
        ChangeState.RELEASED: (Message("released"), "good"),
        ChangeState.FAILED: (Message("failed"), "bad"),
        ChangeState.SUPERSEDED: (Message("superseded"), "calm"),
    },
    Result: {
        Result.PASS: (Message("pass"), "good"),
        Result.CONCERN: (Message("concern"), "ask"),
        Result.BLOCKER: (Message("blocker"), "bad"),
        Result.NOT_APPLICABLE: (Message("not applicable"), "calm"),
        Result.NOT_JUDGED: (Message("not judged"), "ask"),
    },
    PatchClass: {
        PatchClass.UNTOUCHED: (Message("untouched"), "calm"),
        PatchClass.REBASED: (Message("rebased"), "ask"),
        PatchClass.MERGED: (Message("merged upstream"), "good"),
        PatchClass.FAILED: (Message("does not apply"), "bad"),
    },
    BuildStatus: {
        BuildStatus.BUILT: (Message("built"), "good"),
        BuildStatus.FAILED: (Message("build failed"), "bad"),
        BuildStatus.TIMEOUT: (Message("out of time"), "bad"),
        BuildStatus.MEMORY: (Message("out of memory"), "bad"),
        BuildStatus.DISK: (Message("out of disk"), "bad"),
        BuildStatus.REFUSED: (Message("not tried"), "ask"),
    },
    Strength: {
        Strength.NONE: (Message("no proof"), "bad"),
        Strength.TEXT: (Message("read from the text"), "ask"),
        Strength.HOST_ROOT: (Message("built on the host's root"), "calm"),
        Strength.CLEAN_BUILDROOT: (Message("built in a clean buildroot"), "good"),
    },
}
"""Word and tone by class first, for values of different enumerations can be equal. Tones: good, ask, bad, busy, calm."""

TAKES: dict[str, Text] = {
    Takes.ANY.value: Message("any stable release"),
    Takes.PATCH_RELEASES.value: Message("patch releases of its own series"),
    Takes.PATCHES.value: Message("patches only"),
}

KINDS: dict[str, Text] = {
    "upstream": Message("upstream"),
    "change": Message("change"),
    "build": Message("build"),
    "verdict": Message("verdict"),
    "decision": Message("decision"),
    "release": Message("release"),
    "problem": Message("problem"),
}

TOPICS: dict[str, Text] = {
    "package": Message("packages"),
    "file": Message("files"),
    "command": Message("commands"),
    "service": Message("services"),
    "rights": Message("files that grant rights"),
    "system setting": Message("system settings"),
    "header": Message("headers"),
    "library": Message("libraries"),
    "development file": Message("development files"),
    "module": Message("modules"),
    "private module": Message("private modules"),
    "node module": Message("bundled node modules"),
    "documentation": Message("documentation"),
    "build id": Message("build ids"),
    "mode": Message("modes"),
    "owner": Message("owners"),
    "setuid": Message("setuid and setgid"),
    "capabilities": Message("capabilities"),
    "config": Message("configuration files"),
    "config default": Message("defaults of configuration files"),
    "provides": Message("provides"),
    "requires": Message("requires"),
    "soname": Message("sonames"),
    "symbol": Message("symbols"),
    "symbol version": Message("symbol versions"),
    "python name": Message("Python names"),
    "scriptlet": Message("scriptlets"),
    "hardening": Message("hardening"),
    "licence": Message("licence"),
    "architecture": Message("architecture"),
    "size": Message("size"),
}

WEIGHTS: dict[str, str] = {"blocker": "bad", "concern": "ask"}
"""The tone of a difference's weight; a note has none."""

RESULT_ORDER = (Result.BLOCKER, Result.NOT_JUDGED, Result.CONCERN, Result.PASS, Result.NOT_APPLICABLE)
"""The order in which findings are read: what stops the change first."""


def label(value: Enum | str) -> Text:
    """The word for a value; a value without one is shown as it is."""
    if isinstance(value, Enum):
        known = LABELS.get(type(value), {}).get(value)
        return known[0] if known else Text(str(value.value))
    return TAKES.get(value) or KINDS.get(value) or TOPICS.get(value) or Text(value)


def tone(value: Enum) -> str:
    """The colour of a value: always beside the word, never instead of it."""
    known = LABELS.get(type(value), {}).get(value)
    return known[1] if known else "calm"


def weight(value: str) -> Text:
    """The word for the weight of a difference."""
    return {"blocker": Message("blocker"), "concern": Message("concern")}.get(value, Text(value))
