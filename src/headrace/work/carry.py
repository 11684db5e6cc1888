"""Carry a package's patches from the old sources to the new ones: merged by git, classed by proof, in order."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from headrace.errors import HeadraceError
from headrace.outside.archive import ArchiveLimits, unpack
from headrace.package.model import PackageError, PatchClass, PatchFate
from headrace.package.patches import Patch, PatchError, parse, split_series, stripped
from headrace.package.patches_anchor import anchored
from headrace.package.patches_apply import Blob, Overlay, Refusal, Tree, TreeChange, apply_patch, ends, touched
from headrace.package.patches_fate import CarryFacts, Fate, combine, judge, readable
from headrace.package.patches_header import HeaderFacts, header_facts
from headrace.package.patches_proof import changes, lost_changes, proved, standing, unproved, whole_there
from headrace.package.patches_style import refreshed, style_of
from headrace.words import Message
from headrace.work.carry_history import History
from headrace.work.carry_sources import Sources, is_safe, may_have_become

_FUZZ = 2
"""What GNU patch allows when a spec asks for no other; rpm itself allows none."""


class CarryError(HeadraceError):
    """Patches cannot be carried at all: the sources cannot be unpacked, git is missing, or the time ran out."""


@dataclass(frozen=True, slots=True)
class PatchInput:
    """One patch of a spec in the order of its application. `strip` is its -p level, None when the spec does not tell."""

    number: int
    filename: str
    content: bytes
    strip: int | None


@dataclass(slots=True)
class _Part:
    """One patch of a file (a mailbox may hold several), and what is found out about it."""

    owner: int
    name: str
    patch: Patch
    strip: int
    facts: HeaderFacts
    done: Mapping[str, Blob | None] = field(default_factory=dict)
    fuzz: int = 0
    fate: Fate | None = None
    text: bytes = b""
    conflicts: tuple[str, ...] = ()

    def fail(self, fate: Fate, conflicts: Sequence[str] = ()) -> None:
        self.fate, self.conflicts = fate, tuple(conflicts)


def carry(
    old_source: Path,
    new_source: Path,
    patches: Sequence[PatchInput],
    scratch: Path,
    *,
    seconds: float = 900.0,
    limits: ArchiveLimits | None = None,
) -> tuple[PatchFate, ...]:
    """Say of every patch what became of it, and give the new text of those that had to change.

    `old_source` and `new_source` are archives; `scratch` is this call's own directory, emptied first, so that a call
    after a crash starts afresh. Raises CarryError or the error of unpacking when nothing can be said of any patch; a
    single bad patch is FAILED with its reason and harms no other.
    """
    if not patches:
        return ()
    deadline = time.monotonic() + seconds
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        old = Sources(unpack(old_source, scratch / "old", limits))
        new = Sources(unpack(new_source, scratch / "new", limits))
        return _carry(old, new, patches, scratch / "history.git", deadline)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _carry(
    old: Sources, new: Sources, patches: Sequence[PatchInput], repository: Path, deadline: float
) -> tuple[PatchFate, ...]:
    parts = [part for owner, patch in enumerate(patches) for part in _read(owner, patch)]
    base = _apply_to_old(parts, old)
    good = [part for part in parts if part.fate is None]
    if good:
        history = History(repository, max(1.0, deadline - time.monotonic()))
        paths = {path for part in good for path in (*part.done, *touched(part.patch, part.strip)) if is_safe(path)}
        there = {path: blob for path in paths if (blob := new.get(path)) is not None}
        missing = [path for path in base if path not in there]
        extra = may_have_become(missing, old, new) if missing else []
        there |= {path: blob for path in extra if (blob := new.get(path)) is not None}
        history.write(base, [part.done for part in good], there)
        _Carrying(history, old, new, deadline).all(good)
    return tuple(_told(patch, [part for part in parts if part.owner == owner]) for owner, patch in enumerate(patches))


def _read(owner: int, given: PatchInput) -> list[_Part]:
    """The parts of one patch file; one that cannot be read or applied at all is a part that failed."""
    empty = Patch(given.content, ())
    failed = _Part(owner, given.filename, empty, given.strip or 0, header_facts(empty, given.filename))
    try:
        patch = parse(given.content)
    except PatchError as error:
        failed.fate = Fate(PatchClass.FAILED, Message("it cannot be read: {why}", why=error.detail or error.brief))
        return [failed]
    strip = given.strip
    if strip is None:
        failed.fate = Fate(PatchClass.FAILED, Message("the spec does not tell how it is applied"))
    elif not patch.files:
        failed.fate = Fate(PatchClass.FAILED, Message("it holds no diff"))
    elif not all(is_safe(path) for path in touched(patch, strip)):
        failed.fate = Fate(PatchClass.FAILED, Message("it names a file outside the sources or in a .git folder"))
    if failed.fate is not None or strip is None:
        return [failed]
    whole = header_facts(patch, given.filename)
    sections = [section for section in split_series(patch) if section.files]
    return [
        _Part(owner, given.filename, section, strip, replace(header_facts(section, given.filename), cves=whole.cves))
        for section in sections
    ]


def _apply_to_old(parts: Sequence[_Part], old: Sources) -> dict[str, Blob | None]:
    """Apply all parts to the old sources in order; returns the old files that they touch. Who fails here is out."""
    changed: dict[str, Blob | None] = {}
    view = Overlay(old, changed)
    for part in parts:
        if part.fate is not None:
            continue
        try:
            done = apply_patch(part.patch, part.strip, view)
            if isinstance(done, Refusal):
                fuzzy = apply_patch(part.patch, part.strip, view, fuzz=_FUZZ)
                done = fuzzy if isinstance(fuzzy, TreeChange) else done
        except PackageError as error:
            done = Refusal("", Message("{why}", why=str(error)))
        if isinstance(done, Refusal):
            proof = Message(
                "it does not even apply to the old sources: {path}: {why}",
                path=readable(done.path),
                why=str(done.reason),
            )
            part.fail(Fate(PatchClass.FAILED, proof), [done.path] if done.path else [])
            continue
        part.done, part.fuzz = done.files, done.fuzz
        changed.update(done.files)
    return {path: blob for path in changed if (blob := old.get(path)) is not None}


class _Carrying:
    """The walk over the patches; `tree` is the new sources with all that was carried so far."""

    def __init__(self, history: History, old: Sources, new: Sources, deadline: float) -> None:
        self._history = history
        self._before: dict[str, Blob | None] = {}
        self._after: dict[str, Blob | None] = {}
        self._old = Overlay(old, self._before)
        self._new = Overlay(new, self._after)
        self._failed: dict[str, str] = {}
        self._tree = history.new_tree
        self._deadline = deadline

    def all(self, parts: Sequence[_Part]) -> None:
        """Carry every part, in order."""
        for step, part in enumerate(parts, 1):
            if time.monotonic() > self._deadline:
                raise CarryError(
                    "carrying the patches took too long", f"{step - 1} of {len(parts)} were done", "raise the limit"
                )
            self._one(step, part)
            self._before.update(part.done)
            if part.fate is not None and part.fate.patch_class is PatchClass.FAILED:
                self._failed.update(dict.fromkeys(part.done, part.name))

    def _one(self, step: int, part: _Part) -> None:
        merge = self._history.merge(step, self._tree)
        moves = self._moves(step, part)
        stands = standing(part.patch, part.strip, self._old, _Moved(self._new, moves))
        empty = not merge.conflicts and merge.tree == self._tree
        facts = CarryFacts(part.facts, stands, merge.conflicts, empty, fuzzy=part.fuzz, moved=tuple(moves.items()))
        if merge.conflicts or (empty and not (stands.whole_reverse and stands.both == stands.total)):
            proofs = self._proofs(step, part, moves, placed_only=bool(merge.conflicts))
            facts = replace(
                facts,
                standing=replace(stands, anchored=sum(map(sum, proofs))),
                absent=_absent(part.patch, part.strip, proofs),
                failed_before=tuple(dict.fromkeys(self._failed[path] for path in part.done if path in self._failed)),
            )
        if merge.conflicts or empty:
            part.fail(judge(facts), merge.conflicts)
            return
        result = self._history.changed(self._tree, merge.tree)
        asis = apply_patch(part.patch, part.strip, self._new)
        exact = isinstance(asis, TreeChange) and self._effect(asis) == result
        offset = asis.offset if isinstance(asis, TreeChange) else 0
        missing = 0 if exact else self._unproved(step, part, merge.tree, moves)
        part.fate = judge(replace(facts, exact=exact, offset=offset, unproved=missing))
        if part.fate.patch_class is PatchClass.FAILED:
            return
        part.text = part.patch.render() if exact else self._rewritten(part, merge.tree, result, moves)
        if part.text:
            self._tree = merge.tree
            self._after.update(result)

    def _moves(self, step: int, part: _Part) -> dict[str, str]:
        """Where upstream moved the files that a part changes; asked only when one is missing."""
        kept = [path for path, blob in part.done.items() if blob is not None]
        paths = [path for path in kept if self._old.get(path) is not None and self._new.get(path) is None]
        moves = self._history.moves(step, self._tree) if paths else {}
        return {path: moves[path] for path in paths if path in moves}

    def _effect(self, change: TreeChange) -> dict[str, Blob | None]:
        return {path: blob for path, blob in change.files.items() if self._new.get(path) != blob}

    def _proofs(self, step: int, part: _Part, moves: Mapping[str, str], *, placed_only: bool) -> list[tuple[bool, ...]]:
        """For each file, which of its changes are newly in the new sources: in their context, or surely at their place."""
        paths = [(source or "", moves.get(path or "", path or "")) for source, path in self._ends(part)]
        said = self._history.upstream(step, self._tree, sorted({path for pair in paths for path in pair if path}))
        upstream = {stripped(name, 1): file for file in parse(said).files for name in file.names}
        found: list[tuple[bool, ...]] = []
        for file, (source, path) in zip(part.patch.files, paths, strict=True):
            was, now = self._old.get(source), self._new.get(path)
            if file.deleted or not file.hunks:
                found.append((whole_there(file, self._new, source, now),) * max(1, len(changes(file))))
                continue
            texts = was.data if was else b"", now.data if now else b""
            exact = (False,) * len(changes(file))
            if not placed_only:
                exact = proved(file, *texts, twice=bool(part.facts.cves))
            placed = anchored(file, *texts, upstream.get(path), part.fuzz)
            found.append(
                tuple(one or other for one, other in zip(exact, placed, strict=True)) if now else (False,) * len(exact)
            )
        return found

    def _ends(self, part: _Part) -> list[tuple[str | None, str | None]]:
        return [ends(file, part.strip, self._old) for file in part.patch.files]

    def _unproved(self, step: int, part: _Part, tree: str, moves: Mapping[str, str]) -> int:
        """How many changes the merge left out that are not proved to be in the new sources, of a CVE fix twice."""
        fresh = parse(self._history.diff(self._tree, tree, style_of(part.patch, part.strip)))
        by_path = {stripped(name, part.strip): file for file in fresh.files for name in file.names}
        paths = [moves.get(path or "", path or "") for _, path in self._ends(part)]
        lost = [lost_changes(file, by_path.get(path)) for file, path in zip(part.patch.files, paths, strict=True)]
        if not any(lost):
            return 0
        proofs = self._proofs(step, part, moves, placed_only=False)
        return sum(unproved(*given) for given in zip(part.patch.files, lost, proofs, strict=True) if given[1])

    def _rewritten(self, part: _Part, tree: str, result: Mapping[str, Blob | None], moves: Mapping[str, str]) -> bytes:
        """The patch as it reads now, proved by applying it; in git's own style when its own cannot say it. Else it fails."""
        own = style_of(part.patch, part.strip)
        origin = {new: old for old, new in moves.items()}
        for style in (
            own,
            replace(own, git=True, context=3, old_prefix="a/" * part.strip, new_prefix="b/" * part.strip),
        ):
            fresh = parse(self._history.diff(self._tree, tree, style))
            stat = self._history.diffstat(self._tree, tree) if style.diffstat else b""
            text = refreshed(part.patch, fresh, part.strip, style, origin, stat).render()
            done = apply_patch(parse(text), part.strip, self._new)
            if isinstance(done, TreeChange) and self._effect(done) == result:
                return text
        part.fail(Fate(PatchClass.FAILED, Message("the merged change cannot be written as a patch")), sorted(result))
        return b""


