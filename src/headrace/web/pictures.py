"""Our own small SVG: the line with its five rooms, and how far a package is behind. No style or script inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from headrace.web.plain import plain


@dataclass(frozen=True, slots=True)
class Station:
    """One room of the line: its name, its figure, a remark below, where it leads, and whether the remark wants attention."""

    name: str
    figure: int
    remark: str
    href: str
    tone: str = "calm"


def _text(x: float, y: float, kind: str, text: str, anchor: str = "middle") -> Markup:
    return Markup('<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>').format(
        x, y, kind, anchor, plain(text, 60)
    )


def _station(each: Station, x: float, y: float, *, beside: bool) -> Markup:
    if beside:
        words = _text(x + 52, y - 6, "p-name", each.name, "start") + _text(
            x + 52, y + 16, f"p-remark t-{each.tone}", each.remark, "start"
        )
    else:
        words = _text(x, y - 50, "p-name", each.name) + _text(x, y + 58, f"p-remark t-{each.tone}", each.remark)
    circle = Markup('<circle cx="{}" cy="{}" r="{}" class="p-room t-{}"/>').format(
        x, y, 27 if beside else 34, each.tone
    )
    figure = _text(x, y + 8, "p-figure", str(each.figure))
    return Markup('<a href="{}" class="p-link">{}{}{}</a>').format(each.href, circle, figure, words)


def picture_of_line(stations: Sequence[Station], title: str, *, upright: bool = False) -> Markup:
    """The line as SVG, from left to right, or from top to bottom for narrow pages (`upright`)."""
    step = 70 if upright else 196
    last = step * (len(stations) - 1)
    places = [(44.0, 34.0 + step * n) if upright else (102.0 + step * n, 84.0) for n in range(len(stations))]
    size = (320, last + 68) if upright else (last + 204, 160)
    (x0, y0), (x1, y1) = places[0], places[-1]
    water = Markup('<path d="M{} {}L{} {}" class="p-bed"/><path d="M{} {}L{} {}" class="p-water"/>').format(
        x0, y0, x1, y1, x0, y0, x1, y1
    )
    rooms = Markup("").join(_station(each, x, y, beside=upright) for each, (x, y) in zip(stations, places, strict=True))
    return Markup('<svg class="picture {}" viewBox="0 0 {} {}" role="group" aria-label="{}">{}{}</svg>').format(
        "upright" if upright else "level", *size, title, water, rooms
    )


def bar(value: int | None, greatest: int, title: str) -> Markup:
    """How many releases a package is behind, as a bar of at most 72 units; unknown is hatched, nothing is a small tick."""
    if value is None:
        shape = Markup('<rect x="0" y="3" width="72" height="8" rx="4" class="b-unknown"/>')
    else:
        width = 4 if value == 0 else round(8 + 64 * min(1.0, value / max(1, greatest)), 1)
        kind = "b-level" if value == 0 else "b-behind"
        shape = Markup('<rect x="0" y="3" width="72" height="8" rx="4" class="b-bed"/>') + Markup(
            '<rect x="0" y="3" width="{}" height="8" rx="4" class="{}"/>'
        ).format(width, kind)
    return Markup('<svg class="bar" viewBox="0 0 72 14" role="img" aria-label="{}">{}</svg>').format(title, shape)
