"""Config files: defaults that changed or went, and what becomes of copies that people edited."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.evidence.differences.lines import changed_lines
from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.differences.paths import Placed, pairs
from headrace.evidence.model import Rpm
from headrace.words import Message, Text


def compare_configs(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """The differences of files that are marked as config files on either side."""
    found: list[Difference] = []
    for before, after in pairs(old, new):
        was = before is not None and "config" in before.file.flags
        is_now = after is not None and "config" in after.file.flags
        if was and before is not None and after is None:
            remark = Message("the config file is gone: an edited copy becomes .rpmsave and is no longer read")
            found.append(Difference("config", before.file.path, _flags(before), "", Weight.CONCERN, remark))
        elif is_now and before is None and after is not None:
            found.append(
                Difference("config", after.file.path, "", _flags(after), Weight.NOTE, Message("a config file is added"))
            )
        elif before is not None and after is not None and (was or is_now):
            found += _changed(before, after)
    return found


def _changed(before: Placed, after: Placed) -> list[Difference]:
    found: list[Difference] = []
    path, old, new = after.file.path, _flags(before), _flags(after)
    if "config" not in after.file.flags:
        remark = Message("no longer marked as a config file: edited copies are overwritten")
        found.append(Difference("config", path, old, new, Weight.CONCERN, remark))
    elif "config" not in before.file.flags:
        found.append(Difference("config", path, old, new, Weight.NOTE, Message("now marked as a config file")))
    elif "noreplace" in before.file.flags and "noreplace" not in after.file.flags:
        remark = Message("noreplace is gone: an edited copy is replaced and kept as .rpmsave")
        found.append(Difference("config", path, old, new, Weight.CONCERN, remark))
    elif old != new:
        found.append(Difference("config", path, old, new, Weight.NOTE, Message("its marks changed")))
    if before.file.digest != after.file.digest:
        found.append(_default(before, after))
    return found


def _default(before: Placed, after: Placed) -> Difference:
    path = after.file.path
    keeps = "noreplace" in after.file.flags
    if before.file.text is None or after.file.text is None:
        was, now = before.file.digest[:16], after.file.digest[:16]
    else:
        was, now = changed_lines(before.file.text, after.file.text)
        if not was and not now:
            remark = Message("only comments and blank lines of the default changed")
            old, new = before.file.digest[:16], after.file.digest[:16]
            return Difference("config default", path, old, new, Weight.NOTE, remark)
    return Difference("config default", path, was, now, Weight.CONCERN, _remark(was, now, keeps=keeps))


def _remark(was: str, now: str, *, keeps: bool) -> Text:
    if was and not now and keeps:
        return Message(
            "the default no longer sets {lines}: an edited copy stays, the new default arrives as .rpmnew", lines=was
        )
    if was and not now:
        return Message("the default no longer sets {lines}: an edited copy is replaced and kept as .rpmsave", lines=was)
    if keeps:
        return Message("the default changed: an edited copy stays, the new default arrives as .rpmnew")
    return Message("the default changed: an edited copy is replaced and kept as .rpmsave")


def _flags(placed: Placed) -> str:
    return (
        " ".join(flag for flag in placed.file.flags if flag in {"config", "noreplace", "missingok", "ghost"}) or "none"
    )
