"""A release, grown or reset by the file's own convention."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headrace.package.spec.document import Tag
from headrace.package.spec.trace import Piece, Place

PRERELEASE = re.compile(r"0\.(\d+)(\.|(?=[a-z]))(?=(?:alpha|beta|a|b|rc|pre|dev|preview)[\d.]*)", re.IGNORECASE)
_COUNTER = re.compile(r"(\d+(?:\.\d+)*)")


def grown(pieces: Sequence[Piece]) -> tuple[Place, str] | None:
    """The place to change and its new text so that the release grows by one step; None when no number is found."""
    pieces = _counting(pieces)
    literal = [(piece, found) for piece in pieces if piece.place is not None and (found := _COUNTER.search(piece.text))]
    if not literal:
        return None
    first = literal[0][0]
    if first.place is None:
        return None
    prerelease = PRERELEASE.match(first.text)
    if prerelease:
        return _changed(first, prerelease.start(1), prerelease.end(1), str(int(prerelease.group(1)) + 1))
    later = [piece for piece in pieces[1:] if piece.place is not None and re.fullmatch(r"\.\d+", piece.text)]
    chosen = later[-1] if later else first
    numbers = list(re.finditer(r"\d+", chosen.text if later else first.text))
    run = _COUNTER.search(first.text)
    last = numbers[-1] if later or run is None else [one for one in numbers if one.end() <= run.end()][-1]
    return _changed(chosen, last.start(), last.end(), str(int(last.group()) + 1)) if len(last.group()) < 18 else None


_SNAPSHOT = re.compile(r"\d+(?:\.\d+)*(?:%\{\?\w+:)?[.~^](?P<tail>.*?)(?=%\{\??dist\}|%\??dist|$)")
_STATE = re.compile(r"git|svn|hg\b|hg\d|cvs|bzr|snap|commit|date|revision", re.IGNORECASE)


def snapshot(tag: Tag) -> Place | None:
    """The part of a Release that tells of a snapshot (`0.3.20240101git%{shortcommit}`), its number included."""
    found = _SNAPSHOT.match(tag.value)
    if not found or not _STATE.search(found["tail"]):
        return None
    return Place(tag.index, tag.begin, tag.begin + found.end())


def reset(pieces: Sequence[Piece], to: str = "1") -> list[tuple[Place, str]] | None:
    """The places to change so that the release starts anew; None when no number is found, [] when it stands at `to`."""
    changes: list[tuple[Place, str]] = []
    found_first = False
    for piece in _counting(pieces):
        if piece.place is None:
            continue
        if not found_first:
            found = _COUNTER.search(piece.text)
            if not found:
                continue
            found_first = True
            stop = found.end()
            start = found.start()
            named = re.match(r"0\.(\d+)(?=\.[A-Za-z])", piece.text)
            if PRERELEASE.match(piece.text):
                stop = len(piece.text)
            elif named and to == "1":
                start, stop = named.span(1)
            if piece.text[start:stop] != to:
                changes.append(_changed(piece, start, stop, to))
        elif re.fullmatch(r"\.\d+", piece.text):
            changes.append(_changed(piece, 0, len(piece.text), ""))
    return changes if found_first else None


def _counting(pieces: Sequence[Piece]) -> list[Piece]:
    """Without what a pre-release lets in: the `0.` and the tail of `%{?pre:0.}3%{?pre:.%{pre}}`."""
    return [piece for piece in pieces if not (piece.guard and not re.fullmatch(r"\d+", piece.text))]


def _changed(piece: Piece, start: int, stop: int, text: str) -> tuple[Place, str]:
    place = piece.place
    if place is None:
        raise ValueError("a piece without a place cannot be changed")
    return Place(place.index, place.begin + start, place.begin + stop, place.macro), text
