"""Upstream archives that Debian keeps: the signed index of a suite, then its list of sources when that has changed."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from headrace.upstream.ask import nonsense, read_digest, require_success
from headrace.upstream.model import (
    Announcement,
    Answer,
    Artefact,
    Project,
    Reply,
    Request,
    Unchanged,
    UpstreamError,
    Validator,
)
from headrace.words import Message

_DEFAULT_SUITE = "unstable"
_MOST_SUITES = 5
_RELEASE_BYTES = 4 * 1024**2
_SOURCES_BYTES = 64 * 1024**2
_TEXT_BYTES = 512 * 1024**2
_XZ_MEMORY = 128 * 1024**2
_KEPT_LISTS = 4
_PART = r"[a-z0-9][a-z0-9.+_-]{0,63}"
_SUITE = re.compile(rf"{_PART}(?:/{_PART})?")
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]{1,127}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.~_-]{0,254}")
_DIRECTORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.~_-]*(?:/[A-Za-z0-9][A-Za-z0-9+.~_-]*){0,15}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+~:-]{0,254}")
_ORIGINAL = re.compile(r"\.orig(?:-[A-Za-z0-9-]{1,64})?\.tar\.[a-z0-9]{2,4}")
_NATIVE = re.compile(r"\.tar\.[a-z0-9]{2,4}")
_REPACKED = re.compile(r"[+~.](?:dfsg|ds|repack|debian)[0-9.]*$")


@dataclass(frozen=True, slots=True)
class Stanza:
    """One source package of a suite as its list tells it: Debian's version, the directory, (file name, SHA-256, bytes)."""

    version: str
    directory: str
    files: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class _Suite:
    """What is known of one suite: the digest of its list of sources, and the package's stanzas in it."""

    digest: str
    stanzas: tuple[Stanza, ...] = ()


@dataclass(frozen=True, slots=True)
class _Dialogue:
    """Where a dialogue stands; it travels in the request, for reading keeps nothing."""

    suites: dict[str, _Suite] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    """The suites whose list has changed and is not read yet."""
    by_digest: tuple[str, ...] = ()
    """The suites whose files can be asked by their digest."""
    changed: bool = False


class DebianArchive:
    """The source `debian`. `Project.name` is the source package, `Project.address` the archive's base.

    Options: `suites` (comma separated, newest wish last; default unstable), `component` (default main). The indexes of all
    suites are asked first, then the lists that have changed; packages that ask the same suites ask equal questions. The
    lists are held to the digests that the indexes name; the indexes' own signatures are not verified here.
    """

    name = "debian"

    def __init__(self) -> None:
        self._lists = _Lists()

    def ask(self, project: Project, validator: Validator | None) -> Request:  # noqa: ARG002 - the family's shape
        """Ask for the first suite's index. Raises UpstreamError for names that Debian cannot have."""
        if not _PACKAGE.fullmatch(project.name):
            raise UpstreamError(
                f"{project.name!r} is no name of a Debian source package", "", "correct src_repo in the package's yaml"
            )
        return _ask_index(project, _suites(project)[0], _Dialogue())

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        """The next question, or all versions of the package in the suites, or that no list has changed."""
        what, _, suite = reply.request.step.partition(" ")
        dialogue = _recall(project, reply.request.memory)
        if what == "sources":
            dialogue = self._read_list(project, reply, suite, dialogue)
        elif reply.status == 404 and reply.request.url.endswith("/InRelease"):
            url = reply.request.url.removesuffix("InRelease") + "Release"
            return replace(reply.request, url=url)
        else:
            dialogue = _read_index(project, reply, suite, dialogue, _remembered(validator).get(suite))
            suites = _suites(project)
            if suite != suites[-1]:
                return _ask_index(project, suites[suites.index(suite) + 1], dialogue)
        if dialogue.fresh:
            return _ask_list(project, dialogue.fresh[0], dialogue)
        return _answer(project, dialogue) if dialogue.changed else Unchanged()

    def _read_list(self, project: Project, reply: Reply, suite: str, dialogue: _Dialogue) -> _Dialogue:
        require_success(project, reply)
        if suite not in dialogue.fresh:
            raise nonsense(project, "the reply belongs to another question")
        digest = dialogue.suites[suite].digest
        if hashlib.sha256(reply.body).hexdigest() != digest:
            raise nonsense(project, f"the list of sources of {suite} has not the digest that its index names")
        stanzas = self._lists.stanzas(project, digest, reply.body)
        suites = {**dialogue.suites, suite: _Suite(digest, stanzas)}
        return replace(dialogue, suites=suites, fresh=tuple(name for name in dialogue.fresh if name != suite))


def release_text(reply: Reply) -> bytes:
    """The signed text of an index reply, for a room that verifies signatures (InRelease is clear-signed with OpenPGP)."""
    return reply.body


