"""What a spec says for a target: every value known, or unknown for a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from headrace.package.spec.changelog import Entry, read_entries
from headrace.package.spec.document import Section, SpecDocument
from headrace.package.spec.prep import Applied, applications
from headrace.package.spec.value import Known, Unknown, Value, is_known, without_holes
from headrace.package.spec.walk import LARGEST, Met, Walk, walk
from headrace.words import Message, Text


@dataclass(frozen=True, slots=True)
class DeclaredFile:
    """A Source or a Patch: its number, the value as written and as it reads, the file name it stands for, its line (from 1)."""

    number: int
    raw: str
    value: Value[str]
    filename: Value[str]
    line: int
    condition: Unknown | None = None
    """Why it is not sure that it is declared at all; None when it is."""


@dataclass(frozen=True, slots=True)
class DeclaredPatch(DeclaredFile):
    """A Patch, with how `%prep` applies it: no entry when nothing does."""

    applied: tuple[Applied, ...] = ()


@dataclass(frozen=True, slots=True)
class Dependency:
    """One requirement, provision, conflict ...: `tag` in lower case, `package` its subpackage, "" for the main one."""

    tag: str
    value: Value[str]
    package: Value[str]
    line: int
    qualifier: str = ""
    condition: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Subpackage:
    """A `%package`: its full name and the line of its head (from 1)."""

    name: Value[str]
    line: int
    condition: Unknown | None = None


@dataclass(frozen=True, slots=True)
class SpecFacts:
    """Everything that is read from one spec for one target."""

    name: Value[str]
    epoch: Value[int | None]
    """Known(None) when the spec has no Epoch."""
    version: Value[str]
    release: Value[str]
    licence: Value[str]
    summary: Value[str]
    url: Value[str]
    sources: tuple[DeclaredFile, ...] = ()
    patches: tuple[DeclaredPatch, ...] = ()
    subpackages: tuple[Subpackage, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    changelog: tuple[Entry, ...] = ()
    automatic_changelog: bool = False
    """The changelog is `%autochangelog`: written by the build system."""
    sections: frozenset[str] = frozenset()
    architectures: Value[str] = field(default_factory=lambda: Known(""))
    """BuildArch; empty when there is none."""
    doubts: tuple[Text, ...] = ()
    """What may add to any of the lists without being read here: Lua, missing files. Empty when the lists are complete."""

    @property
    def evr(self) -> Value[str]:
        """[epoch:]version-release."""
        if isinstance(self.epoch, Unknown):
            return self.epoch
        if isinstance(self.version, Unknown):
            return self.version
        if isinstance(self.release, Unknown):
            return self.release
        epoch = "" if self.epoch.value is None else f"{self.epoch.value}:"
        return Known(f"{epoch}{self.version.value}-{self.release.value}")

    @property
    def has_check(self) -> bool:
        """Whether there is a `%check`."""
        return "check" in self.sections

    def _of(self, tag: str) -> tuple[Dependency, ...]:
        return tuple(dependency for dependency in self.dependencies if dependency.tag == tag)

    @property
    def build_requires(self) -> tuple[Dependency, ...]:
        """What the build needs."""
        return self._of("buildrequires")

    @property
    def requires(self) -> tuple[Dependency, ...]:
        """What the packages need."""
        return self._of("requires")

    @property
    def provides(self) -> tuple[Dependency, ...]:
        """What the packages say that they provide."""
        return self._of("provides")


DEPENDENCIES = frozenset(
    {"requires", "buildrequires", "buildconflicts", "provides", "obsoletes", "conflicts"}
    | {"recommends", "suggests", "supplements", "enhances", "orderwithrequires"}
)


def read(
    data: bytes,
    *,
    spec_name: str = "",
    macros: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
    architecture: str = "x86_64",
) -> SpecFacts:
    """Read a spec for a target: `macros` are the texts of its macro files, `files` those that lie beside the spec.

    Never raises for what a spec holds and never runs any of it. `spec_name` only serves reasons.
    """
    if len(data) > LARGEST:
        reason = Unknown(
            Message("{spec} is larger than {limit} bytes and is not read", spec=spec_name or "the spec", limit=LARGEST)
        )
        return SpecFacts(reason, reason, reason, reason, reason, reason, reason, doubts=(reason.reason,))
    document = SpecDocument.parse(data)
    return facts_of(document, walk(document, macros, files, architecture), spec_name)


def facts_of(document: SpecDocument, walked: Walk, spec_name: str = "") -> SpecFacts:
    """The facts of a spec that has been walked over."""
    tags: dict[str, Met] = {}
    for met in walked.lines:
        if (
            met.tag is not None
            and not walked.sections[met.section].name
            and met.tag.name in _SINGLE
            and not met.tag.qualifier
        ):
            tags[met.tag.name] = met
    single = {name: _single(name, tags, walked, spec_name) for name in _SINGLE}
    names = _package_names(walked, single["name"])
    log = document.changelog
    entries = (
        read_entries([line.text for line in document.lines[log.start + 1 : log.end]], log.start + 2) if log else ()
    )
    patches = _declared("patch", document, walked)
    applied = applications(
        (met for met in walked.lines if walked.sections[met.section].name == "prep"),
        [(patch.number, patch.filename.value if isinstance(patch.filename, Known) else "") for patch in patches],
    )
    return SpecFacts(
        name=single["name"],
        epoch=_epoch(single["epoch"], "epoch" in tags),
        version=single["version"],
        release=single["release"],
        licence=single["license"],
        summary=single["summary"],
        url=single["url"] if "url" in tags else Known(""),
        sources=_declared("source", document, walked),
        patches=tuple(
            DeclaredPatch(
                patch.number,
                patch.raw,
                patch.value,
                patch.filename,
                patch.line,
                patch.condition,
                applied.get(patch.number, ()),
            )
            for patch in patches
        ),
        subpackages=tuple(
            Subpackage(name, section.index + 1, _condition(section.doubt, walked))
            for section, name in zip(walked.sections, names, strict=True)
            if section.name == "package"
        ),
        dependencies=_dependencies(walked, names),
        changelog=entries,
        automatic_changelog=log is not None and _automatic(document, log),
        sections=frozenset(section.name for section in walked.sections if section.name),
        architectures=single["buildarch"] if "buildarch" in tags else Known(""),
        doubts=_doubts(walked),
    )


_SINGLE = ("name", "version", "release", "epoch", "license", "summary", "url", "buildarch")


def _automatic(document: SpecDocument, log: Section) -> bool:
    rows = (line.text.replace("{", "").replace("?", "") for line in document.lines[log.start + 1 : log.end])
    return any(row.strip().startswith("%autochangelog") for row in rows)


def _single(name: str, tags: Mapping[str, Met], walked: Walk, spec_name: str) -> Value[str]:
    met = tags.get(name)
    if met is None or met.tag is None:
        return Unknown(Message("{spec} has no {tag} tag", spec=spec_name or "the spec", tag=name.capitalize()))
    return walked.holes.value(met.doubt + met.tag.value)


def _epoch(text: Value[str], there: bool) -> Value[int | None]:
    if not there:
        return Known(None)
    if isinstance(text, Unknown):
        return text
    if not text.value.isascii() or not text.value.isdigit() or len(text.value) > 10:
        return Unknown(Message("the Epoch {text} is not a number", text=text.value))
    return Known(int(text.value))


def _condition(doubt: str, walked: Walk) -> Unknown | None:
    reason = walked.holes.reason(doubt)
    return Unknown(reason) if reason else None


def _package_names(walked: Walk, main: Value[str]) -> list[Value[str]]:
    """The package that each section belongs to."""
    names: list[Value[str]] = []
    for section in walked.sections:
        words = section.argument.split()
        if section.name != "package" or not words:
            names.append(main)
        elif words[0] == "-n" and len(words) > 1:
            names.append(walked.holes.value(words[1]))
        elif isinstance(main, Unknown):
            names.append(main)
        else:
            names.append(walked.holes.value(f"{main.value}-{words[0]}"))
    return names


def _declared(kind: str, document: SpecDocument, walked: Walk) -> tuple[DeclaredFile, ...]:
    found = []
    for met in walked.lines:
        tag = met.tag
        if tag is None or tag.name != kind or tag.number is None:
            continue
        value = tag.value
        raw = document.lines[met.index].text.partition(":")[2].strip() if met.index < len(document.lines) else value
        found.append(
            DeclaredFile(
                tag.number,
                raw or value,
                walked.holes.value(value),
                walked.holes.value(file_name(value)),
                met.index + 1,
                _condition(met.doubt, walked),
            )
        )
    return tuple(found)


def file_name(value: str) -> str:
    """The file that a Source or Patch stands for: what follows the last slash, a URL's fragment included as rpm does."""
    return value.rsplit("/", 1)[-1]


