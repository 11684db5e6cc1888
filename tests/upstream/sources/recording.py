"""How a recorded dialogue of a source is written down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from headrace.upstream.model import Project, Source

SHA = hashlib.sha256(b"x").hexdigest()
COMMIT = "c" * 40
DAY = "2024-05-01T10:00:00+00:00"


@dataclass(frozen=True)
class Case:
    """A source, a project, the replies by URL, and what they announce: version -> (file names, day, withdrawn, early)."""

    make: Callable[[], Source]
    project: Project
    replies: Mapping[str, bytes]
    versions: Mapping[str, tuple[object, ...]]
    notes: tuple[str, ...] = ()
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)


def js(value: object) -> bytes:
    return json.dumps(value).encode()
