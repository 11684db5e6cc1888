"""A spec as text: every byte kept, every line, section, tag, macro definition and conditional with its place.

Nothing is expanded here. What is found is what the text says on every branch; what holds for a target is told by
`headrace.package.spec.facts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

SECTION_NAMES = (
    "package|description|prep|generate_buildrequires|conf|build|install|check|clean|files|changelog|verifyscript|"
    "sourcelist|patchlist|preuntrans|postuntrans|pretrans|posttrans|preun|postun|pre|post|"
    "triggerpostun|triggerprein|triggerun|triggerin|trigger|"
    "filetriggerin|filetriggerun|filetriggerpostun|"
    "transfiletriggerin|transfiletriggerun|transfiletriggerpostun"
)
SECTION = re.compile(rf"%({SECTION_NAMES})(?=\s|$)(.*)", re.IGNORECASE | re.DOTALL)
_SIMPLE_TAGS = frozenset(
    [
        "name",
        "version",
        "release",
        "epoch",
        "summary",
        "license",
        "sourcelicense",
        "group",
        "url",
        "bugurl",
        "vcs",
        "vendor",
        "packager",
        "distribution",
        "disturl",
        "disttag",
        "buildroot",
        "buildarch",
        "buildarchitectures",
        "exclusivearch",
        "excludearch",
        "exclusiveos",
        "excludeos",
        "icon",
        "autoreq",
        "autoprov",
        "autoreqprov",
        "prefix",
        "prefixes",
        "docdir",
        "nosource",
        "nopatch",
        "removepathpostfixes",
        "translationurl",
        "upstreamreleases",
        "modularitylabel",
        "buildsystem",
        "buildoption",
        "requires",
        "buildrequires",
        "buildconflicts",
        "buildprereq",
        "prereq",
        "provides",
        "obsoletes",
        "conflicts",
        "recommends",
        "suggests",
        "supplements",
        "enhances",
        "orderwithrequires",
    ]
)
TAG = re.compile(r"[ \t]*([A-Za-z]+)(?:[ \t]*(\d+))?(\([^)\n]*\))?[ \t]*:[ \t]*")
_DEFINITION = re.compile(r"[ \t]*%(global|define|undefine)[ \t]+([A-Za-z_]\w*)(\([^)\n]*\))?([ \t]+|$)")
_CONDITIONAL = re.compile(r"[ \t]*%(ifarch|ifnarch|ifos|ifnos|if|elifarch|elifos|elif|else|endif)(?=[^\w]|$)[ \t]*(.*)")
OPENERS = frozenset({"if", "ifarch", "ifnarch", "ifos", "ifnos"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, the line end as written (`\\n`, `\\r\\n` or nothing), and how its bytes were read."""

    text: str
    end: str = "\n"
    encoding: str = "utf-8"

    def encode(self) -> bytes:
        """The bytes of the line, line end included."""
        return (self.text + self.end).encode(self.encoding)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the spec; `start` is the index of its head line (0 for the preamble), `end` is one past its last line."""

    name: str
    argument: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tag:
    """`Name(qualifier): value` on one line. `begin`/`stop` are the value's columns, the line end and blanks left out."""

    name: str
    """The tag in lower case without its number: `source`, `patch`, `version`."""
    label: str
    """As written, number included: `Source0`."""
    number: int | None
    qualifier: str
    value: str
    index: int
    begin: int
    stop: int


@dataclass(frozen=True, slots=True)
class MacroDefinition:
    """`%global`, `%define` or `%undefine`; the body begins at column `begin` of line `index` and ends on `last`."""

    keyword: str
    name: str
    options: str | None
    body: str
    index: int
    last: int
    begin: int


@dataclass(frozen=True, slots=True)
class Branch:
    """One arm of a conditional: its keyword and expression, and the lines `start` (the keyword's) to `end` (exclusive)."""

    keyword: str
    expression: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Conditional:
    """An `%if` with all its arms; `end` is the index of `%endif` (or of the last line when it is missing)."""

    branches: tuple[Branch, ...]
    end: int


