"""One line of a tag list in, one line of a choice out: the choice of a version for scripts and for whole corpora."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime

from headrace.upstream.choose import choose
from headrace.upstream.model import Announcement, Choice, Takes, UpstreamError
from headrace.words import say

LONGEST_LINE = 64 * 1024 * 1024
"""Longer lines are answered with a reason instead of being read."""

MOST_TAGS = 200_000
"""Longer tag lists are answered with a reason."""

_HOSTS = {
    "gitlab.gnome": "https://gitlab.gnome.org/GNOME/",
    "github": "https://github.com/",
    "metacpan": "cpan/",
    "gitee": "https://gitee.com/",
}


def pick_lines(lines: Iterable[str | bytes], *, today: date | None = None, cool_down_days: int = 0) -> Iterator[str]:
    """Answer each line in turn, as soon as it is read; a line that cannot be read is answered with its reason."""
    for line in lines:
        if line.strip():
            yield json.dumps(pick_line(line, today=today, cool_down_days=cool_down_days), ensure_ascii=False)


def pick_line(line: str | bytes, *, today: date | None = None, cool_down_days: int = 0) -> dict[str, object]:
    """The answer to one line, as an object for JSON: see `pick` for its keys. Never raises on what the line holds."""
    record: Mapping[str, object] = {}
    try:
        record = _record(line)
        choice = pick(record, today=today, cool_down_days=cool_down_days)
    except (UpstreamError, RecursionError, ValueError) as error:
        return _answer(record, None, f"the line cannot be read: {str(error)[:200]}")
    return _answer(record, choice, say(choice.reason))


def _record(line: str | bytes) -> Mapping[str, object]:
    if len(line) > LONGEST_LINE:
        raise UpstreamError(f"it is longer than {LONGEST_LINE // 1024 // 1024} MiB")
    loaded = json.loads(line.decode("utf-8") if isinstance(line, bytes) else line)
    if not isinstance(loaded, dict):
        raise UpstreamError("it is JSON, but no object")
    return loaded


def pick(record: Mapping[str, object], *, today: date | None = None, cool_down_days: int = 0) -> Choice:
    """Choose from one record.

    Keys: package, version_control, src_repo, tag_prefix, separator, current (may be missing), raw_tags or tags, tag_dates
    (tag -> ISO day). Other keys mean nothing here. Raises UpstreamError when the tags are no list of texts.
    """
    return choose(
        _announcements(record),
        current=_text(record, "current"),
        takes=Takes.ANY,
        tag_prefix=_text(record, "tag_prefix"),
        separator=_text(record, "separator") or ".",
        today=today,
        cool_down_days=cool_down_days,
        project=identity_of(_text(record, "package"), _text(record, "version_control"), _text(record, "src_repo")),
    )


def identity_of(package: str, version_control: str, src_repo: str) -> str:
    """What `choose` wants to know a project by: the package's name and the address of its repository."""
    repository = src_repo if "://" in src_repo else _HOSTS.get(version_control, "") + src_repo
    return f"{package.strip()} {repository.strip()}".strip()


def _text(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    return value.strip() if isinstance(value, str) else ""


def _announcements(record: Mapping[str, object]) -> list[Announcement]:
    tags = record.get("raw_tags", record.get("tags"))
    if tags is None:
        raise UpstreamError("it has neither raw_tags nor tags")
    if not isinstance(tags, list):
        raise UpstreamError("its tags are no list")
    if len(tags) > MOST_TAGS:
        raise UpstreamError(f"it has more than {MOST_TAGS} tags")
    dates = record.get("tag_dates")
    days = dates if isinstance(dates, Mapping) else {}
    found: list[Announcement] = []
    for entry in tags:
        tag, day = _entry(entry)
        if tag:
            found.append(Announcement(tag, tag, _day(days.get(tag, day))))
    return found


def _entry(entry: object) -> tuple[str, object]:
    """A tag as a text, or as an object with its name and its day."""
    if isinstance(entry, Mapping):
        name = entry.get("name", entry.get("tag", entry.get("version")))
        return (name if isinstance(name, str) else "", entry.get("date", entry.get("released")))
    if isinstance(entry, (int, float)) and not isinstance(entry, bool):
        return str(entry), None
    return (entry if isinstance(entry, str) else "", None)


def _day(value: object) -> datetime | None:
    """The day of a release; what is no day counts as not known."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip()[:32])
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _answer(record: Mapping[str, object], choice: Choice | None, reason: str) -> dict[str, object]:
    """The keys are package, source, stable, prerelease, scheme, reason, rejected, confidence; tag and settles when known."""
    answer: dict[str, object] = {
        "package": record.get("package"),
        "source": record.get("source"),
        "stable": choice.version if choice else None,
        "prerelease": choice.prerelease if choice else None,
        "scheme": choice.scheme if choice else "",
        "reason": reason,
        "rejected": [{"version": r.version, "reason": say(r.reason)} for r in choice.rejected] if choice else [],
        "confidence": choice.confidence if choice else 0.0,
    }
    if choice and choice.tag:
        answer["tag"] = choice.tag
    if choice and choice.settles is not None:
        answer["settles"] = say(choice.settles)
    return answer
