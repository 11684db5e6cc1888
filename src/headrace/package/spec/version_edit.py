"""A version, set wherever the file defines it: the tag itself, one macro or several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from headrace.package.spec.document import Tag
from headrace.package.spec.trace import Piece, Place, Tracer

_PRERELEASE = re.compile(r"(?<=\d)[-._~]?(alpha|beta|preview|pre|rc|dev|a|b)(?=[.-]?\d|$)", re.IGNORECASE)
_UNTILDED = re.compile(r"\d[._-]?(?:alpha|beta|preview|pre|rc|dev)(?![A-Za-z])|\d[._-]?(?:a|b)\.?\d", re.IGNORECASE)
_PART = re.compile(r"[0-9A-Za-z]+")


def spelled(version: str, old: str) -> str | None:
    """An upstream version as rpm wants it, in the file's habit; None when a dash in it could be written in several ways.

    A pre-release stands after `~` unless the file has never done so; a leading `v` goes.
    """
    if re.match(r"[vV]\d", version) and not re.match(r"[vV]\d", old):
        version = version[1:]
    found = _PRERELEASE.search(version)
    habit = _UNTILDED.search(old) is not None and "~" not in old
    ends = found is not None and (version[found.end() :] != "" or len(found.group(1)) > 1)
    if found and ends and "~" not in version and not habit:
        base, tail = version[: found.start()], version[found.start(1) :].replace("-", ".")
        return None if "-" in base else f"{base}~{tail}"
    if "-" not in version:
        return version
    signs = "._+~^" if re.search(r"\d-\d", version) else ("", *"._+~^")
    return next((one for sign in signs if _shape_of(one := version.replace("-", sign)) == _shape_of(old)), None)


def _shape_of(version: str) -> str:
    return re.sub(r"\d+", "0", version)


def assignments(pieces: Sequence[Piece], version: str) -> list[tuple[Place, str]] | None:
    """What to write where so that the pieces read as `version`; None when they cannot be made to."""
    placed = [piece for piece in pieces if piece.text]
    if len({piece.place for piece in placed}) == 1 and placed[0].place is not None:
        return [(placed[0].place, version)]
    for loosened in (_by_macros(placed, keep=True), _by_macros(placed, keep=False)):
        for groups in loosened:
            found = _solve(placed, groups, version)
            if found is not None:
                return found
    return None


def version_changes(tracer: Tracer, tag: Tag, pieces: Sequence[Piece], new: str) -> list[tuple[Place, str]] | None:
    """What to write where so that the tag reads as `new`, pre-release macros switched off or on; None: a guess."""
    tail = split_tail(new)
    if tail is not None:
        for name, place in tracer.commented(tag).items():
            begun = assignments(pieces, tail[0])
            if begun is not None or "".join(piece.text for piece in pieces) == tail[0]:
                return [*(begun or []), (place, f"%global {name} {tail[1]}")]
    changes = assignments(pieces, new)
    if changes is not None:
        return changes
    return _switched_off(tracer, pieces, new) or _cut(tag, pieces, new) or _written_out(tracer, tag, new)


def _switched_off(tracer: Tracer, pieces: Sequence[Piece], new: str) -> list[tuple[Place, str]] | None:
    """The pre-release macro at the end is commented out, as Fedora writes it (`#global pre rc1`)."""
    guard = pieces[-1].guard if pieces else ""
    kept = [piece for piece in pieces if piece.guard != guard]
    lines = [at for (at, name) in tracer.by_line if name == guard]
    if not guard or not kept or len(lines) != 1:
        return None
    changes = [] if "".join(piece.text for piece in kept) == new else assignments(kept, new)
    text = tracer.document.lines[lines[0] - 1].text
    at = text.index("%")
    return None if changes is None else [*changes, (Place(lines[0] - 1, at, at + 1), "#")]


def _written_out(tracer: Tracer, tag: Tag, new: str) -> list[tuple[Place, str]] | None:
    """The tag's own text becomes the version, when nothing else uses the macros that it was put together from."""
    names = set(re.findall(r"%\{?[?!]*([A-Za-z_]\w*)", tag.value))
    while True:
        rows = {at - 1: name for at, name in tracer.by_line if name in names}
        more = {name for at in rows for name in re.findall(r"%\{?[?!]*([A-Za-z_]\w*)", tracer.document.lines[at].text)}
        more -= {"global", "define"} | names
        if not more:
            break
        names |= more
    use = re.compile(r"%\{?[?!]*(?:" + "|".join(map(re.escape, sorted(names))) + r")\b") if names else None
    if use is None:
        return None
    own = {tag.index, *rows}
    used = any(
        use.search(line.text) for at, line in enumerate(tracer.document.lines) if at not in own and "%" in line.text
    )
    return None if used else [(Place(tag.index, tag.begin, tag.stop), new)]


