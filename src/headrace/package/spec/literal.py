"""Version strings that stand as plain text outside the Version tag: Source lines, directory names, checksum names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headrace.package.spec.document import SpecDocument
from headrace.package.spec.trace import Place

_CHECKSUM = re.compile(r"[ \t]*%(?:global|define)[ \t]+\w*?(?:sha\d*|md5)\w*[ \t]+(\S+?)=", re.IGNORECASE)
_SETUP = re.compile(r"[ \t]*%(?:autosetup|setup|forgesetup)\b.*?(?<!\S)-n[ \t]*(\S+)")
_BUILD_SECTIONS = ("prep", "build", "install", "check", "conf", "generate_buildrequires")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where the old version stands, and what the new one reads like there."""

    place: Place
    text: str


def spellings(old: str, new: str) -> list[tuple[str, str]]:
    """The spellings of a version: as it is, and with `_`, `-` or nothing in place of the dots when it has two or more."""
    pairs = [(old, new)]
    if old.count(".") >= 1:
        pairs += [(old.replace(".", sign), new.replace(".", sign)) for sign in "_-"]
    return pairs


def _matches(text: str, old: str) -> Iterator[re.Match[str]]:
    return re.finditer(
        rf"(?<![0-9A-Za-z.]){re.escape(old)}(?![0-9A-Za-z]|\.\d)|(?<=[vV_-]){re.escape(old)}(?![0-9A-Za-z]|\.\d)", text
    )


def in_text(text: str, old: str, new: str, index: int, begin: int) -> Iterator[Occurrence]:
    """Where a version stands in a piece of text, in any spelling."""
    for was, becomes in spellings(old, new):
        for found in _matches(text, was):
            yield Occurrence(Place(index, begin + found.start(), begin + found.end()), becomes)


def series_in_path(url: str, old: str, new: str, index: int, begin: int) -> Iterator[Occurrence]:
    """Folders of a URL named after the version's series (`/1.6/`, `/v2.x/` is not): they follow when the series moves."""
    stop = url.rfind("/")
    was, becomes = old.split("."), new.split(".")
    for length in range(len(was) - 1, 0, -1):
        if len(becomes) <= length - 1:
            continue
        short, long = ".".join(was[:length]), ".".join(becomes[:length])
        if short == long:
            continue
        for found in re.finditer(rf"(?<=/)(v?|[A-Za-z][A-Za-z_]*-v?){re.escape(short)}(?=/)", url[: stop + 1]):
            yield Occurrence(Place(index, begin + found.start() + len(found.group(1)), begin + found.end()), long)


def occurrences(
    document: SpecDocument, names: Sequence[str], old: str, new: str, own: Sequence[int]
) -> Iterator[Occurrence]:
    """Every place outside Version where plain text must follow; `own` are the numbers of the Sources of this version."""
    for tag in document.tags:
        if tag.name == "source" and (tag.number if tag.number is not None else 0) in own:
            yield from in_text(tag.value, old, new, tag.index, tag.begin)
            yield from series_in_path(tag.value, old, new, tag.index, tag.begin)
    for section in document.sections:
        if section.name in ("", "package"):
            for index in range(section.start, section.end):
                found = _CHECKSUM.match(document.lines[index].text)
                if found:
                    yield from in_text(found.group(1), old, new, index, found.start(1))
        elif section.name in _BUILD_SECTIONS:
            for index in range(section.start + 1, section.end):
                yield from _directories(document.lines[index].text, index, names, old, new)


def _directories(text: str, index: int, names: Sequence[str], old: str, new: str) -> Iterator[Occurrence]:
    found = _SETUP.match(text)
    if found:
        yield from in_text(found.group(1), old, new, index, found.start(1))
        return
    for was, becomes in spellings(old, new)[:1]:
        for name in names:
            for match in re.finditer(
                rf"(?<![\w.-]){re.escape(name)}[-_]v?({re.escape(was)})(?![0-9A-Za-z]|\.\d)", text
            ):
                yield Occurrence(Place(index, match.start(1), match.end(1)), becomes)
