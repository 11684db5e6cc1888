"""One difference, and how much it weighs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from headrace.evidence.model import Rpm
from headrace.words import Text


class Weight(StrEnum):
    """How much a difference matters to somebody who upgrades."""

    NOTE = "note"
    """Usual for a new version."""
    CONCERN = "concern"
    """A person should look."""
    BLOCKER = "blocker"
    """It must not go out like this."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that differs: `kind` groups it, `subject` names the thing; `old`/`new` are "" where the thing is not there."""

    kind: str
    subject: str
    old: str
    new: str
    weight: Weight
    remark: Text

    def as_data(self) -> dict[str, str]:
        """The documented JSON form."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "old": self.old,
            "new": self.new,
            "weight": self.weight.value,
            "remark": str(self.remark),
        }


_DEBUG = ("-debuginfo", "-debugsource")


def shipped(packages: Iterable[Rpm]) -> tuple[Rpm, ...]:
    """The packages that people install: those with debug information are left out."""
    return tuple(package for package in packages if not package.name.endswith(_DEBUG))
