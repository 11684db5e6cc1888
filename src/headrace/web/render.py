"""Templates to pages: one environment for each language, everything escaped, everything foreign made plain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from headrace.web import labels, pictures
from headrace.web.diffs import read_diff
from headrace.web.plain import plain
from headrace.words import Text, catalog, say
from headrace.work.views import Difference

_TEMPLATES = Path(__file__).parent / "templates"


def _finalize(value: object) -> object:
    if isinstance(value, Markup):
        return Markup(plain(value, limit=4_000_000))  # noqa: S704 - escaped already; only controls are made visible
    return plain(value) if isinstance(value, str) else value


@lru_cache
def environment(language: str) -> Environment:
    """The templates of one language."""
    env = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_finalize,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    env.install_gettext_translations(catalog(language), newstyle=True)  # type: ignore[attr-defined] # the extension adds it
    env.policies["ext.i18n.trimmed"] = True

    def when(at: datetime) -> str:
        return format_datetime(at, "d MMM y, HH:mm" if language == "en" else "y-MM-dd HH:mm", locale=language)

    def moment(at: datetime) -> str:
        return format_datetime(at, "d MMM, HH:mm" if language == "en" else "MM-dd HH:mm", locale=language)

    def number(value: float, digits: int = 0) -> str:
        return format_decimal(round(value, digits), locale=language)

    env.filters.update(
        say=lambda message: say(message, language), label=lambda value: say(labels.label(value), language),
        weight=lambda value: say(labels.weight(value), language),
        tone=labels.tone, when=when, moment=moment, number=number, diff=read_diff, size=_size, topics=_topics,
    )  # fmt: skip
    env.globals.update(
        language=language,
        results=labels.RESULT_ORDER,
        weights=labels.WEIGHTS,
        picture_of_line=pictures.picture_of_line,
        bar=pictures.bar,
    )
    return env


def _topics(differences: Iterable[Difference]) -> list[tuple[str, list[Difference]]]:
    """Differences by topic, in the order in which topics first come: the desk gives the heaviest first."""
    found: dict[str, list[Difference]] = {}
    for each in differences:
        found.setdefault(each.topic, []).append(each)
    return list(found.items())


def _size(count: int) -> str:
    """Bytes as people read them, in binary units."""
    value = float(count)
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def render(name: str, language: str, **values: Any) -> str:
    """One page as HTML."""
    return environment(language).get_template(name).render(**values)


def sentence(message: Text, language: str) -> str:
    """A sentence as plain text, fit for a page or an event."""
    return plain(say(message, language), limit=2000)
