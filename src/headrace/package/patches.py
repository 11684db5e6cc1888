"""Patches as values: what a patch file says, read without loss and written back byte for byte.

Reads unified diffs and git's format-patch mails as people keep them: prose between files, CRLF, missing final newlines,
renames, mode changes, binary parts (flagged, never interpreted). What cannot be read raises PatchError; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from headrace.package.model import PackageError

MAX_BYTES = 32 * 1024 * 1024
"""A larger patch is refused."""

_MAX_HEADER_LINE = 8192
_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_DATED = re.compile(r"[ \t]+(?:\d{4}-\d\d-\d\d|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|\(revision|\(working).*$")
_SERIES = re.compile(rb"^From [0-9a-f]{40} ", re.MULTILINE)
_EXTENDED = (
    b"index ", b"old mode ", b"new mode ", b"deleted file mode ", b"new file mode ", b"copy from ", b"copy to ",
    b"rename from ", b"rename to ", b"similarity index ", b"dissimilarity index ",
)  # fmt: skip
_ESCAPES = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, '"': 34, "\\": 92}


class PatchError(PackageError):
    """A patch file cannot be read; the detail names the line."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk. `lines` are raw, marker and line end included; `heading` is the raw `@@` line."""

    heading: bytes
    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[bytes, ...]
    chopped: int = 0
    """Blank context lines that an editor cut from the end of the file; counted by the heading, not written."""

    def marked(self, *, strip_cr: bool = False) -> list[tuple[str, bytes]]:
        """The lines as (marker, text with its line end); a line whose newline is denied has none."""
        marked: list[tuple[str, bytes]] = []
        for line in self.lines:
            if line.startswith(b"\\"):
                marker, text = marked[-1]
                marked[-1] = (marker, text.removesuffix(b"\n"))
                continue
            bare = line[:1] in (b"\n", b"\r")  # a context line whose leading space was lost
            text = line if bare else line[1:]
            text = text if text.endswith(b"\n") else text + b"\n"
            if strip_cr and text.endswith(b"\r\n"):
                text = text[:-2] + b"\n"
            marked.append((" " if bare else line[:1].decode("latin-1"), text))
        return marked + [(" ", b"\n")] * self.chopped


@dataclass(frozen=True, slots=True)
class FilePatch:
    """What a patch does to one file. Names are as written (prefix and all); None is /dev/null.

    `lead` is prose in front of the section, `head` its raw header lines (binary data included).
    """

    lead: bytes
    head: bytes
    old_name: str | None
    new_name: str | None
    hunks: tuple[Hunk, ...] = ()
    git: bool = False
    renamed: tuple[str, str] | None = None
    """From and to, without prefix, as git's `rename` or `copy` lines say."""
    copied: bool = False
    old_mode: int | None = None
    new_mode: int | None = None
    created: bool = False
    deleted: bool = False
    binary: bool = False

    @property
    def strip_cr(self) -> bool:
        """The whole section has CRLF line ends, so that they belong to the transport and not to the file."""
        header = [line for line in self.head.splitlines(keepends=True) if line.startswith((b"--- ", b"+++ "))]
        return bool(header) and all(line.endswith(b"\r\n") for line in header)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the section gives for its file, prefixes kept, /dev/null left out."""
        return tuple(name for name in (self.old_name, self.new_name) if name is not None)


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch file: everything in front of the first file, the files, and everything behind the last."""

    header: bytes
    files: tuple[FilePatch, ...]
    trailer: bytes = b""

    def render(self) -> bytes:
        """The bytes of the patch; of a parsed patch exactly those that were parsed."""
        parts = [self.header]
        for file in self.files:
            parts += [file.lead, file.head]
            for hunk in file.hunks:
                parts += [hunk.heading, *hunk.lines]
        return b"".join([*parts, self.trailer])


@dataclass(slots=True)
class _Reader:
    """A cursor over lines; `at` counts from 0."""

    lines: list[bytes]
    at: int = 0
    files: list[FilePatch] = field(default_factory=list)

    def starts(self, *prefixes: bytes) -> bool:
        return self.at < len(self.lines) and self.lines[self.at].startswith(prefixes)

    def fail(self, what: str) -> PatchError:
        return PatchError("a patch cannot be read", f"line {self.at + 1}: {what}", "repair the patch file")


