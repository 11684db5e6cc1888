"""The one error that people meet: what happened, why, and what to do next."""

from __future__ import annotations


class HeadraceError(Exception):
    """A failure that a person can act on.

    `brief` says what went wrong in one sentence, `detail` why (facts, never a secret), `remedy` what to do next.
    Rooms derive their own errors from it, so that a caller can tell them apart; a border lets no other error out.
    """

    def __init__(self, brief: str, detail: str = "", remedy: str = "") -> None:
        super().__init__(brief)
        self.brief = brief
        self.detail = detail
        self.remedy = remedy

    @property
    def may_pass(self) -> bool:
        """Whether the same may go well later without anybody changing anything; rooms that know say so."""
        return False

    def __str__(self) -> str:
        """One line: what, why, what to do next."""
        parts = [self.brief.rstrip(".")]
        if self.detail:
            parts.append(f": {self.detail.rstrip('.')}")
        if self.remedy:
            parts.append(f". {self.remedy.rstrip('.')}")
        return "".join(parts) + "."
