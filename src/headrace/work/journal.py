"""Steps that happen once: what a flow (a job in steps) needs of the engine, and nothing of how the engine does it."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from headrace.errors import HeadraceError
from headrace.store.codec import decode, encode

_T = TypeVar("_T")
_LOG = logging.getLogger("headrace")


class StepError(HeadraceError):
    """A step failed; the failure is on record, so a repeated flow fails the same way and never half succeeds."""

    def __init__(self, brief: str, detail: str = "", remedy: str = "", *, may_pass: bool = False) -> None:
        super().__init__(brief, detail, remedy)
        self._may_pass = may_pass

    @property
    def may_pass(self) -> bool:
        """See HeadraceError."""
        return self._may_pass


class Journal(Protocol):
    """Where a flow records its finished steps. After a kill the flow runs again and finished steps give their result."""

    def step(self, name: str, kind: type[_T], act: Callable[[], _T]) -> _T:
        """Run `act` once and record its result of type `kind`.

        A step that was interrupted starts again from its beginning, so `act` must be able to run twice. Raises StepError
        when it failed.
        """
        ...


Flow = Callable[[Journal, str], None]
"""A job in steps; the text is its argument."""


class DirectJournal:
    """Runs every step at once and records nothing: for dry runs and tests."""

    def step(self, name: str, kind: type[_T], act: Callable[[], _T]) -> _T:
        """See Journal."""
        return opened(attempt(name, kind, act), kind)


def attempt(name: str, kind: Any, act: Callable[[], object]) -> dict[str, Any]:
    """Run a step and give its outcome as JSON, success or failure; live and replayed runs read the same form."""
    try:
        return {"ok": encode(act(), kind)}
    except HeadraceError as error:
        return {"failed": [error.brief, error.detail, error.remedy], "may_pass": error.may_pass}
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return {
                "failed": [
                    "the disk is full",
                    f"in step {name}: {error.filename or error.strerror}",
                    "free space and run again",
                ],
                "may_pass": True,
            }
        _LOG.exception("step %s", name)
        return {"failed": [f"step {name} could not use a file", f"{error.strerror}: {error.filename}", "see the log"]}
    except Exception as error:  # noqa: BLE001 - one broken package must not take the others with it; the log has it all
        _LOG.exception("step %s", name)
        return {"failed": [f"step {name} broke", f"{type(error).__name__}: {error}"[:300], "please report this defect"]}


def opened(outcome: dict[str, Any], kind: type[_T]) -> _T:
    """The result that an outcome holds. Raises StepError for a failure."""
    if "failed" in outcome:
        brief, detail, remedy = outcome["failed"]
        raise StepError(brief, detail, remedy, may_pass=bool(outcome.get("may_pass")))
    return decode(outcome["ok"], kind)