def parse(content: bytes) -> Patch:
    """Read a patch file. Raises PatchError for malformed hunks, context diffs and files larger than MAX_BYTES."""
    if len(content) > MAX_BYTES:
        raise PatchError("a patch is too large", f"{len(content)} bytes, the limit is {MAX_BYTES}")
    reader = _Reader(content.split(b"\n"))
    reader.lines = [line + b"\n" for line in reader.lines[:-1]] + ([reader.lines[-1]] if reader.lines[-1] else [])
    prose: list[bytes] = []
    while reader.at < len(reader.lines):
        if _is_start(reader):
            lead, own = _split_prose(prose)
            reader.files.append(_read_file(reader, lead, own))
            prose = []
            continue
        if _HUNK.match(reader.lines[reader.at]):
            raise reader.fail("a hunk belongs to no file")
        if reader.starts(b"*** ") and reader.lines[reader.at + 1 : reader.at + 2] and _is_context_diff(reader):
            raise reader.fail("it is a context diff; only unified diffs are read")
        prose.append(reader.lines[reader.at])
        reader.at += 1
    if not reader.files:
        return Patch(content, ())
    first = reader.files[0]
    reader.files[0] = _with_lead(first, b"")
    return Patch(first.lead, tuple(reader.files), b"".join(prose))


def split_series(patch: Patch) -> tuple[Patch, ...]:
    """The patches of a mailbox that holds several (`From <commit> ...` starts each); any other patch is itself alone."""
    parts: list[Patch] = []
    header, files = patch.header, list[FilePatch]()
    for file in patch.files:
        cut = _SERIES.search(file.lead) if files else None
        if cut:
            parts.append(Patch(header, tuple(files), file.lead[: cut.start()]))
            header, files = file.lead[cut.start() :], []
            file = _with_lead(file, b"")  # noqa: PLW2901 - the same file, its prose taken over by the header
        files.append(file)
    return (*parts, Patch(header, tuple(files), patch.trailer))


def stripped(name: str, level: int) -> str | None:
    """The path that `patch -p<level>` sees in a name; None when the name has not that many parts."""
    parts = re.sub(r"/+", "/", name).split("/")
    return "/".join(parts[level:]) if len(parts) > level and parts[level:] != [""] else None


def _is_start(reader: _Reader) -> bool:
    if reader.starts(b"diff --git "):
        return True
    following = reader.lines[reader.at + 1 : reader.at + 3]
    return (
        reader.starts(b"--- ") and len(following) == 2 and following[0].startswith(b"+++ ") and bool(_HUNK.match(following[1]))
    )  # fmt: skip


def _is_context_diff(reader: _Reader) -> bool:
    window = reader.lines[reader.at + 1 : reader.at + 3]
    return window[0].startswith(b"--- ") and len(window) == 2 and window[1].startswith(b"*" * 15)


def _split_prose(prose: list[bytes]) -> tuple[bytes, bytes]:
    """Prose in front of a section, and the lines at its end that belong to the section (`Index:`, `diff -u`)."""
    cut = len(prose)
    while cut and prose[cut - 1].startswith((b"diff -", b"Index: ", b"======", b"RCS file:", b"retrieving revision")):
        cut -= 1
    return b"".join(prose[:cut]), b"".join(prose[cut:])


def _with_lead(file: FilePatch, lead: bytes) -> FilePatch:
    return FilePatch(
        lead, file.head, file.old_name, file.new_name, file.hunks, file.git, file.renamed, file.copied, file.old_mode,
        file.new_mode, file.created, file.deleted, file.binary,
    )  # fmt: skip


def _read_file(reader: _Reader, lead: bytes, own: bytes) -> FilePatch:
    begin = reader.at
    git = reader.starts(b"diff --git ")
    facts = _Facts()
    if git:
        facts.both(reader.lines[reader.at])
        reader.at += 1
        while reader.starts(*_EXTENDED):
            facts.extended(reader.lines[reader.at])
            reader.at += 1
        _skip_binary(reader, facts)
    named = reader.starts(b"--- ") and reader.lines[reader.at + 1 : reader.at + 2] != []
    if named and reader.lines[reader.at + 1].startswith(b"+++ "):
        facts.old = _name(reader.lines[reader.at][4:])
        facts.new = _name(reader.lines[reader.at + 1][4:])
        reader.at += 2
    head = own + b"".join(reader.lines[begin : reader.at])
    hunks = tuple(_read_hunks(reader))
    if hunks and not git:
        facts.created = facts.old is None or (len(hunks) == 1 and hunks[0].old_start == hunks[0].old_count == 0)
        facts.deleted = facts.new is None or (len(hunks) == 1 and hunks[0].new_start == hunks[0].new_count == 0)
    return FilePatch(
        lead, head, facts.old, facts.new, hunks, git, facts.moved(), facts.copied, facts.old_mode, facts.new_mode,
        facts.created, facts.deleted, facts.binary,
    )  # fmt: skip


