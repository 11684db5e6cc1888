"""Which line of a build log tells why the build failed. Pure; the log is foreign text and is only ever read."""

from __future__ import annotations

import re

_LOOK_BACK = 4000
_LINE = 300

_STAGE = re.compile(r"Bad exit status from \S+ \((%\w+)\)")

_TELLING = tuple(
    re.compile(pattern)
    for pattern in (
        r"^\s*(File not found|File must begin|Directory not found|Installed \(but unpackaged\)|Empty %files file)",
        r"^\s*Failed build dependencies|is needed by ",
        r"^\d+ out of \d+ hunks? FAILED|^error: patch failed|patch does not apply|can't find file to patch",
        r"\berror: Bad (source|file|owner)|^error: File .* No such file",
        r"ModuleNotFoundError: |ImportError: ",
        r"fatal error: |: error: |undefined reference to ",
        r"command not found$|: not found$",
        r"^E   |^FAILED |^ERROR: |^FAIL: |^not ok ",
        r"No space left on device|Cannot allocate memory|Cannot fork|Resource temporarily unavailable|Killed$",
        r"Temporary failure in name resolution|Network is unreachable|Could not resolve host|ENETUNREACH|EAI_AGAIN",
        r"^npm ERR! |^npm error ",
        r"\w(Error|Exception): ",
        r"No such file or directory|Permission denied|Read-only file system",
        r"^make(\[\d+\])?: \*\*\* |^ninja: build stopped|^error: ",
    )
)


def failing_stage(log: str) -> str:
    """The rpm stage that ended badly (`%build`), or "" when the log names none."""
    found = _STAGE.findall(log[-200_000:])
    return found[-1] if found else ""


def telling_line(log: str) -> str:
    """The line that says most about a failure, shortened to 300 characters; "" for an empty log.

    The kinds of lines are tried from the most telling to the least; within a kind the first line wins, for what
    follows it is usually its consequence.
    """
    lines = [line.strip() for line in log.splitlines()[-_LOOK_BACK:]]
    lines = [line[:_LINE] for line in lines if line and not line.startswith("+ ")]
    said = [line for line in lines if not _STAGE.search(line)]
    for kind in _TELLING:
        for number, line in enumerate(said):
            if kind.search(line):
                return _with_next(said, number)
    return said[-1] if said else ""


def _with_next(lines: list[str], number: int) -> str:
    """A heading such as "unpackaged files found:" tells little without the line under it."""
    line = lines[number]
    if line.endswith(":") and number + 1 < len(lines):
        line = f"{line} {lines[number + 1]}"
    return line[:_LINE]
