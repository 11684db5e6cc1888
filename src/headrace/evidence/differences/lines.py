"""Lines of settings that changed, comments and blank lines left out."""

from __future__ import annotations

from collections import Counter

_COMMENTS = ("#", ";", "//", "--")
_SHOWN = 600


def settings_of(text: str) -> Counter[str]:
    """The lines that set something, blanks within them evened out."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return Counter(line for line in lines if line and not line.startswith(_COMMENTS))


def changed_lines(old: str, new: str) -> tuple[str, str]:
    """What only the old and what only the new text sets, each on one line; both "" when they set the same."""
    before, after = settings_of(old), settings_of(new)
    return _joined(before - after), _joined(after - before)


def _joined(lines: Counter[str]) -> str:
    text = " | ".join(lines.elements())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " ..."
