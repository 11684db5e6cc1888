"""The nouns of the upstream room: projects, what a source asks and reads, announcements, and the choice of a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from headrace.errors import HeadraceError
from headrace.words import Text


class UpstreamError(HeadraceError):
    """An upstream's reply cannot be read, or its configuration cannot be asked."""


@dataclass(frozen=True, slots=True)
class Project:
    """One upstream as a package's metadata names it, and where to ask for it.

    `address` is the base address of the registry or the repository's own address, without a final slash; it comes
    from the configured clients (pip, npm, apt) or from the metadata, never from a source's text.
    `current` is the version that the package ships; `options` are further facts that one source understands.
    """

    source: str
    name: str
    address: str
    tag_prefix: str = ""
    separator: str = "."
    current: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Validator:
    """What makes the next request conditional, as the last reply gave it.

    `digest` is the SHA-256 (hex) of the body, for servers that give neither header; `extra` is what the source itself
    wants to remember (a Debian index keeps the digest that its Release file named).
    """

    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One question over HTTP, as a value; the watch job sends it with limits and adds the validators."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    max_bytes: int = 64 * 1024 * 1024
    step: str = ""
    """Which question of a dialogue this is, for sources that ask more than one."""
    memory: str = field(default="", compare=False)
    """What the source wants to see again in `Reply.request`; requests that differ only here are one question."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: `status` is an HTTP status, `body` is decoded (no content encoding) and within the limit."""

    request: Request
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file that upstream released. `digests` maps an algorithm's name (`sha256`, `sha512`) to lower-case hex."""

    url: str
    filename: str
    digests: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None
    signature_url: str = ""
    provenance_url: str = ""
    """Where the registry keeps attestations of who built the file; nobody has verified them."""
    kind: str = "archive"
    """`archive` (source), `binary` (wheel and the like), `git` (made from a tag; `url` is the repository)."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One version that an upstream announced. `tag` is its raw spelling; `version` has the source's own dressing taken off.

    `withdrawn` is upstream's reason for a yanked or deprecated release ("" when it gave none), None when it stands.
    """

    version: str
    tag: str = ""
    released: datetime | None = None
    artefacts: tuple[Artefact, ...] = ()
    withdrawn: str | None = None
    prerelease: bool | None = None
    """What the source itself says; None when it does not say."""
    commit: str = ""
    """The commit that the tag names (peeled), for git sources."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that an upstream announces now; `notes` are facts about the upstream as a whole (archived, moved)."""

    announcements: tuple[Announcement, ...]
    notes: tuple[Text, ...] = ()
    extra: str = ""
    """What the source wants to see again in `Validator.extra` next time."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The reply proves that nothing changed since the validator was taken (the answer in the store stands)."""


class Source(Protocol):
    """A place that announces versions. Both methods are pure; a version policy never lives here."""

    name: str

    def ask(self, project: Project, validator: Validator | None) -> Request:
        """The first question. Raises UpstreamError when the project's metadata is not enough to ask."""
        ...

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """What the reply says: the answer, the next question, or that nothing changed. Raises UpstreamError on nonsense."""
        ...


class Takes(StrEnum):
    """Which versions a branch may take (`takes` in the policy file)."""

    ANY = "any"
    PATCH_RELEASES = "patch-releases"
    PATCHES = "patches"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A candidate that was passed over, and why."""

    version: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Choice:
    """Which version a branch should carry, and why.

    `version` is None when the evidence conflicts or is missing ("cannot decide"); then `reason` says what is in doubt
    and `settles` what would settle it. A choice equal to the current version means: nothing to do.
    """

    version: str | None
    reason: Text
    scheme: str = ""
    tag: str = ""
    prerelease: str | None = None
    rejected: tuple[Rejected, ...] = ()
    confidence: float = 0.0
    settles: Text | None = None
