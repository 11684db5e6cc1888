"""Tag prefixes as maintainers write them: plain text mostly, now and then a small pattern. Never run as one.

What is understood: `^` at the start, `.*` (anything), `X?` and `(...)?` (may be missing), `\\` before a sign. A point stands
for itself, for people write `^ver.` and mean the point.
"""

from __future__ import annotations

from dataclasses import dataclass

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Prefix:
    """What a package's metadata says about the beginning of its tags."""

    text: str
    parts: tuple[tuple[str, bool], ...]
    """Literal pieces and whether each may be missing."""
    anywhere: bool = False

    @property
    def is_telling(self) -> bool:
        """Whether it says more than `v` or nothing at all: only then is it evidence about the product."""
        letters = "".join(piece for piece, optional in self.parts if not optional).lower().strip("-_./")
        return letters not in (
            "",
            "v",
            "ver",
            "version",
            "release",
            "rel",
            "r",
            "tag",
            "releases",
            "refs/tags",
            "upstream",
        )

    def match(self, tag: str) -> int:
        """How many characters of `tag` the prefix covers, 0 when it does not match (an empty prefix covers none)."""
        if not self.anywhere:
            return self._match_at(tag, 0)
        first = self.parts[0][0] if self.parts else ""
        return self._match_at(tag, tag.find(first)) if first and first in tag else 0

    def skipped(self, tag: str) -> int:
        """How many characters of a matching tag stand before what the prefix spells out (only with `.*` at its start)."""
        return max(0, tag.find(self.parts[0][0])) if self.anywhere and self.parts else 0

    def _match_at(self, tag: str, at: int) -> int:
        for piece, optional in self.parts:
            if tag.startswith(piece, at):
                at += len(piece)
            elif not optional:
                return 0
        return at


def parse_prefix(text: str | None) -> Prefix:
    """Read a `tag_prefix`; one that is too long or not understood is taken as plain text."""
    text = (text or "").strip()
    rest = text[:_LONGEST].removeprefix("^").replace("\\", "")
    anywhere = rest.startswith(".*")
    rest = rest.removeprefix(".*")
    parts: list[tuple[str, bool]] = []
    plain = ""
    index = 0
    while index < len(rest):
        if rest[index] == "(" and (end := rest.find(")", index)) > 0:
            optional = rest[end + 1 : end + 2] == "?"
            parts += [(plain, False), (rest[index + 1 : end], optional)]
            plain, index = "", end + 1 + optional
        elif rest[index + 1 : index + 2] == "?":
            parts += [(plain, False), (rest[index], True)]
            plain, index = "", index + 2
        else:
            plain += rest[index]
            index += 1
    parts.append((plain, False))
    return Prefix(text, tuple((piece, optional) for piece, optional in parts if piece), anywhere)
