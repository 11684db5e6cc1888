"""One kind of reason why a build fails, how it shows in a log, and what was found in a log."""

from __future__ import annotations

import re
from dataclasses import dataclass

from headrace.words import Text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of failure. `pattern` is tried on single lines; its group `subject` names what is missing or wrong.

    `rank`: 0 names the culprit, 1 a symptom with a subject, 2 only that something failed. The lowest rank wins, and
    among equals the first line, for what follows is usually its consequence.
    """

    name: str
    pattern: re.Pattern[str]
    meaning: Text
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """A line of a log that tells of a failure: `number` counts from 1; `subject` is "" when the line names none."""

    kind: str
    subject: str
    line: str
    number: int
    meaning: Text

    def as_data(self) -> dict[str, str | int]:
        """The documented JSON form."""
        return {"kind": self.kind, "subject": self.subject, "line": self.line, "number": self.number}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The cause that a log points to, None when it names none, and what else it tells of, in the order of the log."""

    cause: Cause | None
    also: tuple[Cause, ...] = ()


def kind(name: str, pattern: str, meaning: Text, rank: int = 0) -> Kind:
    """A kind from its pattern; `search` is used, so anchor it where the line begins."""
    return Kind(name, re.compile(pattern), meaning, rank)
