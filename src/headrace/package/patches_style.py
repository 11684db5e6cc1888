"""Writing a carried patch the way its file was written before: header, prefixes, context, with or without git's lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from headrace.package.patches import FilePatch, Hunk, Patch, stripped
from headrace.package.patches_apply import piece

_STAT = re.compile(rb"^ [^\n|]{1,300}\| {1,20}(?:\d+ ?[+-]*|Bin[^\n]*)\n", re.MULTILINE)
_SUMMARY = re.compile(
    rb"^ \d+ files? changed[^\n]*\n(?:^ (?:create|delete|rename|copy|mode change)[^\n]*\n)*", re.MULTILINE
)
_INDEX = re.compile(rb"^index ([0-9a-f]{4,40})\.\.([0-9a-f]{4,40})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Style:
    """How a patch is written. Prefixes stand in front of the paths (`a/`, `pkg-1.0.orig/`, nothing)."""

    git: bool
    old_prefix: str
    new_prefix: str
    context: int
    headings: bool
    """The function's name stands behind the second `@@`."""
    abbreviation: int
    """How many digits git's `index` lines show; 0: there are none."""
    renames: bool
    diffstat: bool


def style_of(patch: Patch, strip: int) -> Style:
    """Read the style off a patch; where it varies, the first file decides."""
    hunks = [piece(hunk) for file in patch.files for hunk in file.hunks]
    heads = b"".join(file.head for file in patch.files)
    index = _INDEX.search(heads)
    old, new = _prefixes(patch, strip)
    return Style(
        git=any(file.git for file in patch.files),
        old_prefix=old,
        new_prefix=new,
        context=max((max(hunk.prefix, hunk.suffix) for hunk in hunks), default=3) or 3,
        headings=any(_after_second_at(hunk) for file in patch.files for hunk in file.hunks),
        abbreviation=len(index[1]) if index else 0,
        renames=any(file.renamed for file in patch.files),
        diffstat=_SUMMARY.search(patch.header) is not None,
    )


def refreshed(patch: Patch, fresh: Patch, strip: int, style: Style, origin: Mapping[str, str], stat: bytes) -> Patch:
    """The patch with the files of `fresh` (git's own diff, made with the style's prefixes and context) in its old clothes.

    `origin` maps the path of a moved file to the path that the old patch knew; `stat` is git's new diffstat.
    """
    known = {stripped(name, strip): file for file in patch.files for name in file.names}
    order = {path: number for number, path in enumerate(known)}
    made: list[tuple[int, FilePatch]] = []
    for number, file in enumerate(fresh.files):
        path = next((stripped(name, strip) for name in reversed(file.names)), None) or ""
        before = origin.get(path, path)
        old = known.get(before)
        made.append((order.get(before, len(order) + number), _dressed(file, old, style, before, path)))
    files = tuple(file for _, file in sorted(made, key=lambda pair: pair[0]))
    return Patch(_with_stat(patch.header, stat) if style.diffstat else patch.header, files, patch.trailer)


def _prefixes(patch: Patch, strip: int) -> tuple[str, str]:
    old = new = ""
    for file in patch.files:
        if file.old_name is not None and not old:
            old = _prefix(file.old_name, strip)
        if file.new_name is not None and not new:
            new = _prefix(file.new_name, strip)
    return old or new, new or old


def _prefix(name: str, strip: int) -> str:
    rest = stripped(name, strip)
    return name[: len(name) - len(rest)] if rest is not None and name.endswith(rest) else ""


def _after_second_at(hunk: Hunk) -> bytes:
    return hunk.heading.split(b"@@", 2)[2].strip()


def _dressed(file: FilePatch, old: FilePatch | None, style: Style, before: str, path: str) -> FilePatch:
    hunks = file.hunks if style.headings else tuple(_bare(hunk) for hunk in file.hunks)
    head = _git_head(file, style) if style.git or _needs_git(file) else _plain_head(file, old, before, path)
    lead = old.lead if old is not None else b""
    return FilePatch(lead, head, file.old_name, file.new_name, hunks, file.git)


def _bare(hunk: Hunk) -> Hunk:
    heading = b"@@".join(hunk.heading.split(b"@@", 2)[:2]) + b"@@\n"
    return Hunk(heading, hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count, hunk.lines)


def _needs_git(file: FilePatch) -> bool:
    """What a plain diff cannot say: a changed mode, an executable new file, a file without lines."""
    return not file.hunks or (file.old_mode != file.new_mode and not (
        (file.created and file.new_mode == 0o100644) or file.deleted
    ))  # fmt: skip


def _git_head(file: FilePatch, style: Style) -> bytes:
    """Git's header with ids of the old length: git itself makes them longer as a repository grows."""
    if not style.abbreviation and style.git:
        return b"".join(line for line in file.head.splitlines(keepends=True) if not line.startswith(b"index "))
    cut = style.abbreviation or 7
    return _INDEX.sub(lambda ids: b"index " + ids[1][:cut] + b".." + ids[2][:cut], file.head)


def _plain_head(file: FilePatch, old: FilePatch | None, before: str, path: str) -> bytes:
    """The `---` and `+++` lines; what the old patch had around them (Index:, dates, a .orig suffix) stays."""
    lines = [line for line in file.head.splitlines(keepends=True) if line.startswith((b"--- ", b"+++ "))]
    if old is None or (old.created, old.deleted) != (file.created, file.deleted):
        return b"".join(lines)
    kept = old.head
    if path != before:
        kept = kept.replace(_raw(before), _raw(path))
    kept = b"".join(line for line in kept.splitlines(keepends=True) if not line.startswith(b"diff --git "))
    return kept if all(start in kept for start in (b"--- ", b"+++ ")) else b"".join(lines)


def _raw(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _with_stat(header: bytes, stat: bytes) -> bytes:
    """The header with a new diffstat in place of its own, which is the last one before the diff."""
    summaries = list(_SUMMARY.finditer(header))
    if not summaries:
        return header
    begin = summaries[-1].start()
    for line in reversed(list(_STAT.finditer(header, 0, begin))):
        if line.end() != begin:
            break
        begin = line.start()
    return header[:begin] + stat + header[summaries[-1].end() :]