def _cut(tag: Tag, pieces: Sequence[Piece], new: str) -> list[tuple[Place, str]] | None:
    """The version loses its tail (`~beta.2`, `^20240101git...`): the tag's own text is cut there."""
    for at, piece in enumerate(pieces):
        place = piece.place
        found = re.search(r"[~^+]", piece.text) if place is not None and not place.macro and not piece.guard else None
        if place is None or found is None:
            continue
        if found.group() in new:
            return None
        begin = place.begin + found.start()
        rest = (Place(tag.index, begin, tag.stop), "")
        kept = list(pieces[:at])
        if found.start():
            kept.append(Piece(piece.text[: found.start()], Place(place.index, place.begin, begin)))
        if "".join(one.text for one in kept) == new:
            return [rest]
        changes = assignments(kept, new)
        return None if changes is None else [*changes, rest]
    return None


def split_tail(version: str) -> tuple[str, str] | None:
    """`1.2~rc1` as (`1.2`, `rc1`); None when there is no such tail."""
    base, sign, tail = version.partition("~")
    return (base, tail) if sign and base and tail else None


def _by_macros(pieces: Sequence[Piece], keep: bool) -> Iterator[list[str | None]]:
    """Patterns for each piece, None for text that stays: the macros keep their number of parts, then the last is free."""
    fixed = [
        piece.place is None or (not piece.place.macro and (keep or not _PART.search(piece.text))) for piece in pieces
    ]
    shaped = [None if stays else _shape(pieces, at) for at, stays in enumerate(fixed)]
    yield shaped
    last = max((at for at, stays in enumerate(fixed) if not stays), default=None)
    if last is not None and last == len(pieces) - 1 and not _touches(pieces, last):
        yield [*shaped[:last], r"[0-9A-Za-z._+~^]+"]


def _touches(pieces: Sequence[Piece], at: int) -> bool:
    """Whether nothing stands between this piece and the one before: where one ends is then a matter of length."""
    return at > 0 and pieces[at - 1].text[-1:].isalnum() and pieces[at].text[:1].isalnum()


def _shape(pieces: Sequence[Piece], at: int) -> str:
    """As many parts as now; where parts of two places touch, as many characters too: else the split would be a guess."""
    text = pieces[at].text
    before, after = _touches(pieces, at), at + 1 < len(pieces) and _touches(pieces, at + 1)
    parts = re.split(r"([0-9A-Za-z]+)", text)
    return "".join(
        (f"[0-9A-Za-z]{{{len(part)}}}" if before or after else "[0-9A-Za-z]+") if odd % 2 else re.escape(part)
        for odd, part in enumerate(parts)
    )


def _solve(pieces: Sequence[Piece], shapes: Sequence[str | None], version: str) -> list[tuple[Place, str]] | None:
    if all(shape is None for shape in shapes):
        return None
    pattern, order = "", dict[Place, int]()
    for piece, shape in zip(pieces, shapes, strict=True):
        if shape is None or piece.place is None:
            pattern += re.escape(piece.text)
        elif piece.place in order:
            pattern += f"(?P=g{order[piece.place]})"
        else:
            order[piece.place] = len(order)
            pattern += f"(?P<g{order[piece.place]}>{shape})"
    found = re.fullmatch(pattern, version)
    if not found:
        return None
    old = {piece.place: piece.text for piece in pieces}
    return [
        (place, found.group(f"g{number}")) for place, number in order.items() if old[place] != found.group(f"g{number}")
    ]
