"""Debian's watch files, versions 3 to 5, in their common forms. No pattern of theirs is run here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from headrace.package.imports.model import Imported, Imports, NotImported, refuse, text_of, word
from headrace.package.infer_folders import project_folder
from headrace.package.infer_forges import forge
from headrace.package.infer_model import UNKNOWN_PART, Inferred, take_apart
from headrace.package.infer_registries import registry
from headrace.words import Message, Text

_VERSION = re.compile(r"version[ \t]*=[ \t]*(\d{1,3})", re.IGNORECASE)
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]*(.*)")
_GROUP = re.compile(r"\\.|[()\[\]?*+|{}^$]")
_OPTION = re.compile(r"\s*([a-zA-Z-]{1,40})(?:\s*=\s*([^,]*))?")
_UNSAID = {"mode", "component", "pgpmode", "ctype", "compression", "repack", "pasv", "passive", "active", "bare", "pretty",
           "gitmode", "gitexport", "nopasv", "unzipopt", "decompress", "searchmode", "repacksuffix",
           "oversionmangle"}  # fmt: skip
_SOURCES = {"github": "github", "gitlab": "gitlab", "pypi": "pypi", "npmregistry": "npm", "npm": "npm", "metacpan": "metacpan",
            "cpan": "metacpan", "cran": "cran", "rubygems": "rubygems", "sourceforge": "sourceforge",
            "gnome": "gnome"}  # fmt: skip
_MOST_LINES = 2000


def read_watch(
    data: bytes, package: str = "", where: str = "debian/watch", hosts: Mapping[str, str] | None = None
) -> Imports:
    """The upstreams of one watch file (mostly one). Raises PackageError when it is none of a version from 3 to 5."""
    text = text_of(data, where)
    rows = _joined(text)
    if len(rows) > _MOST_LINES:
        raise refuse(where, f"it has more than {_MOST_LINES} lines")
    first = next((row for row in rows if row.strip() and not row.lstrip().startswith("#")), "")
    field = _FIELD.fullmatch(first.strip())
    if field is not None and field[1].lower() == "version":
        number, entries = field[2].strip(), _stanzas(text)
    else:
        match = _VERSION.fullmatch(first.strip())
        number, entries = (match[1] if match else ""), _lines(rows)
    if number not in {"3", "4", "5"}:
        raise refuse(where, "it names no version from 3 to 5")
    read: list[Imported] = []
    left: list[NotImported] = []
    for entry in entries:
        found = _entry(package or "?", entry, hosts or {})
        (read if isinstance(found, Imported) else left).append(found)  # type: ignore[arg-type]
    if not read and not left:
        raise refuse(where, "it watches nothing")
    return Imports(tuple(read), tuple(left))


def _joined(text: str) -> list[str]:
    rows: list[str] = []
    held = ""
    for row in text.splitlines():
        if row.endswith("\\") and not row.lstrip().startswith("#"):
            held += row[:-1].rstrip() + " " if not held else row[:-1].strip() + " "
            continue
        rows.append(held + (row.strip() if held else row))
        held = ""
    return [*rows, held] if held else rows


def _lines(rows: list[str]) -> Iterator[dict[str, str]]:
    """The entries of versions 3 and 4: options, the address with its pattern, what the version is compared with."""
    for row in rows:
        line = row.strip()
        if not line or line.startswith("#") or _VERSION.fullmatch(line):
            continue
        entry: dict[str, str] = {}
        if line.lower().startswith(("opts=", "options=")):
            options, line = _options(line.partition("=")[2].lstrip())
            entry |= options
        words = line.split()
        entry["source"] = words[0] if words else ""
        if len(words) > 1 and words[1] not in {"debian", "same", "group", "checksum", "ignore", "previous"}:
            entry["matching-pattern"] = words[1]
        yield entry


def _options(text: str) -> tuple[dict[str, str], str]:
    if text[:1] == '"':
        inside, _, rest = text[1:].partition('"')
    else:
        inside, _, rest = text.partition(" ")
    found = {}
    for match in _OPTION.finditer(inside[:4000].replace(" ,", ",")):
        found[match[1].lower()] = (match[2] or "yes").strip()
    return found, rest.strip()


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    """The entries of version 5: paragraphs of fields; the first one holds the version and what is common to all."""
    shared: dict[str, str] = {}
    for number, paragraph in enumerate(re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))):
        fields: dict[str, str] = {}
        last = ""
        for row in paragraph.split("\n"):
            match = _FIELD.fullmatch(row)
            if match is not None:
                last = match[1].lower()
                fields[last] = match[2].strip()
            elif row[:1] in {" ", "\t"} and last:
                fields[last] += " " + row.strip()
        version = fields.pop("version", "")
        if number == 0 and version and not ({"source", "template"} & set(fields)):
            shared = fields
        elif fields:
            yield shared | fields


def _entry(package: str, entry: Mapping[str, str], hosts: Mapping[str, str]) -> Imported | NotImported:
    template = entry.get("template", "").lower().replace("-", "").replace(" ", "")
    if template:
        return _template(package, template, entry)
    place = word(entry.get("source", ""), 2000).replace("@PACKAGE@", package)
    if "://" not in place:
        return NotImported(package, Message("an entry names no address"))
    remarks = _remarks(entry)
    if entry.get("mode") in {"git", "svn"}:
        source = "git" if entry["mode"] == "git" else "svn"
        return Imported(package, source, _named(place), place.rstrip("/"), _tag_prefix(entry), {}, remarks)
    found = _known(place, entry.get("matching-pattern", ""), hosts)
    if found is not None:
        return Imported(package, found.source, found.project, found.address, found.tag_prefix, {}, remarks)
    page, pattern = _split(place, entry.get("matching-pattern", ""))
    if page.count("/") < 3:
        return NotImported(package, Message("its address is a pattern from the host on"))
    source = "page" if entry.get("searchmode") == "plain" else "folder"
    kept = {"pattern": pattern, "mangle": entry.get("uversionmangle", "")}
    options = {key: text for key, value in kept.items() if (text := word(value, 2000))}
    return Imported(package, source, package, page, "", options, remarks)


def _template(package: str, template: str, entry: Mapping[str, str]) -> Imported | NotImported:
    source = _SOURCES.get(template, "")
    dist = word(entry.get("dist", "")).rstrip("/")
    project = dist or "/".join(part for part in (word(entry.get("owner", "")), word(entry.get("project", ""))) if part)
    if not source:
        return NotImported(package, Message("the template {template} has no counterpart here", template=template[:60]))
    address = ""
    if source in {"github", "gitlab"}:
        address = project if "://" in project else f"https://{source}.com/{project}"
        parts = take_apart(address, "", {})
        found = forge(parts) if parts else None
        if found is None or "/" not in found.project:
            return NotImported(package, Message("the template {template} names no repository", template=template))
        source, project, address = found.source, found.project, found.address
    elif not project:
        project = package
    return Imported(package, source, project, address, "", {}, _remarks(entry))


def _known(place: str, pattern: str, hosts: Mapping[str, str]) -> Inferred | None:
    """The project of an address whose patterns are taken for unknown parts; Debian's own redirectors are seen through."""
    whole = place if not pattern or "://" in pattern else place.rstrip("/") + "/" + pattern.rpartition("/")[2]
    redirected = re.search(r"/watch/sf\.php/([\w.+-]{1,80})", place, re.ASCII)
    if redirected is not None:
        return Inferred(
            "sourceforge", redirected[1], "https://sourceforge.net", 0.9, Message("a redirector of its files")
        )
    for text in (place, whole):
        address = take_apart(_plain(text), "", hosts)
        if address is None:
            continue
        found = registry(address) or forge(address) or project_folder(address)
        if found is not None:
            return found
    return None


