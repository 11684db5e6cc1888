"""Whether what a package's metadata says about its upstream still holds, and what would be right instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from headrace.upstream.choose_candidates import survey
from headrace.upstream.choose_families import names_of
from headrace.upstream.model import Announcement, Answer
from headrace.upstream.versions_prefix import Prefix, parse_prefix
from headrace.upstream.versions_reading import Reading, read
from headrace.upstream.versions_words import VENDOR_PREFIXES
from headrace.words import Message, Text

_MANY = 3
"""So many tags make a product of their own; fewer may be slips."""
_MOST_NAMED = 6


class Ailment(StrEnum):
    """What may be wrong with a package's configuration."""

    NOT_JUDGED = "not judged"
    NO_MATCH = "prefix matches no tag"
    DRIFTED = "tags left the prefix"
    MOVED = "upstream moved"
    ARCHIVED = "upstream is archived"
    SEVERAL = "several projects in one repository"


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of `<package>.yaml` (`tag_prefix`, `src_repo`) that should change, and to what."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Illness:
    """One thing that is wrong, why, and what would mend it; `correction` is None when a person has to decide."""

    ailment: Ailment
    statement: Text
    correction: Correction | None = None


def examine(
    answer: Answer | None,
    *,
    identity: str,
    tag_prefix: str = "",
    separator: str = ".",
    current: str = "",
    src_repo: str = "",
) -> tuple[Illness, ...]:
    """Everything that is wrong with one package's configuration; empty when it was judged and is well.

    `answer` is what upstream announced last, None when it never did; `identity` is what `choose` is given, `src_repo` what
    the metadata says.
    """
    if answer is None:
        return (
            Illness(Ailment.NOT_JUDGED, Message("the upstream has not answered yet; its configuration is not judged")),
        )
    found = _of_notes(answer.notes, src_repo)
    if not answer.announcements:
        return (
            *found,
            Illness(Ailment.NOT_JUDGED, Message("the upstream announces no version; the prefix is not judged")),
        )
    tags = tuple(one.tag for one in answer.announcements if one.tag)
    if not tags:
        return found
    return (*found, *_of_tags(answer.announcements, tags, identity, tag_prefix, separator, current))


def _of_notes(notes: Sequence[Text], src_repo: str) -> tuple[Illness, ...]:
    """What the source itself noted: sources say `archived` and `moved`, and name the new place as `name` or `address`."""
    found = []
    for note in notes:
        text = note.text.lower()
        if "moved" in text or "renamed" in text or "redirect" in text:
            target = str(note.values.get("name") or note.values.get("address") or "")
            correction = Correction("src_repo", src_repo, target) if target and target != src_repo else None
            found.append(Illness(Ailment.MOVED, note, correction))
        elif "archived" in text or "no longer maintained" in text:
            found.append(Illness(Ailment.ARCHIVED, note))
    return tuple(found)


def moved(asked: str, answered: str, *, permanent: bool) -> Illness | None:
    """What a redirect means: `asked` and `answered` are the repository's addresses; only a permanent one is a move."""
    old, new = (address.rstrip("/").removesuffix(".git") for address in (asked, answered))
    if not permanent or old.partition("://")[2].lower() == new.partition("://")[2].lower():
        return None
    statement = Message("the repository moved from {old} to {new}", old=old, new=new)
    return Illness(Ailment.MOVED, statement, Correction("src_repo", asked, answered))


def _of_tags(
    announcements: Sequence[Announcement],
    tags: Sequence[str],
    identity: str,
    tag_prefix: str,
    separator: str,
    current: str,
) -> tuple[Illness, ...]:
    prefix = parse_prefix(tag_prefix)
    newest = _newest(announcements, identity, tag_prefix, separator, current)
    matching = [tag for tag in tags if _covers(prefix, tag)] if prefix.parts else list(tags)
    better = _prefix_of(newest, identity) if newest else None
    mend = Correction("tag_prefix", tag_prefix, better) if better is not None and better != tag_prefix else None
    if not matching and better == "" and not prefix.is_telling:
        # A `v` that bare versions lack does no harm: every reading takes it off where it is there.
        return _several(tags, identity, tag_prefix, newest)
    if not matching:
        statement = Message("the prefix {prefix} matches none of the {count} tags", prefix=tag_prefix, count=len(tags))
        return (Illness(Ailment.NO_MATCH, statement, mend),)
    if newest and prefix.parts and not _covers(prefix, newest):
        statement = Message(
            "the newest tag {newest} does not begin with the prefix {prefix}; {matching} of {count} tags do",
            newest=newest, prefix=tag_prefix, matching=len(matching), count=len(tags),
        )  # fmt: skip
        return (Illness(Ailment.DRIFTED, statement, mend),)
    return () if prefix.is_telling else _several(tags, identity, tag_prefix, newest)


def _covers(prefix: Prefix, tag: str) -> bool:
    return prefix.match(tag) > 0 or all(optional for _, optional in prefix.parts)


def _newest(
    announcements: Sequence[Announcement], identity: str, tag_prefix: str, separator: str, current: str
) -> str | None:
    field = survey(announcements, tag_prefix=tag_prefix, separator=separator, identity=identity, current=current)
    return next((one.tag for one in field.candidates if one.against is None), None)


def _prefix_of(tag: str, identity: str) -> str | None:
    """What stands before the numbers of a tag; None when it cannot be told apart."""
    reading = read(tag, names_of(identity), None)
    if reading is None or not reading.mixed or reading.mixed not in tag:
        return None
    return tag[: tag.rindex(reading.mixed)]


def _several(tags: Sequence[str], identity: str, tag_prefix: str, newest: str | None) -> tuple[Illness, ...]:
    names = names_of(identity)
    groups: dict[tuple[str, ...], list[Reading]] = {}
    for tag in tags:
        reading = read(tag, names, None)
        if reading is not None and not VENDOR_PREFIXES & set(reading.product):
            groups.setdefault(reading.product, []).append(reading)
    products = [product for product, group in groups.items() if len(group) >= _MANY]
    if len(products) < 2:
        return ()
    listed = ", ".join(sorted(" ".join(product) for product in products if product)[:_MOST_NAMED])
    statement = Message("the repository holds the tags of several projects: {projects}; no prefix tells them apart",
                        projects=listed)  # fmt: skip
    better = _prefix_of(newest, identity) if newest else None
    correction = Correction("tag_prefix", tag_prefix, better) if better and better != tag_prefix.lstrip("^") else None
    return (Illness(Ailment.SEVERAL, statement, correction),)