@dataclass(frozen=True)
class SpecDocument:
    """The lines of a spec. `SpecDocument.parse(data).render() == data` for any bytes."""

    lines: tuple[Line, ...]

    @classmethod
    def parse(cls, data: bytes) -> SpecDocument:
        """Read any bytes; a line that is not UTF-8 is read as Latin-1, so that nothing is lost."""
        try:
            text, whole = data.decode("utf-8"), True
        except UnicodeDecodeError:
            text, whole = data.decode("latin-1"), False
        pieces = text.split("\n")
        if pieces[-1] == "":
            pieces.pop()
            closing = "\n"
        else:
            closing = ""
        lines = [_line(piece, "\n", whole) for piece in pieces]
        if lines and not closing:
            lines[-1] = _line(pieces[-1], "", whole)
        return cls(tuple(lines))

    def render(self) -> bytes:
        """The bytes, exactly as read where no line was changed."""
        return b"".join(line.encode() for line in self.lines)

    def with_lines(self, lines: Iterable[Line]) -> SpecDocument:
        """The same spec with other lines."""
        return SpecDocument(tuple(lines))

    @property
    def newline(self) -> str:
        """The line end that the file uses."""
        return self.lines[0].end or "\n" if self.lines else "\n"

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections in order; the first is the preamble, named "" and starting at 0."""
        heads = [(0, "", "")]
        for index, line in enumerate(self.lines):
            if line.text.startswith("%") and (found := SECTION.match(line.text)) and index not in self._bodies:
                heads.append((index, found.group(1).lower(), found.group(2).strip()))
        ends = [head[0] for head in heads[1:]] + [len(self.lines)]
        return tuple(Section(name, arg, start, end) for (start, name, arg), end in zip(heads, ends, strict=True))

    def section(self, name: str) -> Section | None:
        """The first section of that name."""
        return next((section for section in self.sections if section.name == name), None)

    @property
    def changelog(self) -> Section | None:
        """The `%changelog` with entries; the first one when none has any."""
        found = [section for section in self.sections if section.name == "changelog"]
        full = [one for one in found if any(line.text.startswith("*") for line in self.lines[one.start + 1 : one.end])]
        return next(iter(full or found), None)

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """Every tag of the preamble and of `%package` sections, on all branches."""
        found = []
        for section in self.sections:
            if section.name in ("", "package"):
                for index in range(section.start, section.end):
                    tag = read_tag(self.lines[index].text, index)
                    if tag and index not in self._bodies:
                        found.append(tag)
        return tuple(found)

    @cached_property
    def definitions(self) -> tuple[MacroDefinition, ...]:
        """Every macro definition that begins a line, on all branches, wherever it stands."""
        return tuple(_definitions(self.lines))

    @cached_property
    def _bodies(self) -> frozenset[int]:
        """The lines inside a definition of several lines: what reads like a section or a tag there is part of the macro."""
        return frozenset(
            index for definition in self.definitions for index in range(definition.index + 1, definition.last + 1)
        )

    @cached_property
    def conditionals(self) -> tuple[Conditional, ...]:
        """Every conditional, in the order in which they end; an inner one comes before the one around it."""
        return tuple(_conditionals(self.lines, self._bodies))


def _line(piece: str, end: str, whole: bool) -> Line:
    encoding = "utf-8"
    if not whole:
        raw = piece.encode("latin-1")
        try:
            piece = raw.decode("utf-8")
        except UnicodeDecodeError:
            encoding = "latin-1"
    if end and piece.endswith("\r"):
        return Line(piece[:-1], "\r\n", encoding)
    return Line(piece, end, encoding)


def read_tag(text: str, index: int = 0) -> Tag | None:
    """The tag on one line, or None when the line is something else."""
    found = TAG.match(text)
    if not found:
        return None
    name, digits, qualifier = found.group(1).lower(), found.group(2) or "", found.group(3)
    if name in ("source", "patch"):
        number = int(digits) if digits and len(digits) < 10 else None
    elif digits or name not in _SIMPLE_TAGS:
        return None
    else:
        number = None
    value = text[found.end() :].rstrip()
    return Tag(
        name,
        found.group(1) + digits,
        number,
        (qualifier or "()")[1:-1].strip(),
        value,
        index,
        found.end(),
        found.end() + len(value),
    )


def joined(lines: Sequence[Line], index: int) -> int:
    """The index of the last line that is read together with line `index`: open braces and trailing backslashes go on."""
    depth = [0, 0, 0]
    last = index
    while True:
        more = open_at_end(lines[last].text, depth)
        if not more or last + 1 >= len(lines):
            return last
        last += 1


_PAIRS = {"{": (0, 1), "}": (0, -1), "(": (1, 1), ")": (1, -1), "[": (2, 1), "]": (2, -1)}
_NOTABLE = re.compile(r"\\.|\\$|%[{(\[%]|[{}()\[\]]", re.DOTALL)


def open_at_end(text: str, depth: list[int]) -> bool:
    """Whether the next line belongs to this one; `depth` counts what is open of `%{`, `%(` and `%[` and is updated."""
    if "%" not in text and not text.endswith("\\") and not any(depth):
        return False
    goes_on = False
    for mark in _NOTABLE.findall(text):
        if mark[0] == "\\":
            goes_on = len(mark) == 1
            continue
        if mark[0] == "%":
            if mark != "%%":
                depth[_PAIRS[mark[1]][0]] += 1
            continue
        kind, step = _PAIRS[mark]
        if depth[kind]:
            depth[kind] += step
    return goes_on or any(depth)


def _definitions(lines: Sequence[Line]) -> Iterable[MacroDefinition]:
    following = 0
    for index, line in enumerate(lines):
        if index < following or "%" not in line.text:
            continue
        found = _DEFINITION.match(line.text)
        if not found:
            continue
        last = joined(lines, index)
        following = last + 1
        body = [line.text[found.end() :], *(more.text for more in lines[index + 1 : following])]
        options = found.group(3)
        yield MacroDefinition(
            found.group(1),
            found.group(2),
            options[1:-1] if options else None,
            "\n".join(body).rstrip(),
            index,
            last,
            found.end(),
        )


def read_conditional(text: str) -> tuple[str, str] | None:
    """The keyword and the expression when the line is `%if`, `%elif`, `%else`, `%endif` or one of their kind."""
    found = _CONDITIONAL.match(text) if "%" in text else None
    return (found.group(1), found.group(2)) if found else None


def _conditionals(lines: Sequence[Line], bodies: frozenset[int]) -> Iterable[Conditional]:
    stack: list[list[Branch]] = []
    for index, line in enumerate(lines):
        found = read_conditional(line.text)
        if not found or index in bodies:
            continue
        keyword, expression = found
        if keyword in OPENERS:
            stack.append([Branch(keyword, expression, index, index)])
        elif stack:
            arms = stack[-1]
            arms[-1] = replace(arms[-1], end=index)
            if keyword == "endif":
                yield Conditional(tuple(stack.pop()), index)
            else:
                arms.append(Branch(keyword, expression, index, index))
    while stack:
        arms = stack.pop()
        arms[-1] = replace(arms[-1], end=len(lines))
        yield Conditional(tuple(arms), max(len(lines) - 1, 0))