def _suites(project: Project) -> list[str]:
    names = [name.strip() for name in project.options.get("suites", _DEFAULT_SUITE).split(",") if name.strip()]
    if not names or len(names) > _MOST_SUITES or len(set(names)) != len(names) or not all(map(_SUITE.fullmatch, names)):
        raise UpstreamError(
            f"the suites of {project.name} cannot be asked", f"one to {_MOST_SUITES} names, comma separated, are needed"
        )
    return names


def _component(project: Project) -> str:
    name = project.options.get("component", "main")
    if not _SUITE.fullmatch(name):
        raise UpstreamError(f"{name!r} is no component of Debian's archive")
    return name


def _ask_index(project: Project, suite: str, dialogue: _Dialogue) -> Request:
    url = f"{project.address}/dists/{suite}/InRelease"
    return Request(url, max_bytes=_RELEASE_BYTES, step=f"index {suite}", memory=_remember(dialogue))


def _ask_list(project: Project, suite: str, dialogue: _Dialogue) -> Request:
    digest = dialogue.suites[suite].digest
    folder = f"{project.address}/dists/{suite}/{_component(project)}/source"
    url = f"{folder}/by-hash/SHA256/{digest}" if suite in dialogue.by_digest else f"{folder}/Sources.xz"
    return Request(url, max_bytes=_SOURCES_BYTES, step=f"sources {suite}", memory=_remember(dialogue))


def _read_index(project: Project, reply: Reply, suite: str, dialogue: _Dialogue, known: _Suite | None) -> _Dialogue:
    if reply.status == 304 and known is not None:
        return replace(dialogue, suites={**dialogue.suites, suite: known})
    if reply.status == 404:
        raise UpstreamError(
            f"Debian's archive has no suite {suite}", "its index is not there", "correct suites in the package's yaml"
        )
    require_success(project, reply)
    digest, by_digest = _index_entry(project, reply.body, f"{_component(project)}/source/Sources.xz")
    if known is not None and known.digest == digest:
        return replace(dialogue, suites={**dialogue.suites, suite: known})
    return replace(
        dialogue,
        suites={**dialogue.suites, suite: _Suite(digest)},
        fresh=(*dialogue.fresh, suite),
        by_digest=(*dialogue.by_digest, suite) if by_digest else dialogue.by_digest,
        changed=True,
    )


def _index_entry(project: Project, body: bytes, path: str) -> tuple[str, bool]:
    """The SHA-256 that an index names for a file, and whether files can be asked by their digest."""
    section, found, by_digest = "", "", False
    for raw in body.split(b"\n-----BEGIN PGP SIGNATURE-----")[0].decode("utf-8", "replace").splitlines():
        if not raw.startswith(" "):
            section, _, value = raw.partition(":")
            by_digest = by_digest or (section == "Acquire-By-Hash" and value.strip() == "yes")
        elif section == "SHA256":
            words = raw.split()
            if len(words) == 3 and words[2] == path:
                found = read_digest(project, "sha256", words[0])
    if not found:
        raise nonsense(project, f"the index names no digest of {path}")
    return found, by_digest


class _Lists:
    """The last few lists of sources, unpacked: a hundred packages of one suite unpack its list once. Only a memo."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[bytes, dict[bytes, list[int]]]] = OrderedDict()
        self._lock = Lock()

    def stanzas(self, project: Project, digest: str, body: bytes) -> tuple[Stanza, ...]:
        """The package's stanzas in a list whose SHA-256 is `digest`."""
        with self._lock:
            if digest not in self._kept:
                text = _unpacked(project, body)
                places: dict[bytes, list[int]] = {}
                for match in re.finditer(rb"^Package:[ \t]*([^\s]{1,200})[ \t]*$", text, re.MULTILINE):
                    places.setdefault(match[1], []).append(match.start())
                self._kept[digest] = (text, places)
            self._kept.move_to_end(digest)
            while len(self._kept) > _KEPT_LISTS:
                self._kept.popitem(last=False)
            text, places = self._kept[digest]
        return tuple(_stanza(project, text, place) for place in places.get(project.name.encode(), ()))


def _unpacked(project: Project, body: bytes) -> bytes:
    unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
    try:
        text = unpacker.decompress(body, _TEXT_BYTES)
    except (lzma.LZMAError, EOFError):
        raise nonsense(project, "its list of sources is damaged") from None
    if not unpacker.eof:
        raise nonsense(project, "its list of sources stops in the middle or is too long")
    return text


