"""Which line of a build log tells why the build failed. Pure; the log is foreign text and is only ever read."""

from __future__ import annotations

import re

from headrace.evidence.causes.search import explain

_LINE = 300
_STAGE = re.compile(r"Bad exit status from \S+ \((%\w+)\)")


def failing_stage(log: str) -> str:
    """The rpm stage that ended badly (`%build`), or "" when the log names none."""
    found = _STAGE.findall(log[-200_000:])
    return found[-1] if found else ""


def telling_line(log: str) -> str:
    """The line that says most about a failure, shortened to 300 characters; "" for an empty log.

    When no line is of a known kind, it is the last one that says more than that a stage failed.
    """
    cause = explain(log).cause
    if cause is not None and cause.kind != "stage failed":
        return cause.line[:_LINE]
    lines = (line.strip() for line in reversed(log.splitlines()))
    said = (
        line
        for line in lines
        if line and not line.startswith(("+ ", "++ ", "RPM build errors:")) and not _STAGE.search(line)
    )
    return next(said, "")[:_LINE]
