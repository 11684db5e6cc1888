"""Move a spec to another version, or only grow its release: the lines that must change and no other.

The version is set wherever it is defined, the release follows the file's own convention, one changelog entry is written
in the file's own style. The result is read again: what does not read as asked is refused, never handed out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from headrace.package.model import PackageError
from headrace.package.spec.changelog import ChangelogEntry
from headrace.package.spec.changelog_style import Style, style_of, written
from headrace.package.spec.commit_edit import set_commit
from headrace.package.spec.document import SpecDocument, Tag
from headrace.package.spec.edits import LineEditor, SpecEdit
from headrace.package.spec.facts import DeclaredPatch, SpecFacts, facts_of
from headrace.package.spec.literal import occurrences, spellings
from headrace.package.spec.patch_lines import drop
from headrace.package.spec.release_edit import grown, reset, snapshot
from headrace.package.spec.trace import Piece, Place, Tracer
from headrace.package.spec.value import Known, Unknown, Value
from headrace.package.spec.version_edit import spelled, version_changes
from headrace.package.spec.walk import LARGEST, Walk, walk
from headrace.words import Message, Text

__all__ = ["Bumped", "ChangelogEntry", "SpecError", "bump"]

_DAY = re.compile(r"(?<!\d)(?:19|20)\d{6}(?!\d)")
_DIGEST_FOLDER = re.compile(r"/[0-9a-f]{30,128}/")
_VERSION = re.compile(r"[0-9A-Za-z._+~^-]{1,100}")


class SpecError(PackageError):
    """The spec cannot be edited without guessing."""


@dataclass(frozen=True, slots=True)
class Bumped:
    """The edited spec: its bytes, the edits, [epoch:]version-release before and after, and what a person should know."""

    data: bytes
    edits: tuple[SpecEdit, ...]
    from_evr: str
    to_evr: str
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """A spec read for a target."""

    document: SpecDocument
    walked: Walk
    facts: SpecFacts
    name: str

    def active(self, name: str) -> Tag:
        """The tag as written on the line that holds for the target."""
        for met in reversed(self.walked.lines):
            if met.tag is not None and met.tag.name == name and self.walked.sections[met.section].name == "":
                for tag in self.document.tags:
                    if tag.index == met.index and tag.name == name:
                        return tag
        raise SpecError(f"{self.name} has no {name.capitalize()} line that could be edited", "it comes out of a macro")


def bump(
    data: bytes,
    to_version: str,
    *,
    spec_name: str = "",
    macros: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
    entry: ChangelogEntry | None = None,
    drop_patches: Collection[int] = (),
    release: str | None = None,
    commit: str = "",
) -> Bumped:
    """Edit a spec to `to_version`; the same version as now only grows the release (a rebuild, a patch more or less).

    `entry` is the changelog entry to write (None: none), `drop_patches` the numbers of patches that upstream has merged,
    `release` sets the release's number instead of the convention, `commit` the commit of a snapshot. Raises SpecError
    when any of it would be a guess.
    """
    name = spec_name or "the spec"
    if not _VERSION.fullmatch(to_version):
        raise SpecError(f"{to_version!r} is not a version", "a version has letters, digits and . _ + ~ ^ -")
    reading = _read(data, name, macros, files)
    before, at_commit = reading.facts, tuple[SpecEdit, ...]()
    if commit:
        snapshot_editor = LineEditor(reading.document)
        set_commit(reading.document, commit, snapshot_editor)
        data, at_commit = snapshot_editor.apply()
        reading = _read(data, name, macros, files)
    facts = reading.facts
    old = _settled(facts.version, name, "Version")
    new = old if to_version == old else spelled(to_version, old)
    if new is None:
        raise SpecError(
            f"{to_version} cannot be written as a Version", "rpm allows no dash in it", "write it as it shall read"
        )
    editor = LineEditor(reading.document)
    notes: list[Text] = []
    moved = new != old
    if moved:
        _set_version(reading, editor, old, new)
        notes += _stale(reading.document)
    number = _set_release(reading, editor, new if moved else "", release)
    if drop_patches:
        _drop(reading, editor, drop_patches)
    if entry is not None:
        notes += _log(reading, editor, entry, new, number)
    edited, edits = editor.apply()
    after = _read(edited, name, macros, files)
    evr = _proved(reading, after, new, drop_patches)
    notes += _behind(reading, after, old, new) if moved else []
    edits = tuple(sorted((*at_commit, *edits), key=lambda edit: edit.line))
    return Bumped(edited, edits, _told(before), evr, tuple(notes))


def _read(data: bytes, name: str, macros: Sequence[str], files: Mapping[str, bytes] | None) -> _Reading:
    if len(data) > LARGEST:
        raise SpecError(f"{name} is too large", f"it has {len(data)} bytes, {LARGEST} are read")
    document = SpecDocument.parse(data)
    walked = walk(document, macros, files)
    return _Reading(document, walked, facts_of(document, walked, name), name)


def _settled(value: Value[str], name: str, what: str) -> str:
    if isinstance(value, Unknown):
        raise SpecError(f"the {what} of {name} cannot be known", str(value.reason), "edit this spec by hand")
    return value.value


def _set_version(reading: _Reading, editor: LineEditor, old: str, new: str) -> None:
    tag = reading.active("version")
    tracer = Tracer(reading.document, reading.walked)
    pieces = tracer.tag(tag)
    changes = version_changes(tracer, tag, pieces, new)
    if changes is None:
        raise SpecError(
            f"{reading.name} cannot be moved from {old} to {new} without guessing",
            f"its Version is put together as {tag.value!r}",
            "edit the macros by hand",
        )
    for place, text in changes:
        editor.replace(place, text, Message("the version moves from {old} to {new}", old=old, new=new))
    known = {piece.place.macro for piece in pieces if piece.place is not None} | {piece.name for piece in pieces}
    own = _own_sources(reading.facts)
    for occurrence in occurrences(reading.document, _names(reading), old, new, own, known):
        reason = Message("this text repeats the version, {old} until now", old=old)
        editor.replace(occurrence.place, occurrence.text, reason)


def _names(reading: _Reading) -> list[str]:
    """What the upstream's directory may be called: the package's name as text and as the macro."""
    name = reading.facts.name.value if isinstance(reading.facts.name, Known) else ""
    return [one for one in ("%{name}", name, re.sub(r"^python\d?-", "", name)) if one]


def _own_sources(facts: SpecFacts) -> list[int]:
    """The first Source, and those whose file is named after it or after the package."""
    if not facts.sources:
        return []
    name = facts.name.value.lower() if isinstance(facts.name, Known) else ""
    first = facts.sources[0]
    stem = _stem(first.filename)
    return [
        source.number
        for source in facts.sources
        if source is first or (isinstance(source.filename, Known) and _stem(source.filename) in {stem, name} - {""})
    ]


def _stem(filename: Value[str]) -> str:
    if isinstance(filename, Unknown):
        return ""
    found = re.match(r"[A-Za-z][A-Za-z_+]*(?:-[A-Za-z][A-Za-z_+]*)*", filename.value)
    return found.group().lower() if found else ""


def _stale(document: SpecDocument) -> list[Text]:
    found = [
        definition.index + 1
        for definition in document.definitions
        if re.fullmatch(r"sha\d+|md5", definition.name, re.IGNORECASE) and "=" in definition.body
    ]
    return [
        Message("line {line} still holds the digest of the old archive; it must be set from the new one", line=line)
        for line in found
    ]


def _behind(before: _Reading, after: _Reading, old: str, new: str) -> list[Text]:
    """Sources that do not follow the version: a person must look."""
    notes = []
    was = {source.number: source.value for source in before.facts.sources}
    own = _own_sources(before.facts)
    for source in after.facts.sources:
        if source.number not in own:
            continue
        number, value = source.number, source.value
        if isinstance(value, Unknown):
            why = str(value.reason)
            notes.append(Message("it is not known whether Source{number} follows: {why}", number=number, why=why))
        elif _DIGEST_FOLDER.search(value.value):
            text = Message(
                "Source{number} lies at a digest of the old archive: {value}", number=number, value=value.value
            )
            notes.append(text)
        elif value == was.get(number):
            notes.append(Message("Source{number} reads as before: {value}", number=number, value=value.value))
        elif any(text in value.value for text, becomes in spellings(old, new) if len(text) > 2 and text not in becomes):
            still = Message("Source{number} still names {old}: {value}", number=number, old=old, value=value.value)
            notes.append(still)
    names = {patch.number: patch.filename for patch in before.facts.patches}
    for patch in after.facts.patches:
        was_named, is_named = names.get(patch.number), patch.filename
        if isinstance(was_named, Known) and isinstance(is_named, Known) and was_named != is_named:
            renamed = Message(
                "Patch{number} names {new} now, {old} until now: rename the file or write its name out",
                number=patch.number,
                new=is_named.value,
                old=was_named.value,
            )
            notes.append(renamed)
    return notes


def _set_release(reading: _Reading, editor: LineEditor, moved: str, wanted: str | None) -> str:
    """Edit the release; returns its number for the changelog, "" when the build system counts."""
    tag = reading.active("release")
    if "%autorelease" in tag.value.replace("{", "").replace("}", "").replace("?", ""):
        return ""
    pieces = Tracer(reading.document, reading.walked).tag(tag)
    state = snapshot(tag) if moved else None
    changes: list[tuple[Place, str]] | None
    if state is not None and not _DAY.search(moved):
        changes = [(state, wanted or "1")]
        pieces = [Piece(tag.value, Place(tag.index, tag.begin, tag.stop))]
    elif moved or wanted is not None:
        changes = reset(pieces, wanted or "1")
    else:
        step = grown(pieces)
        changes = [step] if step else None
    if changes is None:
        raise SpecError(f"the Release of {reading.name} has no number that could be set", f"it reads {tag.value!r}")
    reason = (
        Message("the release starts anew with the version")
        if moved
        else Message("the release grows: same version, built anew")
    )
    text = "".join(_after(piece.text, piece.place, changes) for piece in pieces if piece.place is not None)
    for place, new in changes:
        editor.replace(place, new, reason)
    return re.sub(r"%\{\??dist\}.*|%\??dist.*", "", text).strip().rstrip(".")


def _after(text: str, place: Place, changes: Sequence[tuple[Place, str]]) -> str:
    for changed, new in changes:
        if changed.index == place.index and place.begin <= changed.begin and changed.stop <= place.stop:
            return text[: changed.begin - place.begin] + new + text[changed.stop - place.begin :]
    return text


def _drop(reading: _Reading, editor: LineEditor, numbers: Collection[int]) -> None:
    declared = {patch.number for patch in reading.facts.patches}
    for number in sorted(set(numbers) - declared):
        raise SpecError(
            f"{reading.name} declares no patch {number}", remedy="name patches by their numbers in the spec"
        )
    drop(reading.document, reading.facts.patches, frozenset(numbers), editor)


def _log(reading: _Reading, editor: LineEditor, entry: ChangelogEntry, version: str, number: str) -> list[Text]:
    section = reading.document.changelog
    if reading.facts.automatic_changelog or section is None:
        return [] if section is not None else [Message("the spec has no %changelog; no entry was written")]
    notes: list[Text] = []
    entries = reading.facts.changelog
    first = entries[0].line - 1 if entries else section.start + 1
    raw = [line.text for line in reading.document.lines[first : section.end]]
    style: Style = style_of(entries, raw)
    newest = entries[0].day if entries else None
    if newest is not None and entry.day < newest:
        notes.append(
            Message(
                "the entry takes the date of the newest one, {day}: rpm refuses an older one above it",
                day=newest.isoformat(),
            )
        )
        entry = ChangelogEntry(entry.author, newest, entry.lines)
    epoch = reading.facts.epoch.value if isinstance(reading.facts.epoch, Known) else None
    rows = written(entry, style, (epoch, version, number or "1"))
    if style.blank_between and entries:
        rows.append("")
    editor.insert(first, rows, Message("the change is told in the changelog"))
    return notes


def _proved(before: _Reading, after: _Reading, version: str, dropped: Collection[int]) -> str:
    """The EVR after the edit. Raises SpecError when the edited spec does not read as it must."""
    was, now = before.facts, after.facts
    kept = [patch for patch in was.patches if patch.number not in set(dropped)]
    wrong = [
        what
        for what, right in (
            ("version", now.version == Known(version)),
            ("name", now.name == was.name),
            ("epoch", now.epoch == was.epoch),
            ("patches", [patch.raw for patch in now.patches] == [patch.raw for patch in kept]),
            ("patch numbers", all(map(_still_applied, kept, now.patches))),
            ("sources", len(now.sources) == len(was.sources)),
            ("sections", now.sections == was.sections),
        )
        if not right
    ]
    if wrong:
        raise SpecError(
            f"{after.name} would not read as version {version} after the edit",
            f"differing: {', '.join(wrong)}",
            "edit this spec by hand",
        )
    return _told(now)


def _still_applied(before: DeclaredPatch, after: DeclaredPatch) -> bool:
    """A patch without a number of its own may move up when one above it goes, unless `%patch` names it by number."""
    return before.number == after.number or all(one.how != "%patch" for one in before.applied)


def _told(facts: SpecFacts) -> str:
    """[epoch:]version-release, as much of it as is known."""
    evr = facts.evr
    if isinstance(evr, Known):
        return evr.value
    epoch = f"{facts.epoch.value}:" if isinstance(facts.epoch, Known) and facts.epoch.value is not None else ""
    return epoch + (facts.version.value if isinstance(facts.version, Known) else "?")
