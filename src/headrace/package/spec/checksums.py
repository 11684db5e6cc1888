"""Digests where distributions keep them, set from new archives: text in, text out, every other byte kept.

`sources` files (`SHA512 (file) = hex`, `hex  file`), Photon's `%define sha512 name=hex` inside the spec, Azure Linux's
`*.signatures.json`, and Git LFS pointers. Nothing is computed here: the digests are given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from headrace.package.model import PackageError
from headrace.package.spec.document import MacroDefinition, SpecDocument
from headrace.package.spec.edits import LineEditor, SpecEdit
from headrace.package.spec.facts import SpecFacts, facts_of
from headrace.package.spec.trace import Place
from headrace.package.spec.value import Known, is_known
from headrace.package.spec.walk import Walk, walk
from headrace.words import Message

ALGORITHMS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
"""Names of digests and their lengths in hexadecimal digits."""
_TAGGED = re.compile(
    r"(?P<head>(?P<algo>[A-Za-z0-9-]+) \()(?P<file>[^()\s][^()]*)(?P<mid>\) ?= ?)"
    r"(?P<hex>[0-9A-Fa-f]+)(?P<tail>\s*)$"
)
_PLAIN = re.compile(r"(?P<hex>[0-9A-Fa-f]{32,128})(?P<mid>[ \t]+\*?)(?P<file>\S.*?)(?P<tail>\s*)$")
_DEFINE = re.compile(r"(sha\d+|md5)(?:sum)?", re.IGNORECASE)
_BODY = re.compile(r"(?P<key>.+?)\s*=\s*(?P<hex>[0-9A-Fa-f]{32,128})$")


class ChecksumError(PackageError):
    """A digest that must be written is not known, or the file that keeps digests cannot be read."""


@dataclass(frozen=True, slots=True)
class NewArchive:
    """An archive that takes the place of `old` (its file name until now, the same when it did not change)."""

    old: str
    new: str
    digests: Mapping[str, str] = field(default_factory=dict)
    """Algorithm in lower case -> hexadecimal digits."""


def _digest(archive: NewArchive, algorithm: str) -> str:
    key = algorithm.lower().replace("-", "")
    found = archive.digests.get(key, "")
    if key not in ALGORITHMS or len(found) != ALGORITHMS[key] or not re.fullmatch(r"[0-9a-f]+", found):
        raise ChecksumError(f"the {algorithm} digest of {archive.new} is not known", remedy="fetch the archive first")
    return found


def update_sources(text: str, archives: Sequence[NewArchive]) -> str:
    """A `sources` file with the lines of `archives` renewed, each in the algorithm and the form that it has.

    An archive without a line gets none. Raises ChecksumError when a digest that a line needs is not known.
    """
    by_name = {archive.old: archive for archive in archives}
    return "".join(_source_line(line, by_name) for line in text.splitlines(keepends=True))


def _source_line(line: str, archives: Mapping[str, NewArchive]) -> str:
    found = _TAGGED.match(line)
    if found and found["file"] in archives:
        archive = archives[found["file"]]
        return found["head"] + archive.new + found["mid"] + _digest(archive, found["algo"]) + found["tail"]
    found = _PLAIN.match(line)
    if found and found["file"] in archives:
        archive = archives[found["file"]]
        names = [name for name, length in ALGORITHMS.items() if length == len(found["hex"])]
        if names:
            return _digest(archive, names[0]) + found["mid"] + archive.new + found["tail"]
    return line


def read_sources(text: str) -> dict[str, dict[str, str]]:
    """File name -> algorithm -> digest, from a `sources` file; lines in neither form are passed over."""
    pinned: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        found = _TAGGED.match(line)
        if found:
            pinned.setdefault(found["file"], {})[found["algo"].lower().replace("-", "")] = found["hex"].lower()
            continue
        found = _PLAIN.match(line)
        names = [name for name, length in ALGORITHMS.items() if found and length == len(found["hex"])]
        if found and names:
            pinned.setdefault(found["file"], {})[names[0]] = found["hex"].lower()
    return pinned


def update_signatures(text: str, archives: Sequence[NewArchive]) -> str:
    """A `*.signatures.json` with names and SHA-256 digests renewed in place: order and layout stay.

    Raises ChecksumError when it is not such a file or a digest is not known.
    """
    try:
        data = json.loads(text)
        entries = data["Signatures"]
        names = {str(name): value for name, value in entries.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ChecksumError("the signatures file cannot be read", 'it is not {"Signatures": {file: digest}}') from None
    for archive in archives:
        was = names.get(archive.old)
        if not isinstance(was, str):
            continue
        pattern = rf"{re.escape(json.dumps(archive.old))}(\s*:\s*){re.escape(json.dumps(was))}"
        entry = f"{json.dumps(archive.new)}\\g<1>{json.dumps(_digest(archive, 'sha256'))}".replace("\\u", "\\\\u")
        text = re.sub(pattern, entry, text, count=1)
    return text


def update_defines(
    data: bytes, archives: Sequence[NewArchive], *, macros: Sequence[str] = (), files: Mapping[str, bytes] | None = None
) -> tuple[bytes, tuple[SpecEdit, ...]]:
    """A spec with its `%define sha512 name=hex` lines renewed; `name` is a file name or its beginning, as Photon writes it.

    An algorithm whose digest is not given gives way to the strongest one that is. The spec already names the new files.
    """
    document = SpecDocument.parse(data)
    walked = walk(document, macros, files)
    facts = facts_of(document, walked)
    editor = LineEditor(document)
    for definition in document.definitions:
        body = _BODY.match(definition.body) if _DEFINE.fullmatch(definition.name) else None
        if body is None or definition.index != definition.last:
            continue
        archive = _meant(definition, body["key"], archives, walked, facts)
        if archive is not None:
            _renew(document, definition, body, archive, editor)
    return editor.apply()


def _meant(
    definition: MacroDefinition, key: str, archives: Sequence[NewArchive], walked: Walk, facts: SpecFacts
) -> NewArchive | None:
    """The archive that a key stands for: named in full, else the Source right above whose name begins so, else the only one."""
    name = walked.expander.expand(key).strip()
    if not is_known(name):
        return None
    exact = [archive for archive in archives if archive.new == name]
    if exact:
        return exact[0]
    begun = [archive for archive in archives if archive.new.lower().startswith(name.lower())]
    above = [source for source in facts.sources if source.line <= definition.index]
    if above and isinstance(above[-1].filename, Known):
        nearest = [archive for archive in begun if Known(archive.new) == above[-1].filename]
        if nearest:
            return nearest[0]
    return begun[0] if len(begun) == 1 else None


def _renew(
    document: SpecDocument, definition: MacroDefinition, body: re.Match[str], archive: NewArchive, editor: LineEditor
) -> None:
    reason = Message("the digest of {file}", file=archive.new)
    algorithm = definition.name.lower().removesuffix("sum")
    if algorithm not in archive.digests:
        better = [name for name in reversed(ALGORITHMS) if name in archive.digests]
        if better:
            algorithm = better[0]
            at = document.lines[definition.index].text.index(definition.name)
            editor.replace(Place(definition.index, at, at + len(definition.name)), algorithm, reason)
    begin = definition.begin + body.start("hex")
    place = Place(definition.index, begin, definition.begin + body.end("hex"))
    editor.replace(place, _digest(archive, algorithm), reason)


def update_pointer(text: str, sha256: str, size: int) -> str:
    """A Git LFS pointer that stands for other content. Raises ChecksumError when `text` is no pointer."""
    oid = re.sub(r"(?m)^oid sha256:[0-9a-f]{64}$", f"oid sha256:{sha256}", text)
    renewed = re.sub(r"(?m)^size \d+$", f"size {size}", oid)
    if not text.startswith("version https://git-lfs.github.com/spec/v1") or not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ChecksumError("this is no Git LFS pointer that could be renewed")
    return renewed
