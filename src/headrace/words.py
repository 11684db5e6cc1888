"""Sentences that people read in their own language.

A `Message` keeps the English sentence (the gettext msgid) apart from its values, so that a finding made by a worker
tonight can be read in Chinese tomorrow. The catalogs live in `locale/`; `say` needs no context and no global state.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "zh_CN")
"""The languages for which every sentence has a translation."""

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_LOCALE = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Text:
    """A translatable sentence with the values of its `{placeholders}`; build it with `Message`.

    A value may be a sentence itself; it is said in the same language.
    """

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in English."""
        return say(self)


Value = str | int | float | Text
"""What a placeholder may stand for."""


def Message(text: str, /, **values: Value) -> Text:  # noqa: N802 - reads as the value that it makes; also the extraction keyword
    """Make a translatable sentence; `text` must be a literal, for the catalogs are extracted from the source."""
    return Text(text, values)


@lru_cache
def catalog(language: str) -> gettext.NullTranslations:
    """The translations of one language; an unknown language reads English.

    The text catalog is compiled in memory, so that no step of an installation can leave a stale one behind.
    """
    path = _LOCALE / language / "LC_MESSAGES" / "headrace.po"
    if language not in LANGUAGES or not path.exists():
        return gettext.NullTranslations()
    # Loaded only for readers of another language than English.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, domain="headrace"))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def say(message: Text, language: str = "en") -> str:
    """The sentence in `language`, its values filled in. A value is data: braces in it mean nothing."""
    template = catalog(language).gettext(message.text) if message.text else ""

    def filled(match: re.Match[str]) -> str:
        value = message.values.get(match[1])
        if value is None:
            return match[0]
        return say(value, language) if isinstance(value, Text) else str(value)

    return _PLACEHOLDER.sub(filled, template)
