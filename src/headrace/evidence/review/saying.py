"""How items put what they saw into findings."""

from __future__ import annotations

from collections.abc import Iterable

from headrace.evidence.model import Finding, Result, Strength
from headrace.words import Text


class Voice:
    """Speaks for one item: its id, what it looks at, and what would settle its doubts."""

    def __init__(self, check: str, looked_at: Text, settles: Text) -> None:
        self.check, self.looked_at, self.settles = check, looked_at, settles

    def good(self, remark: Text, where: str = "", details: Iterable[str] = ()) -> Finding:
        """The item is fulfilled."""
        return Finding(self.check, Result.PASS, remark, self.looked_at, Strength.TEXT, where, tuple(details))

    def idle(self, remark: Text) -> Finding:
        """The item does not apply to the change."""
        return Finding(self.check, Result.NOT_APPLICABLE, remark, self.looked_at, Strength.TEXT)

    def concern(self, remark: Text, where: str = "", details: Iterable[str] = ()) -> Finding:
        """A person must look."""
        return self._heavy(Result.CONCERN, remark, where, details)

    def blocker(self, remark: Text, where: str = "", details: Iterable[str] = ()) -> Finding:
        """The change must not go in as it is."""
        return self._heavy(Result.BLOCKER, remark, where, details)

    def unknown(self, why: Text, where: str = "", details: Iterable[str] = ()) -> Finding:
        """It cannot be told, for this reason."""
        return self._heavy(Result.NOT_JUDGED, why, where, details, Strength.NONE)

    def _heavy(
        self, result: Result, remark: Text, where: str, details: Iterable[str], strength: Strength = Strength.TEXT
    ) -> Finding:
        return Finding(self.check, result, remark, self.looked_at, strength, where, tuple(details), self.settles)
