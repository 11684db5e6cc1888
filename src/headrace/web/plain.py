"""Foreign text made fit for a page: nothing invisible, nothing that turns the line around, nothing without end."""

from __future__ import annotations

import re

MAX_TEXT = 400_000
"""Characters of one value that a page shows; the desk bounds logs and diffs below it."""

_COLOURS = re.compile(r"\x1b\[[0-9;:]{0,32}[mK]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else f"[U+{code:04X}]"


def plain(text: str, limit: int = MAX_TEXT) -> str:
    """The text with terminal colours taken off and every control, bidirectional or invisible character made visible."""
    cut = len(text) > limit
    text = text[:limit].replace("\r\n", "\n")
    text = _INVISIBLE.sub(_shown, _COLOURS.sub("", text))
    return text + " …" if cut else text
