"""What every source needs when it reads a reply: strictness in one place, with sentences that name the upstream."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from headrace.upstream.model import Project, Reply, UpstreamError, Validator

MOST_VERSIONS = 100_000
"""More versions than any upstream has; a reply with more is nonsense."""

_LONGEST_WORD = 1024
_LONGEST_NAME = 400
_LONGEST_REASON = 500
_DIGEST_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+")


def nonsense(project: Project, why: str) -> UpstreamError:
    """The error for a reply that cannot be read."""
    return UpstreamError(
        f"{project.source}'s answer about {project.name} cannot be read", why, "try again later, or check the address"
    )


def require_success(project: Project, reply: Reply) -> None:
    """Raise UpstreamError, with what to do, unless the reply's status is 200."""
    if reply.status == 200:
        return
    if reply.status in {404, 410}:
        raise UpstreamError(
            f"{project.name} is gone from {project.source}",
            f"the answer is {reply.status}",
            "correct the name in the package's yaml",
        )
    if reply.status in {401, 403}:
        raise UpstreamError(
            f"{project.source} does not let us ask about {project.name}",
            f"the answer is {reply.status}",
            "check the configured credentials",
        )
    raise UpstreamError(
        f"{project.source} gave no answer about {project.name}", f"its status is {reply.status}", "try again later"
    )


def is_unmodified(reply: Reply, validator: Validator | None) -> bool:
    """Whether the server says that nothing changed since a reply that we remember; later pages alone do not prove it."""
    return reply.status == 304 and validator is not None and not reply.request.step


def require_name(project: Project, form: re.Pattern[str], what: str) -> str:
    """The project's name. Raises UpstreamError unless it has the form of `what` (such as "a Ruby gem")."""
    if (
        len(project.name) > _LONGEST_NAME
        or not form.fullmatch(project.name)
        or set(project.name.split("/")) & {".", ".."}
    ):
        raise UpstreamError(f"{project.name!r} is no name of {what}", "", "correct src_repo in the package's yaml")
    return project.name


def read_json(project: Project, reply: Reply) -> Any:
    """The JSON value that a successful reply holds. Raises UpstreamError for anything else."""
    require_success(project, reply)
    if reply.body.lstrip()[:1] == b"<":
        raise nonsense(project, "it is a web page where JSON is expected")
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        raise nonsense(project, "it is not JSON") from None


def read_document(project: Project, reply: Reply) -> dict[str, Any]:
    """The JSON object that a successful reply holds. Raises UpstreamError for anything else."""
    document = read_json(project, reply)
    if not isinstance(document, dict):
        raise nonsense(project, "it is JSON, but no object")
    return document


def read_objects(project: Project, value: object, what: str) -> list[dict[str, Any]]:
    """A list of JSON objects of bounded length; `what` names them in the error. Raises UpstreamError otherwise."""
    if not isinstance(value, list) or len(value) > MOST_VERSIONS or not all(isinstance(one, dict) for one in value):
        raise nonsense(project, f"it lists no {what}")
    return value


def read_words(project: Project, value: object, what: str) -> list[str]:
    """A list of short readable texts; `what` names them in the error. Raises UpstreamError otherwise."""
    if not isinstance(value, list) or len(value) > MOST_VERSIONS:
        raise nonsense(project, f"it lists no {what}")
    return [read_word(project, one, f"one of the {what}") for one in value]


def read_text(project: Project, reply: Reply) -> str:
    """The text that a successful reply holds. Raises UpstreamError for a web page, for binary data and for no text."""
    require_success(project, reply)
    text = reply.body.decode("utf-8", "replace").removeprefix("\ufeff")
    if not text.strip() or "\0" in text or text.lstrip()[:1] == "<":
        raise nonsense(project, "it is no plain text")
    return text


def read_word(project: Project, value: object, what: str) -> str:
    """A name, version or URL as a short printable text without spaces at its ends. Raises UpstreamError otherwise."""
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_WORD or not value.isprintable():
        raise nonsense(project, f"{what} is not a short readable text")
    return value.strip()


def read_reason(value: object) -> str:
    """A sentence by upstream as one printable line of bounded length; "" when there is none."""
    if not isinstance(value, str):
        return ""
    line = "".join(sign if sign.isprintable() else " " for sign in value[: 4 * _LONGEST_REASON])
    return " ".join(line.split())[:_LONGEST_REASON]


def read_moment(value: object) -> datetime | None:
    """An ISO 8601 moment in UTC (no zone means UTC), or None when it is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_seconds(value: object) -> datetime | None:
    """A moment as seconds since 1970, or None when it is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def read_mail_date(value: object) -> datetime | None:
    """A moment as mail and RSS write it (RFC 2822), in UTC, or None when it is none."""
    if not isinstance(value, str) or len(value) > 60:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def read_size(value: object) -> int | None:
    """A size in bytes, or None when it is not said or makes no sense."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def read_digest(project: Project, algorithm: str, value: object) -> str:
    """A digest as lower-case hex. Raises UpstreamError when it is not one of that algorithm."""
    text = value.lower() if isinstance(value, str) else ""
    if len(text) != _DIGEST_LENGTHS.get(algorithm) or not _HEX.fullmatch(text):
        raise nonsense(project, f"a digest is no {algorithm}")
    return text


def read_address(project: Project, base: str, value: object) -> str:
    """The absolute HTTP address that `value` means beside `base`, without user, password and fragment."""
    word = read_word(project, value, "an address")
    try:
        parts = urlsplit(urljoin(base, word))
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in word
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, parts.query, "")) if usable else _refuse(project)
    except ValueError:
        return _refuse(project)


def _refuse(project: Project) -> str:
    raise nonsense(project, "an address is not one that HTTP reaches")
