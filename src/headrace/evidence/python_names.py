"""The public names of a Python module, read from its text line by line; the text is never compiled nor run."""

from __future__ import annotations

import re

DECLARED = "__all__"
"""Stands among the names of a module that lists its public names itself; the others are then exactly those."""

_MAX_NAMES = 5000
_MAX_DECLARATION = 200
_DEFINED = re.compile(r"(?:async[ \t]+def|def|class)[ \t]+([A-Za-z]\w*)")
_ASSIGNED = re.compile(r"([A-Za-z]\w*)[ \t]*(?::[^=\n]{1,200})?=(?!=)")
_FROM = re.compile(r"from[ \t]+([\w.]+)[ \t]+import[ \t]+(.*)")
_IMPORTED = re.compile(r"(\w+)(?:[ \t]+as[ \t]+(\w+))?")
_ALL = re.compile(r"__all__[ \t]*(?::[^=\n]{1,200})?\+?=")
_QUOTED = re.compile(r"""["'](\w+)["']""")
_TRIPLE = re.compile(r'"""|\'\'\'')


def public_names(text: str, package: str = "") -> tuple[str, ...]:
    """What a module offers: its `__all__` when it has one, else its top-level functions, classes and variables and what it
    takes by name from its own package (relatively, or as `package`). Names with a leading `_` are private. Sorted.
    """  # fmt: skip
    reader = _Reader(package)
    for line in text.splitlines():
        reader.read(line)
    if reader.declared:
        return (DECLARED, *sorted(reader.declared))[:_MAX_NAMES]
    return tuple(sorted(name for name in reader.found if not name.startswith("_")))[:_MAX_NAMES]


class _Reader:
    """Where in a module the next line stands: within a long text, a list of imports, or the declaration of names."""

    def __init__(self, package: str) -> None:
        self._package = package
        self.found: set[str] = set()
        self.declared: set[str] = set()
        self._text = ""
        self._importing = False
        self._own = False
        self._declaring = 0

    def read(self, line: str) -> None:
        if self._text:
            if self._text in line:
                self._text = ""
        elif self._importing:
            self._importing = ")" not in line
            self._imported(line.partition(")")[0])
        elif self._declaring:
            self._declares(line)
        else:
            self._plain(line)
            self._text = _opens(line)

    def _plain(self, line: str) -> None:
        stripped = line.strip()
        nested = line[:1] in {" ", "\t"}
        imported = _FROM.match(stripped)
        if imported:
            names = imported[2]
            self._own = imported[1].startswith(".") or imported[1].partition(".")[0] == self._package
            self._importing = names.startswith("(") and ")" not in names
            self._imported(names.strip("() \\"))
        elif not nested and _ALL.match(stripped):
            self._declaring = _MAX_DECLARATION
            self._declares(stripped.partition("=")[2])
        elif not nested and (named := _DEFINED.match(stripped) or _ASSIGNED.match(stripped)):
            self.found.add(named[1])

    def _imported(self, text: str) -> None:
        if not self._own:
            return
        for part in text.partition("#")[0].split(","):
            if match := _IMPORTED.match(part.strip()):
                self.found.add(match[2] or match[1])

    def _declares(self, text: str) -> None:
        text = text.partition("#")[0]
        self.declared.update(_QUOTED.findall(text))
        self._declaring = 0 if any(end in text for end in ")]") else self._declaring - 1


def _opens(line: str) -> str:
    """The quotes of a text that goes on in the next line, or ""."""
    if '"""' not in line and "'''" not in line:
        return ""
    quotes = _TRIPLE.findall(line)
    return quotes[-1] if len(quotes) % 2 else ""
