"""Version strings that stand as plain text outside the Version tag: Source lines, directory names, macros, checksum names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from headrace.package.spec.document import MacroDefinition, SpecDocument
from headrace.package.spec.trace import Place

_CHECKSUM = re.compile(r"[ \t]*%(?:global|define)[ \t]+\w*?(?:sha\d*|md5)\w*[ \t]+(\S+?)=", re.IGNORECASE)
_SETUP = re.compile(r"[ \t]*%(?:autosetup|setup|forgesetup)\b.*?(?<!\S)-[A-Za-z]*n[ \t]*(\S+)")
_COMMAND = re.compile(r"[ \t]*(?:cd|pushd|mv|cp|ln|tar|rm|install|mkdir|chmod|sed|find|patch)\b")
_ENTER = re.compile(r"[ \t]*(?:cd|pushd)\b")
_TELLING = re.compile(r"ver|maj|min|series|branch|date|release|point|patch|tag|snap|subv", re.IGNORECASE)
_OWN = re.compile(
    r"(?:real|full|upstream|up|src|source|pkg|package|tar|tarball|orig|my|base|main)_?ver(?:sion)?", re.IGNORECASE
)
_USE = re.compile(r"%\{?\??([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where the old version stands, and what the new one reads like there."""

    place: Place
    text: str


def spellings(old: str, new: str) -> list[tuple[str, str]]:
    """The spellings of a version: as it is, with other signs in place of its dots, and with `-` or nothing for `~`."""
    pairs = [(old, new)]
    if "." in old:
        pairs += [(old.replace(".", sign), new.replace(".", sign)) for sign in "_-"]
    if "~" in old:
        pairs += [(old.replace("~", sign), new.replace("~", sign)) for sign in ("-", "", ".")]
    return pairs


def _found(text: str, old: str) -> Iterator[re.Match[str]]:
    before = r"(?:(?<![0-9A-Za-z.])|(?<=[vV_-])|(?<=[A-Za-z]{3})|(?<=\.so\.))"
    return re.finditer(rf"{before}{re.escape(old)}(?![0-9A-Za-z]|\.\d)", text) if old in text else iter(())


def in_text(text: str, old: str, new: str, index: int, begin: int) -> Iterator[Occurrence]:
    """Where a version stands in a piece of text, in any spelling."""
    for was, becomes in spellings(old, new):
        if len(was) < 2 and was != text:
            continue
        for found in _found(text, was):
            yield Occurrence(Place(index, begin + found.start(), begin + found.end()), becomes)


def in_address(url: str, old: str, new: str, index: int, begin: int) -> Iterator[Occurrence]:
    """Where a version stands in a Source: its file name, and the folders named after the version or its series.

    A folder that names the old version is left when the new one only adds a part (`/1.16/` for 1.16.1): it may be a series.
    """
    folder = url.rfind("/") + 1
    for occurrence in in_text(url, old, new, index, begin):
        start, stop = occurrence.place.begin - begin, occurrence.place.stop - begin
        whole = url[:start].endswith("/") and url[stop : stop + 1] == "/"
        if not (start < folder and whole and new.startswith(old + ".")):
            yield occurrence
    was, becomes = old.split("."), new.split(".")
    for length in range(len(was) - 1, 0, -1):
        short, long = ".".join(was[:length]), ".".join(becomes[:length])
        if short == long:
            continue
        for found in re.finditer(rf"(?<=/)(v?|[A-Za-z][A-Za-z_]*-v?){re.escape(short)}(?=/)", url[:folder]):
            yield Occurrence(Place(index, begin + found.start() + len(found.group(1)), begin + found.end()), long)


def occurrences(
    document: SpecDocument, names: Sequence[str], old: str, new: str, own: Collection[int], known: Collection[str]
) -> Iterator[Occurrence]:
    """Every place outside Version where plain text must follow.

    `own` are the numbers of the Sources of this version, `known` the macros that the version is put together from.
    """
    used: set[str] = set()
    for tag in document.tags:
        if tag.name == "source" and (tag.number if tag.number is not None else 0) in own:
            used.update(_USE.findall(tag.value))
            yield from in_address(tag.value, old, new, tag.index, tag.begin)
        elif tag.name == "url" and old.count(".") > 1:
            yield from in_text(tag.value, old, new, tag.index, tag.begin)
    for section in document.sections:
        for index in range(section.start, section.end):
            text = document.lines[index].text
            if section.name in ("", "package") and (found := _CHECKSUM.match(text)):
                yield from in_text(found.group(1), old, new, index, found.start(1))
            elif section.name in _BUILD_SECTIONS:
                yield from _in_script(section.name, text, index, names, old, new, used)
    if old.count(".") > 1:
        yield from _packaged(document, old, new)
    yield from _macros(document, _reached(document, used), old, new, known)