def _plain(text: str) -> str:
    """An address with every part that is a pattern taken for unknown; a pattern's escaped points are points."""
    scheme, _, rest = text.partition("://")
    parts = (
        rest.replace("\\.", ".")
        .replace("@ANY_VERSION@", "-" + UNKNOWN_PART)
        .replace("@ARCHIVE_EXT@", ".tar.gz")
        .split("/")
    )
    return f"{scheme}://" + "/".join(_part(part) for part in parts)


def _part(part: str) -> str:
    at = _GROUP.search(part)
    if at is None or part.startswith("?"):
        return part
    ending = next((end for end in (".tar.gz", ".tgz", ".gem", ".zip") if end in part or end[1:] in part), "")
    before = part[: at.start()]
    return (
        before
        + ("" if before[-1:] in {"-", "_", ""} else "-")
        + UNKNOWN_PART
        + (ending or (".tar.gz" if "tar" in part else ""))
    )


def _split(place: str, pattern: str) -> tuple[str, str]:
    """The page to read and the pattern of the files on it."""
    if pattern:
        return place, pattern
    head, _, tail = place.rpartition("/")
    folders = head.split("/")
    for at, part in enumerate(folders):
        if at > 2 and ("(" in part or "@" in part):
            return "/".join(folders[:at]) + "/", "/".join((*folders[at:], tail))
    return head + "/", tail


def _named(place: str) -> str:
    return place.rstrip("/").rpartition("/")[2].removesuffix(".git")


def _tag_prefix(entry: Mapping[str, str]) -> str:
    """What stands in a git tag before the version: `refs/tags/v([\\d.]+)` gives `v`."""
    pattern = entry.get("matching-pattern", "")
    if not pattern.startswith("refs/tags/"):
        return ""
    plain = pattern.removeprefix("refs/tags/").partition("(")[0].replace("@ANY_VERSION@", "").replace("\\", "")
    return "" if _GROUP.search(plain) else word(plain, 80)


def _remarks(entry: Mapping[str, str]) -> tuple[Text, ...]:
    return tuple(
        Message("the option {name} has no counterpart here: {value}", name=key, value=value[:200])
        for key, value in entry.items()
        if key.endswith("mangle") and key not in _UNSAID and word(value[:200])
    )
