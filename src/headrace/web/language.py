"""Which language a reader wants: the address says it, or the cookie, or the browser."""

from __future__ import annotations

from headrace.words import LANGUAGES

COOKIE = "headrace_language"

_CHINESE = frozenset({"zh", "zh-cn", "zh-sg", "zh-hans", "zh-hans-cn", "zh-hans-sg", "zh_cn"})


def known(tag: str) -> str | None:
    """The catalog for a language tag, None when there is none. Traditional Chinese is not taken for simplified."""
    tag = tag.strip()
    if tag in LANGUAGES:
        return tag
    if tag.lower() in _CHINESE:
        return "zh_CN"
    return "en" if tag.lower().split("-")[0] == "en" else None


def accepted(header: str) -> str | None:
    """The best known language of an Accept-Language header (at most 20 ranges are read), None when none is known."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:1000].split(",")[:20]):
        tag, _, parameter = part.partition(";")
        language = known(tag)
        if language is None:
            continue
        try:
            quality = float(parameter.strip().removeprefix("q=") or 1) if parameter else 1.0
        except ValueError:
            quality = 0.0
        if 0 < quality <= 1:
            ranked.append((-quality, place, language))
    return min(ranked)[2] if ranked else None


def choose_language(query: str | None, cookie: str | None, header: str | None) -> str:
    """The language of a page: `?lang=`, else the cookie, else Accept-Language, else English."""
    return known(query or "") or known(cookie or "") or accepted(header or "") or "en"