def _absent(patch: Patch, strip: int, proofs: Sequence[Sequence[bool]]) -> tuple[str, ...]:
    """Where the changes stand in a patch that are not proved."""
    found = []
    for file, shown in zip(patch.files, proofs, strict=True):
        path = next((path for name in reversed(file.names) if (path := stripped(name, strip))), "")
        hunks = [change.hunk for change in changes(file)] or [1]
        found += [f"{path}: hunk {hunk}" for hunk, good in zip(hunks, shown, strict=False) if not good]
    return tuple(dict.fromkeys(found))


class _Moved:
    """A tree in which moved files are found at their old paths too."""

    def __init__(self, tree: Tree, moves: Mapping[str, str]) -> None:
        self._tree, self._moves = tree, moves

    def get(self, path: str, /) -> Blob | None:
        return self._tree.get(self._moves.get(path, path))


def _told(given: PatchInput, parts: Sequence[_Part]) -> PatchFate:
    fates = [part.fate for part in parts if part.fate is not None]
    fate = combine(fates)
    content = None
    if fate.patch_class is PatchClass.REBASED:
        content = b"".join(part.text for part in parts)
    conflicts = tuple(dict.fromkeys(readable(path) for part in parts for path in part.conflicts))
    failed = fate.patch_class is PatchClass.FAILED
    return PatchFate(given.number, given.filename, fate.patch_class, fate.proof, content, conflicts if failed else ())
