"""Extract the sentences that people read and bring the catalogs up to date: `python -m tools.catalogs` (--check only looks)."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "headrace"
LANGUAGES = ("zh_CN",)
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "encoding": "utf-8"}}
KEYWORDS = {"Message": None, "_": None, "ngettext": (1, 2), "gettext": None}


def extracted() -> Catalog:
    """Every sentence in the source, without line numbers: they would change with every edit."""
    catalog = Catalog(project="Headrace", charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(
        SOURCE, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        catalog.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return catalog


def path_of(language: str) -> Path:
    return SOURCE / "locale" / language / "LC_MESSAGES" / "headrace.po"


def updated(language: str) -> Catalog:
    """The language's catalog with today's sentences; what is new has no translation yet, what is gone is dropped."""
    path = path_of(language)
    catalog = Catalog(locale=language, domain="headrace", project="Headrace", charset="utf-8")
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language, domain="headrace")
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def missing(language: str) -> list[str]:
    """The sentences that have no translation."""
    return [
        str(message.id) for message in updated(language) if message.id and not (message.string and all(message.string))
    ]


def main() -> None:
    check = "--check" in sys.argv
    for language in LANGUAGES:
        catalog = updated(language)
        text = io.BytesIO()
        write_po(text, catalog, omit_header=False, no_location=True, sort_output=True, width=130)
        left = missing(language)
        print(f"{language}: {len(catalog)} sentences, {len(left)} without a translation")
        for sentence in left[:20] if check else []:
            print(f"  {sentence}")
        if check and left:
            sys.exit(1)
        if not check:
            path_of(language).parent.mkdir(parents=True, exist_ok=True)
            path_of(language).write_bytes(text.getvalue())


if __name__ == "__main__":
    main()