def _dependencies(walked: Walk, names: Sequence[Value[str]]) -> tuple[Dependency, ...]:
    found = []
    for met in walked.lines:
        tag = met.tag
        if tag is None or tag.name not in DEPENDENCIES:
            continue
        section = walked.sections[met.section]
        package: Value[str] = names[met.section] if section.name == "package" else Known("")
        condition = _condition(met.doubt or section.doubt, walked)
        found += [
            Dependency(tag.name, walked.holes.value(piece), package, met.index + 1, tag.qualifier, condition)
            for piece in split_dependencies(tag.value)
        ]
    return tuple(found)


def split_dependencies(text: str) -> list[str]:
    """The single requirements of one tag's value: separated by commas or blanks, comparisons and rich ones held together."""
    words: list[str] = []
    depth = 0
    held = ""
    for word in (_SPELLED.get(word, word) for word in text.replace(",", " ").split()):
        if depth or word.startswith("("):
            held = f"{held} {word}" if held else word
            depth += word.count("(") - word.count(")")
            if depth <= 0:
                words.append(held)
                held, depth = "", 0
        elif (word in _COMPARISONS and words) or (
            words and words[-1].endswith(tuple(f" {sign}" for sign in _COMPARISONS))
        ):
            words[-1] += " " + word
        else:
            words.append(word)
    return [*words, held] if held else words


_SPELLED = {"==": "=", "=<": "<=", "=>": ">="}
_COMPARISONS = ("<", ">", "=", "<=", ">=", "==", "=<", "=>")


def _doubts(walked: Walk) -> tuple[Text, ...]:
    """Lines of the preamble that are nothing but what cannot be run, and scripts that may define macros."""
    found: dict[str, Text] = {}
    for met in walked.lines:
        if met.tag is None and walked.sections[met.section].name in ("", "package") and not is_known(met.text):
            reason = walked.holes.reason(met.text)
            if reason is not None and (
                not without_holes(met.text).strip() or without_holes(met.text).lstrip().startswith("%")
            ):
                found.setdefault(str(reason), reason)
    scripted = walked.holes.reason(walked.expander.scripted)
    if scripted is not None:
        found.setdefault(str(scripted), scripted)
    return tuple(found.values())