def _in_script(
    section: str, text: str, index: int, names: Sequence[str], old: str, new: str, used: set[str]
) -> Iterator[Occurrence]:
    """A line of a build script: the directory of `%setup -n`, and directories that commands enter or name."""
    setup = _SETUP.match(text) if "%" in text else None
    if setup:
        used.update(_USE.findall(setup.group(1)))
        yield from in_text(setup.group(1), old, new, index, setup.start(1))
    elif (_ENTER if section in ("build", "conf") else _COMMAND).match(text):
        yield from _directories(text, index, names, old, new)


_BUILD_SECTIONS = ("prep", "build", "install", "check", "conf", "generate_buildrequires")


def _packaged(document: SpecDocument, old: str, new: str) -> Iterator[Occurrence]:
    """Files named after the version: they follow it, unless the build names them so itself in text that stays."""
    rows = [(section.name, index) for section in document.sections for index in range(section.start + 1, section.end)]
    told = {name for name, index in rows if name in ("build", "install") and old in document.lines[index].text}
    for name, index in rows:
        text = document.lines[index].text
        if name == "files" and not told and not text.lstrip().startswith("#"):
            yield from in_text(text, old, new, index, 0)


def _directories(text: str, index: int, names: Sequence[str], old: str, new: str) -> Iterator[Occurrence]:
    for name in names:
        for match in re.finditer(rf"(?<![\w.-]){re.escape(name)}[-_]v?({re.escape(old)})(?![0-9A-Za-z]|\.\d)", text):
            yield Occurrence(Place(index, match.start(1), match.end(1)), new)


def _reached(document: SpecDocument, used: set[str]) -> set[str]:
    """The macros that are used, and those that they use."""
    bodies = {definition.name: definition.body for definition in document.definitions}
    todo, seen = list(used), set[str]()
    while todo:
        name = todo.pop()
        if name not in seen and name in bodies:
            seen.add(name)
            todo += _USE.findall(bodies[name])
    return seen


def _macros(
    document: SpecDocument, used: Collection[str], old: str, new: str, known: Collection[str]
) -> Iterator[Occurrence]:
    """Macros that repeat the version or a part of it: those that Sources and directories use, or that say so by name."""
    for definition in document.definitions:
        if (
            definition.keyword == "undefine"
            or definition.name in (*known, "version")
            or definition.index != definition.last
        ):
            continue
        text = _repeated(definition, definition.name in used, old, new)
        if text is not None:
            place = Place(definition.index, definition.begin, definition.begin + len(definition.body), definition.name)
            yield Occurrence(place, text)


def _repeated(definition: MacroDefinition, used: bool, old: str, new: str) -> str | None:
    body = definition.body
    for was, becomes in spellings(old, new):
        if body == was and (used or (was.count(".") >= 2 and _OWN.fullmatch(definition.name))):
            return becomes
        if used and body == "v" + was:
            return "v" + becomes
    if not used:
        return None
    was_parts, parts = old.split("."), new.split(".")
    for length in range(len(was_parts) - 1, 0, -1):
        if len(parts) <= length:
            continue
        if body == ".".join(was_parts[:length]) and (length > 1 or _TELLING.search(definition.name)):
            return ".".join(parts[:length])
    if len(was_parts) == len(parts):
        for was, becomes in zip(was_parts[1:], parts[1:], strict=True):
            if body == was and len(was) >= 3:
                return becomes
    return _as_number(body, was_parts, parts)


def _as_number(body: str, was: Sequence[str], parts: Sequence[str]) -> str | None:
    """Versions written as one number: 3.39.2 as 3390200, 1.2.3 as 10203."""
    if not body.isdigit() or len(body) < 5 or not all(part.isdigit() for part in (*was, *parts)):
        return None
    for width in (2, 3):
        for trailing in range(3):
            if len(was) == len(parts) and _number(was, width, trailing) == body:
                return _number(parts, width, trailing)
    return None


def _number(parts: Sequence[str], width: int, trailing: int) -> str:
    return parts[0] + "".join(part.zfill(width) for part in parts[1:]) + "0" * (width * trailing)
