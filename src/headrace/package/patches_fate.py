"""What became of a patch: the class that the facts allow, with the sentence that proves it. Doubt never drops a patch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headrace.package.model import PatchClass
from headrace.package.patches_header import HeaderFacts
from headrace.package.patches_proof import Standing
from headrace.words import Message, Text

_SHOWN = 6
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class CarryFacts:
    """What was found when one patch was merged into the new sources."""

    header: HeaderFacts
    standing: Standing
    conflicts: tuple[str, ...] = ()
    """Files in which the three-way merge conflicts; when there are any, the other facts of the merge mean nothing."""
    empty: bool = False
    """The merge adds nothing to the new sources."""
    exact: bool = False
    """The patch as it is applies to the new sources without fuzz and gives just what the merge gives."""
    offset: int = 0
    """How far its hunks move then, in lines at the most."""
    fuzzy: int = 0
    """The fuzz that it needs on the old sources."""
    absent: tuple[str, ...] = ()
    """Where the changes stand in the patch that are not found in the new sources (`file: hunk n`); only when in doubt."""
    failed_before: tuple[str, ...] = ()
    """Earlier patches of the same files that could not be carried, so that this one may only lack them."""
    unproved: int = 0
    """Changes that the merge left out although they are not proved (of a CVE fix: twice) to be in the new sources."""
    moved: tuple[tuple[str, str], ...] = ()
    """Files that upstream moved and the patch followed: from, to."""


@dataclass(frozen=True, slots=True)
class Fate:
    """A class and its proof."""

    patch_class: PatchClass
    proof: Text


def judge(facts: CarryFacts) -> Fate:
    """Decide the class. A CVE fix is dropped, whole or in part, only when both proofs hold for all that is dropped."""
    if facts.conflicts:
        return _conflicting(facts)
    if facts.empty:
        return _merged(facts)
    if facts.unproved:
        return Fate(PatchClass.FAILED, _lost(facts))
    return Fate(PatchClass.UNTOUCHED, _untouched(facts)) if facts.exact else Fate(PatchClass.REBASED, _rebased(facts))


def combine(fates: Sequence[Fate]) -> Fate:
    """The fate of a mailbox of several patches: the worst decides; partly merged means rebased to what is left."""
    if len(fates) == 1:
        return fates[0]
    classes = [fate.patch_class for fate in fates]
    if PatchClass.FAILED in classes:
        at = classes.index(PatchClass.FAILED)
        return Fate(
            PatchClass.FAILED,
            Message(
                "patch {number} of the {count} in this file does not carry over: {proof}",
                number=at + 1,
                count=len(fates),
                proof=str(fates[at].proof),
            ),
        )
    if len(set(classes)) == 1:
        return Fate(
            classes[0],
            Message(
                "all {count} patches in this file; of the first: {proof}", count=len(fates), proof=str(fates[0].proof)
            ),
        )
    return Fate(
        PatchClass.REBASED,
        Message(
            "of the {count} patches in this file {untouched} apply as they are, {rebased} were rebased "
            "and {merged} are in the new sources",
            count=len(fates),
            untouched=classes.count(PatchClass.UNTOUCHED),
            rebased=classes.count(PatchClass.REBASED),
            merged=classes.count(PatchClass.MERGED),
        ),
    )


def _lost(facts: CarryFacts) -> Text:
    if facts.header.cves:
        return Message(
            "a part of this fix for {cves} is not left after the rebase, and {count} of its changes are "
            "not proved twice to be in the new sources; compare by hand",
            cves=_listed(facts.header.cves),
            count=facts.unproved,
        )
    return Message(
        "a part of it is not left after the rebase, and {count} of its changes are not proved to be in the new sources; "
        "compare by hand",
        count=facts.unproved,
    )


def _conflicting(facts: CarryFacts) -> Fate:
    files = _listed(facts.conflicts)
    standing = facts.standing
    if standing.anchored == standing.total > 0:
        return Fate(PatchClass.MERGED, _placed_proof(facts))
    if standing.anchored:
        return Fate(
            PatchClass.FAILED,
            Message(
                "the three-way merge conflicts in {files}; {there} of {total} changes are in the new sources already, "
                "but not {absent}",
                files=files,
                there=standing.anchored,
                total=standing.total,
                absent=_listed(facts.absent),
            ),
        )
    if facts.failed_before:
        return Fate(
            PatchClass.FAILED,
            Message(
                "the three-way merge conflicts in {files}, where {earlier} before it could not be carried either",
                files=files,
                earlier=_listed(facts.failed_before),
            ),
        )
    return Fate(PatchClass.FAILED, Message("the three-way merge conflicts in {files}", files=files))


def _merged(facts: CarryFacts) -> Fate:
    standing, cves = facts.standing, _listed(facts.header.cves)
    content = standing.content == standing.total > 0
    if standing.whole_reverse and content:
        return Fate(PatchClass.MERGED, _merged_proof(facts))
    if standing.anchored == standing.total > 0:
        return Fate(PatchClass.MERGED, _placed_proof(facts))
    if cves:
        return Fate(
            PatchClass.FAILED,
            Message(
                "the merge leaves nothing of this fix for {cves}, but only {both} of its {total} changes are "
                "proved twice (taken off again, and newly there); compare by hand",
                cves=cves,
                both=standing.both,
                total=standing.total,
            ),
        )
    if standing.whole_reverse:
        return Fate(
            PatchClass.MERGED,
            Message(
                "the merge adds nothing, and the patch comes off the new sources again, all its changes ({total}) "
                "without fuzz",
                total=standing.total,
            ),
        )
    return Fate(
        PatchClass.FAILED,
        Message(
            "the merge leaves nothing of it, but only {content} of its {total} changes are found in the "
            "new sources; compare by hand",
            content=max(standing.content, standing.reverse),
            total=standing.total,
        ),
    )


def _merged_proof(facts: CarryFacts) -> Text:
    total = facts.standing.total
    if facts.header.commits:
        return Message(
            "all its changes ({total}) are in the new sources: the patch comes off them again without fuzz, "
            "and its lines are newly there; it names the upstream commit {commit}",
            total=total,
            commit=facts.header.commits[0],
        )
    return Message(
        "all its changes ({total}) are in the new sources: the patch comes off them again without fuzz, "
        "and its lines are newly there; it names no upstream commit",
        total=total,
    )


def _placed_proof(facts: CarryFacts) -> Text:
    """The proof when upstream went on from the fix, so that its surroundings are others now."""
    total = facts.standing.total
    if facts.header.commits:
        return Message(
            "all its changes ({total}) stand newly in the new sources, each at its own place, "
            "though upstream went on from there; it names the upstream commit {commit}",
            total=total,
            commit=facts.header.commits[0],
        )
    return Message(
        "all its changes ({total}) stand newly in the new sources, each at its own place, "
        "though upstream went on from there; it names no upstream commit",
        total=total,
    )


def _listed(places: Sequence[str]) -> str:
    shown = ", ".join(readable(place) for place in places[:_SHOWN])
    return f"{shown}, ..." if len(places) > _SHOWN else shown


def readable(text: str) -> str:
    """A foreign name fit for pages and records: of no great length, without control characters or undecodable bytes."""
    clean = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in clean[:_LONGEST])
    return shown + ("..." if len(clean) > _LONGEST else "")


def _untouched(facts: CarryFacts) -> Text:
    if facts.offset:
        return Message(
            "applies to the new sources without fuzz, moved by {offset} at the most, and gives what the "
            "three-way merge gives",
            offset=facts.offset,
        )
    return Message("applies to the new sources without fuzz, in place, and gives what the three-way merge gives")


def _rebased(facts: CarryFacts) -> Text:
    if facts.moved:
        return Message(
            "merged three-way into the new sources, following files that moved: {moves}",
            moves=_listed([f"{old} -> {new}" for old, new in facts.moved]),
        )
    if facts.standing.both:
        return Message(
            "partly merged upstream: {there} of {total} changes are in the new sources already, the others are kept",
            there=facts.standing.both,
            total=facts.standing.total,
        )
    if facts.fuzzy:
        return Message(
            "merged three-way into the new sources; on the old ones it needed a fuzz of {fuzz}, now it needs none",
            fuzz=facts.fuzzy,
        )
    return Message("merged three-way into the new sources without conflict; its context changed")