def _stanza(project: Project, text: bytes, place: int) -> Stanza:
    start, end = text.rfind(b"\n\n", 0, place), text.find(b"\n\n", place)
    fields: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (
        text[start + 2 if start >= 0 else 0 : end if end >= 0 else len(text)].decode("utf-8", "replace").splitlines()
    ):
        if line.startswith((" ", "\t")):
            lines.append(line.strip())
        else:
            name, _, value = line.partition(":")
            lines = fields.setdefault(name, [value.strip()])
    version = "".join(fields.get("Version", [])[:1])
    directory = "".join(fields.get("Directory", [])[:1])
    if not _VERSION.fullmatch(version) or not _DIRECTORY.fullmatch(directory):
        raise nonsense(project, "a version or a directory is no readable text")
    return Stanza(version, directory, tuple(_file(project, line) for line in fields.get("Checksums-Sha256", [])[1:]))


def _file(project: Project, line: str) -> tuple[str, str, int]:
    words = line.split()
    if len(words) != 3 or not words[1].isdecimal() or len(words[1]) > 15 or not _FILE.fullmatch(words[2]):
        raise nonsense(project, "a file is not told by digest, size and name")
    return words[2], read_digest(project, "sha256", words[0]), int(words[1])


def upstream_version(version: str) -> tuple[str, bool]:
    """Upstream's version in a Debian version, and whether Debian repacked the archive (`1:2.0+dfsg-3` -> `2.0`, True)."""
    bare = version.partition(":")[2] if ":" in version else version
    bare = bare.rpartition("-")[0] or bare
    if "+really" in bare:
        bare = bare.rpartition("+really")[2] or bare
    short = _REPACKED.sub("", bare)
    return (short, True) if short and short != bare else (bare, False)


def _announce(project: Project, stanza: Stanza) -> tuple[Announcement, bool]:
    version, repacked = upstream_version(stanza.version)
    base = f"{project.address}/{stanza.directory}"
    names = {name for name, _, _ in stanza.files}
    artefacts = []
    for name, digest, size in stanza.files:
        ending = name[len(name.partition("_")[0]) :]
        native = "-" not in stanza.version and _NATIVE.search(ending)
        if name.endswith(".asc") or not (_ORIGINAL.search(ending) or native):
            continue
        signature = f"{base}/{name}.asc" if f"{name}.asc" in names else ""
        artefacts.append(Artefact(f"{base}/{name}", name, {"sha256": digest}, size, signature))
    artefacts.sort(key=lambda artefact: (".orig-" in artefact.filename, artefact.filename))
    prerelease = True if "~" in version else None
    # Debian's own version is no tag of upstream's: its revision would be read as part of the version.
    return Announcement(version, artefacts=tuple(artefacts), prerelease=prerelease), repacked


def _answer(project: Project, dialogue: _Dialogue) -> Answer:
    found: dict[str, Announcement] = {}
    repacks: dict[str, str] = {}
    for suite in _suites(project):
        for stanza in dialogue.suites[suite].stanzas:
            announced, repacked = _announce(project, stanza)
            version = announced.version
            if version not in found or (version in repacks and not repacked):
                found[version] = announced
                repacks.pop(version, None)
            if repacked and found[version] is announced:
                repacks[version] = stanza.version
    notes = [Message("The signatures of Debian's indexes were not verified; the lists have the digests that they name")]
    notes += [
        Message("Debian repacked {version}; its archive is not upstream's own file", version=version)
        for version in repacks.values()
    ]
    if not found:
        raise UpstreamError(
            f"{project.name} is gone from Debian's archive",
            f"no source package of that name is in {', '.join(_suites(project))}",
            "correct src_repo or suites in the package's yaml",
        )
    return Answer(tuple(found.values()), tuple(notes), json.dumps(_plain(dialogue.suites)))


def _plain(suites: dict[str, _Suite]) -> dict[str, Any]:
    return {
        name: [suite.digest, [[s.version, s.directory, [list(file) for file in s.files]] for s in suite.stanzas]]
        for name, suite in suites.items()
    }


def _shaped(plain: dict[str, Any]) -> dict[str, _Suite]:
    return {
        name: _Suite(
            digest, tuple(Stanza(v, d, tuple((n, h, size) for n, h, size in files)) for v, d, files in stanzas)
        )
        for name, (digest, stanzas) in plain.items()
    }


def _remembered(validator: Validator | None) -> dict[str, _Suite]:
    """What the last answer left; nothing when it is of another form, for then all is asked anew."""
    try:
        return _shaped(json.loads(validator.extra)) if validator is not None and validator.extra else {}
    except (ValueError, TypeError, AttributeError):
        return {}


def _remember(dialogue: _Dialogue) -> str:
    return json.dumps([_plain(dialogue.suites), dialogue.fresh, dialogue.by_digest, dialogue.changed])


def _recall(project: Project, memory: str) -> _Dialogue:
    try:
        suites, fresh, by_digest, changed = json.loads(memory)
        return _Dialogue(_shaped(suites), tuple(fresh), tuple(by_digest), bool(changed))
    except (ValueError, TypeError, AttributeError):
        raise nonsense(project, "the reply belongs to no question of ours") from None
