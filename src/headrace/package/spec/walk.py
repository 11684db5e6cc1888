"""Walk over a spec as rpm's parser does: lines expanded, conditionals decided, tags and sections met in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headrace.package.spec.document import (
    OPENERS,
    SECTION,
    SECTION_NAMES,
    SpecDocument,
    Tag,
    joined,
    read_conditional,
    read_tag,
)
from headrace.package.spec.expand import Expander
from headrace.package.spec.expression import ExpressionError, UnsettledError, evaluate, truth
from headrace.package.spec.macros import Macro, MacroTable, read_macro_files
from headrace.package.spec.natives import NATIVES
from headrace.package.spec.scan import short
from headrace.package.spec.targets import rpm_macros
from headrace.package.spec.value import Holes, is_known, without_holes
from headrace.words import Message

LARGEST = 4_000_000
"""Bytes of a spec that are read; the largest known spec has a tenth of it."""
_MOST_LINES = 100_000
_KEPT = frozenset(
    ["autosetup", "autopatch", "setup", "patch", "autochangelog", "include", *SECTION_NAMES.split("|")]
    + ["if", "ifarch", "ifnarch", "ifos", "ifnos", "elif", "elifarch", "elifos", "else", "endif"]
    + [f"patch{number}" for number in range(1000)]
)
"""Words that rpm's parser reads itself, wherever macros are expanded."""
_EXPANDED = frozenset({"", "package", "prep", "sourcelist", "patchlist"})
_DEFINES = re.compile(r"[ \t]*%|.*%(?:\{?(?:define|global|undefine|load|include)\b|\{(?:lua|expand):)", re.DOTALL)
"""Elsewhere only such lines are expanded: they may begin a section or define what a later line uses."""


@dataclass(frozen=True, slots=True)
class Met:
    """One line as it reads for the target: expanded (holes inside), with its section and its place in the file."""

    text: str
    index: int
    """The index of the line in the file (the first of a chunk that is read together)."""
    section: int
    """Which section it stands in: an index into `Walk.sections`."""
    doubt: str = ""
    """A hole when the line stands under a condition that cannot be judged."""
    tag: Tag | None = None
    """In the preamble and in `%package`: the tag on the expanded line."""


@dataclass(slots=True)
class MetSection:
    """A section as met: its name and argument, expanded, and the index of its head line."""

    name: str
    argument: str
    index: int
    doubt: str = ""


@dataclass(slots=True)
class Walk:
    """The outcome: the lines that hold, the sections, and the macro table as it stands at the end."""

    expander: Expander
    sections: list[MetSection] = field(default_factory=list)
    lines: list[Met] = field(default_factory=list)
    then: dict[int, dict[str, Macro]] = field(default_factory=dict)
    """Line index of each Version and Release -> what the spec had defined when it was read."""

    @property
    def holes(self) -> Holes:
        """The reasons behind the holes."""
        return self.expander.holes


@dataclass(slots=True)
class _Arm:
    """The state of one open conditional."""

    taken: bool
    """An arm before, or this one, was taken for certain."""
    reading: bool
    outer: bool
    doubt: str
    outer_doubt: str