@dataclass(slots=True)
class _Facts:
    """What the header lines of one section say, gathered."""

    old: str | None = None
    new: str | None = None
    source: str | None = None
    target: str | None = None
    copied: bool = False
    old_mode: int | None = None
    new_mode: int | None = None
    created: bool = False
    deleted: bool = False
    binary: bool = False

    def both(self, line: bytes) -> None:
        """`diff --git a/x b/x`: used where no `---` line follows; the names are equal but for their prefix."""
        rest = _text(line[len(b"diff --git ") :])
        if rest.startswith('"'):
            end = rest.find('" ', 1)
            self.old, self.new = _unquoted(rest[: end + 1]), _unquoted(rest[end + 2 :])
            return
        for cut in _spaces(rest):
            old, new = rest[:cut], _unquoted(rest[cut + 1 :])
            if old.partition("/")[2] == new.partition("/")[2] or old == new:
                self.old, self.new = old, new
                return

    def extended(self, line: bytes) -> None:
        word = _text(line)
        if word.startswith(("old mode ", "deleted file mode ")):
            self.old_mode, self.deleted = _mode(word), self.deleted or word.startswith("deleted")
        elif word.startswith(("new mode ", "new file mode ")):
            self.new_mode, self.created = _mode(word), self.created or word.startswith("new file")
        elif word.startswith(("rename from ", "copy from ")):
            self.source, self.copied = _unquoted(word.split(" from ", 1)[1]), word.startswith("copy")
        elif word.startswith(("rename to ", "copy to ")):
            self.target = _unquoted(word.split(" to ", 1)[1])
        elif word.startswith("index ") and word[-7:-3] == " 100":
            self.old_mode = self.new_mode = _mode(word)

    def moved(self) -> tuple[str, str] | None:
        return (self.source, self.target) if self.source is not None and self.target is not None else None


def _skip_binary(reader: _Reader, facts: _Facts) -> None:
    if reader.starts(b"Binary files "):
        facts.binary = True
        reader.at += 1
    elif reader.starts(b"GIT binary patch"):
        facts.binary = True
        reader.at += 1
        while reader.at < len(reader.lines) and not reader.starts(b"diff --git ", b"-- \n", b"--- ", b"From "):
            reader.at += 1


def _read_hunks(reader: _Reader) -> Iterator[Hunk]:
    while reader.at < len(reader.lines):
        match = _HUNK.match(reader.lines[reader.at])
        if not match:
            return
        old_start, old_count, new_start, new_count = (
            int(group) if group is not None else 1 for group in match.groups()
        )
        heading = reader.lines[reader.at]
        reader.at += 1
        begin = reader.at
        chopped = _skip_body(reader, old_count, new_count)
        lines = tuple(reader.lines[begin : reader.at])
        yield Hunk(heading, old_start, old_count, new_start, new_count, lines, chopped)


def _skip_body(reader: _Reader, old: int, new: int) -> int:
    """Move behind the body of a hunk; returns how many blank context lines an editor chopped from its end."""
    while old > 0 or new > 0:
        if reader.at >= len(reader.lines):
            if old == new and old < 3:
                return old
            raise reader.fail("the patch ends inside a hunk")
        marker = reader.lines[reader.at][:1]
        if marker in (b" ", b"\n", b"\r"):
            old, new = old - 1, new - 1
        elif marker == b"-":
            old -= 1
        elif marker == b"+":
            new -= 1
        elif marker != b"\\" or reader.lines[reader.at - 1].startswith(b"@@ "):
            raise reader.fail("a hunk is shorter than its heading says")
        if old < 0 or new < 0:
            raise reader.fail("a hunk is longer than its heading says")
        reader.at += 1
    if reader.starts(b"\\"):
        reader.at += 1
    return 0


def _text(raw: bytes) -> str:
    if len(raw) > _MAX_HEADER_LINE:
        raise PatchError("a patch cannot be read", f"a header line has {len(raw)} bytes", "repair the patch file")
    return raw.rstrip(b"\r\n").decode("utf-8", "surrogateescape")


def _mode(word: str) -> int | None:
    digits = word.rsplit(" ", 1)[1]
    return int(digits, 8) if re.fullmatch("[0-7]{5,6}", digits) else None


def _spaces(text: str) -> Iterator[int]:
    at = text.find(" ")
    while at >= 0:
        yield at
        at = text.find(" ", at + 1)


def _name(raw: bytes) -> str | None:
    """The name on a `---` or `+++` line: quoted, up to a tab, or up to a date."""
    text = _text(raw)
    if text.startswith('"'):
        return _unquoted(text)
    name = text.partition("\t")[0] if "\t" in text else _DATED.sub("", text)
    name = name.rstrip(" ")
    return None if name == "/dev/null" else name


def _unquoted(text: str) -> str:
    """A name with git's C-style quotes taken off."""
    if not text.startswith('"'):
        return text
    body = text[1:].rpartition('"')[0]
    out = bytearray()
    at = 0
    while at < len(body):
        if body[at] != "\\":
            out += body[at].encode("utf-8", "surrogateescape")
            at += 1
        elif re.fullmatch("[0-3][0-7]{2}", body[at + 1 : at + 4]):
            out.append(int(body[at + 1 : at + 4], 8))
            at += 4
        else:
            out.append(_ESCAPES.get(body[at + 1 : at + 2], 63))
            at += 2
    return out.decode("utf-8", "surrogateescape")
