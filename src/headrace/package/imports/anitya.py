"""Anitya's projects, as its API and its exports write them: JSON with a backend, a home page, and names in distributions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from headrace.package.imports.model import MOST_ENTRIES, Imported, Imports, NotImported, refuse, text_of, word
from headrace.package.infer_folders import project_folder
from headrace.package.infer_forges import forge
from headrace.package.infer_model import take_apart
from headrace.words import Message, Text

_NAMED = {
    "pypi": "pypi", "npmjs": "npm", "crates.io": "crates", "rubygems": "rubygems", "cpan (perl)": "metacpan",
    "hackage": "hackage", "packagist": "packagist", "pecl": "pecl", "cran (r)": "cran", "maven central": "maven",
    "debian project": "debian", "gnome": "gnome", "gnu project": "gnu", "sourceforge": "sourceforge", "launchpad": "launchpad",
}  # fmt: skip
_PLACED = frozenset({"github", "gitlab", "bitbucket", "pagure", "cgit", "gitea", "sourceforge (git)"})
_PAGES = {"custom": "page", "folder": "folder"}


def read_anitya(
    data: bytes, distribution: str = "", where: str = "the export", hosts: Mapping[str, str] | None = None
) -> Imports:
    """Every project of an export. With `distribution` only those that are mapped to it, under their names there.

    Raises PackageError when the file holds no projects; a project that means nothing here is left with its reason.
    """
    try:
        document = json.loads(text_of(data, where))
    except (ValueError, RecursionError):
        raise refuse(where, "it is not JSON") from None
    read: list[Imported] = []
    left: list[NotImported] = []
    for entry in _projects(document, where):
        for name in _names(entry, distribution):
            found = _project(name, entry, hosts or {})
            (read if isinstance(found, Imported) else left).append(found)  # type: ignore[arg-type]
    return Imports(tuple(read), tuple(left))


def _projects(document: object, where: str) -> Iterator[Mapping[str, object]]:
    if isinstance(document, dict):
        listed = next((document[key] for key in ("projects", "items") if key in document), None)
        if listed is None and "backend" in document:
            listed = [document]
    else:
        listed = document
    if not isinstance(listed, list) or len(listed) > MOST_ENTRIES:
        raise refuse(where, f"it is no list of at most {MOST_ENTRIES} projects")
    for number, entry in enumerate(listed, 1):
        if not isinstance(entry, dict):
            raise refuse(where, f"entry {number} is no project")
        yield entry


def _names(entry: Mapping[str, object], distribution: str) -> list[str]:
    packages = entry.get("packages")
    listed = [one for one in packages if isinstance(one, dict)] if isinstance(packages, list) else []
    if not distribution:
        return [word(entry.get("name")) or "?"]
    return [
        name
        for one in listed
        if word(one.get("distro", one.get("distribution"))).lower() == distribution.lower()
        and (name := word(one.get("package_name", one.get("name"))))
    ]


def _project(package: str, entry: Mapping[str, object], hosts: Mapping[str, str]) -> Imported | NotImported:
    backend, name = word(entry.get("backend")).lower(), word(entry.get("name"))
    if not name:
        return NotImported(package, Message("the project has no name"))
    prefix, remarks = word(entry.get("version_prefix")).partition(";")[0], _remarks(entry)
    if backend in _NAMED:
        return Imported(package, _NAMED[backend], name, "", prefix, {}, remarks)
    places = [word(entry.get(key), 2000) for key in ("version_url", "homepage", "url")]
    if backend in _PLACED or backend in _PAGES:
        for place in places:
            address = take_apart(place if "://" in place else _whole(backend, place), "", hosts)
            found = (forge(address) or project_folder(address)) if address else None
            if found is not None:
                return Imported(package, found.source, found.project, found.address, prefix, {}, remarks)
    if backend in _PAGES and any("://" in place for place in places):
        place = next(place for place in places if "://" in place)
        pattern = word(entry.get("regex"), 2000)
        return Imported(package, _PAGES[backend], name, place, prefix, {"pattern": pattern} if pattern else {}, remarks)
    if not backend:
        return NotImported(package, Message("the project names no backend"))
    return NotImported(package, Message("the backend {backend} has no counterpart here", backend=backend))


def _whole(backend: str, place: str) -> str:
    """`owner/name` as a forge's address; the forges that need no host to be told."""
    hosts = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
    return f"https://{hosts[backend]}/{place}" if backend in hosts and place.count("/") == 1 else ""


def _remarks(entry: Mapping[str, object]) -> tuple[Text, ...]:
    told = [
        (";" in word(entry.get("version_prefix")), Message("it has several prefixes; the first one is taken")),
        (bool(entry.get("insecure")), Message("its certificates are not checked there; they are here")),
    ]
    return tuple(text for there, text in told if there)
