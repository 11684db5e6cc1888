"""What can go wrong on the way out and back."""

from __future__ import annotations

from enum import StrEnum

from headrace.errors import HeadraceError


class Trouble(StrEnum):
    """The kinds of trouble; the value completes "URL ..."."""

    UNREACHABLE = "cannot be reached"
    TIMEOUT = "took too long"
    TOO_LARGE = "is too large"
    REFUSED = "must not be asked"
    REDIRECTS = "redirects too often"
    BROKEN = "gave a broken reply"
    STATUS = "did not give the file"
    DISK = "cannot be written down"


_REMEDY = {
    Trouble.UNREACHABLE: "check the address and the network, then try again",
    Trouble.TIMEOUT: "try again later, or raise the limit",
    Trouble.TOO_LARGE: "check what the address serves",
    Trouble.REFUSED: "name another address, or allow this host and port in the settings",
    Trouble.REDIRECTS: "name the address where the redirects should end",
    Trouble.BROKEN: "try again later, or check what the address serves",
    Trouble.STATUS: "check the address",
    Trouble.DISK: "make room or check the rights of the directory, then try again",
}


class OutsideError(HeadraceError):
    """An exchange with the outside failed; `kind` says how, `status` is the HTTP status when that is the reason."""

    def __init__(self, kind: Trouble, url: str, detail: str, *, status: int | None = None) -> None:
        super().__init__(f"{url} {kind.value}", detail, _REMEDY[kind])
        self.kind = kind
        self.status = status

    @property
    def may_pass(self) -> bool:
        """Whether the same exchange may go well later: the net or the disk was at fault, not what was asked for."""
        if self.kind is Trouble.STATUS:
            return self.status == 429 or (self.status or 0) >= 500
        return self.kind in (Trouble.UNREACHABLE, Trouble.TIMEOUT, Trouble.BROKEN, Trouble.DISK)


class ArchiveError(HeadraceError):
    """An archive is damaged, hostile or larger than the limits; nothing of it was left on the disk."""