class _Walker:
    """One reading. `architecture` and `system` decide `%ifarch` and `%ifos`."""

    def __init__(self, walk: Walk, architecture: str, system: str) -> None:
        self.walk = walk
        self.expander = walk.expander
        self.architecture = architecture
        self.system = system
        self.stack: list[_Arm] = []
        self.reading = True
        self.main = True
        self.counters = {"source": -1, "patch": -1}
        walk.sections.append(MetSection("", "", 0))

    def run(self, document: SpecDocument) -> None:
        """Read the whole spec."""
        for text, index in self._chunks(document):
            self.expander.line = index + 1
            self._chunk(text, index)
            if len(self.walk.lines) > _MOST_LINES:
                break

    def _chunk(self, text: str, index: int) -> None:
        conditional = read_conditional(text.replace("\\\n", " ") if "\n" in text else text)
        if conditional:
            self._conditional(*conditional)
        elif self.reading:
            self._text(text, index)
        elif "\n" in text:
            self._skipped(text, index)

    def _skipped(self, text: str, index: int) -> None:
        """A chunk in a branch that is not read may end that branch on one of its lines."""
        for offset, piece in enumerate(text.split("\n")):
            found = read_conditional(piece)
            if found:
                self._conditional(*found)
            elif self.reading:
                self._text(piece, index + offset)

    def _chunks(self, document: SpecDocument) -> Iterator[tuple[str, int]]:
        lines, index = document.lines, 0
        while index < len(lines):
            text = lines[index].text
            if "%" not in text and not text.endswith("\\"):
                yield text, index
                index += 1
                continue
            last = joined(lines, index)
            if last > index:
                text = "\n".join(line.text for line in lines[index : last + 1])
            yield text, index
            index = last + 1

    def _text(self, text: str, index: int) -> None:
        section = self.walk.sections[-1]
        if "%" not in text or (section.name not in _EXPANDED and not _DEFINES.match(text)):
            self._pieces(text, index, text.count("\n"))
            return
        expanded = self.expander.expand(text)
        if text.lstrip().startswith("#"):
            return
        if text.startswith("%include") and self._include(expanded, index):
            return
        self._pieces(expanded, index, text.count("\n"))

    def _pieces(self, text: str, index: int, breaks: int) -> None:
        """Each line of what a chunk became; conditionals inside it hold as if they stood alone."""
        if "\n" not in text:
            self._line(text, index)
            return
        pieces = text.split("\n")
        same = len(pieces) == breaks + 1
        for offset, piece in enumerate(pieces):
            found = read_conditional(piece)
            if found:
                self._conditional(*found)
            elif self.reading:
                self._line(piece, index + offset if same else index)

    def _include(self, expanded: str, index: int) -> bool:
        path = expanded.partition("%include")[2].strip()
        data = (
            self.expander.files.get(path, self.expander.files.get(path.rsplit("/", 1)[-1])) if is_known(path) else None
        )
        if data is None:
            hole = self.expander.hole(
                Message("it may come from the included file {path}, which is not here", path=short(path))
            )
            self.expander.distrust(hole)
            self._keep(hole, index)
            return True
        if len(self.walk.lines) + data.count(b"\n") < _MOST_LINES and len(self.stack) < 50:
            for text, _ in self._chunks(SpecDocument.parse(data)):
                if not text.startswith("%include"):
                    self._chunk(text, index)
        return True

    def _line(self, text: str, index: int) -> None:
        if text.startswith("%"):
            found = SECTION.match(text)
            if found:
                name = found.group(1).lower()
                self.main = self.main and name == ""
                self.walk.sections.append(MetSection(name, found.group(2).strip(), index, self.expander.doubt))
                return
        if text.lstrip().startswith("#"):
            return
        self._keep(text, index)

    def _keep(self, text: str, index: int) -> None:
        name = self.walk.sections[-1].name
        tag = None
        if name in ("", "package"):
            tag = read_tag(without_holes_before(text), index)
            if tag is not None:
                tag = self._tag(tag)
        elif name in ("sourcelist", "patchlist") and text.strip():
            kind = name[:-4]
            tag = self._tag(Tag(kind, kind.capitalize(), None, "", text.strip(), index, 0, len(text)))
        self.walk.lines.append(Met(text, index, len(self.walk.sections) - 1, self.expander.doubt, tag))

    def _tag(self, tag: Tag) -> Tag:
        """What a tag does to the macros: `%{name}`, `%{SOURCE0}` and so on."""
        if tag.name in self.counters:
            number = tag.number if tag.number is not None else self.counters[tag.name] + 1
            self.counters[tag.name] = number
            place = "%{_sourcedir}/" + tag.value.rsplit("/", 1)[-1].replace("%", "%%")
            self._set(f"{tag.name.upper()}{number}", place)
            return Tag(tag.name, tag.label, number, tag.qualifier, tag.value, tag.index, tag.begin, tag.stop)
        if tag.name in ("version", "release"):
            own = self.expander.table.own
            self.walk.then[tag.index] = {name: stack[-1] for name, stack in own.items() if stack}
        if self.walk.sections[-1].name == "" and tag.name in _NAMED and not tag.qualifier:
            value = tag.value.replace("%", "%%")
            self._set(tag.name, value)
            self._set(tag.name.upper(), value)
        return tag

    def _set(self, name: str, body: str) -> None:
        self.expander.table.define(name, Macro(body, None, 0, self.expander.doubt, self.expander.line or 1))

    def _conditional(self, keyword: str, expression: str) -> None:
        if keyword in OPENERS:
            self._open(keyword, expression)
        elif not self.stack:
            return
        elif keyword == "endif":
            arm = self.stack.pop()
            self.reading, self.expander.doubt = arm.outer, arm.outer_doubt
        else:
            self._next(keyword, expression)

    def _open(self, keyword: str, expression: str) -> None:
        if len(self.stack) > 200:
            expression = "0"
        outer, outer_doubt = self.reading, self.expander.doubt
        verdict: bool | str = self._judge(keyword, expression) if outer else False
        arm = _Arm(verdict is True, False, outer, verdict if isinstance(verdict, str) else "", outer_doubt)
        self.stack.append(arm)
        self.reading = outer and verdict is not False
        self.expander.doubt = outer_doubt or arm.doubt

    def _next(self, keyword: str, expression: str) -> None:
        arm = self.stack[-1]
        verdict: bool | str = False
        if arm.outer and not arm.taken:
            self.reading = True
            verdict = True if keyword == "else" else self._judge(keyword.replace("el", "", 1), expression)
        if isinstance(verdict, str):
            arm.doubt = arm.doubt or verdict
        arm.taken = arm.taken or verdict is True
        self.reading = arm.outer and verdict is not False
        self.expander.doubt = arm.outer_doubt or arm.doubt

    def _judge(self, keyword: str, expression: str) -> bool | str:
        """Whether the arm is read; a hole when that cannot be told."""
        expanded = self.expander.expand(expression)
        if keyword != "if":
            if not is_known(expanded):
                return self._doubt(expanded)
            subject = self.architecture if keyword.endswith("arch") else self.system
            listed = subject in without_holes(expanded).replace(",", " ").split()
            return listed is not keyword.startswith("ifn")
        try:
            return truth(evaluate(expanded))
        except UnsettledError as unsettled:
            return self._doubt(unsettled.text)
        except ExpressionError as error:
            if not is_known(expanded):
                return self._doubt(expanded)
            return self.expander.hole(
                Message("the condition {text} is refused: {why}", text=short(expression), why=str(error))
            )

    def _doubt(self, text: str) -> str:
        reason = self.walk.holes.reason(text)
        return self.expander.hole(
            Message("it stands under a condition that cannot be judged: {reason}", reason=str(reason))
        )


_NAMED = frozenset(
    {"name", "version", "release", "epoch", "summary", "license", "url", "group", "vendor", "packager", "bugurl"}
)


def without_holes_before(text: str) -> str:
    """The line without holes in front of its tag name, so that the tag is still seen; its value keeps its own."""
    if is_known(text):
        return text
    head, colon, value = text.partition(":")
    return without_holes(head) + colon + value if colon else text


def walk(
    document: SpecDocument,
    macros: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
    architecture: str = "x86_64",
    system: str = "linux",
) -> Walk:
    """Walk over `document` for a target: `macros` are the texts of its macro files, `files` those beside the spec."""
    table = MacroTable(target=read_macro_files((*rpm_macros(architecture, system), *macros)))
    result = Walk(Expander(table, Holes(), NATIVES, files or {}, _KEPT))
    _Walker(result, architecture, system).run(document)
    return result
