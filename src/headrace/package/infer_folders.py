"""Recognise folders of release files: those of large projects by name, any other by its versioned file names."""

from __future__ import annotations

import re

from headrace.package.infer_model import UNKNOWN_PART, Address, Inferred, known
from headrace.words import Message, Text

_CLOSED = (
    "fedorahosted.org", "code.google.com", "googlecode.com", "gna.org", "berlios.de", "codehaus.org", "java.net",
    "freecode.com", "rubyforge.org", "gitorious.org",
)  # fmt: skip
_OWN_STORES = re.compile(r"(?:^|/)(?:photon_sources|lookaside|repo/pkgs)(?:/|$)")
_STORE_LABEL = re.compile(r"[a-z0-9-]*srcstorage")
_SOURCEFORGE = ("sourceforge.net", "sf.net", "sourceforge.io")
_SF_SITE = frozenset({"www", "downloads", "download", "prdownloads", "dl", "master", "sourceforge", "sf", "osdn"})
_SF_WORDS = frozenset({"projects", "project", "sourceforge", "p"})


def closed(address: Address) -> Text | None:
    """Why nothing can be asked at an address: the service was closed, or it is a distribution's own store of files."""
    if address.under(*_CLOSED):
        return Message("{host} was closed and announces nothing any more", host=address.host)
    if _OWN_STORES.search("/".join(address.path)) or any(_STORE_LABEL.fullmatch(label) for label in address.labels):
        return Message("{host} is a distribution's own store of files, not an upstream", host=address.host)
    return None


def project_folder(address: Address) -> Inferred | None:
    """The folder of a large project's release files (GNOME, GNU, KDE, X.Org, the kernel, Apache, SourceForge)."""
    for rule in (_sourceforge, _gnome, _gnu, _kernel, _xorg, _kde, _apache):
        found = rule(address)
        if found is not None:
            return found
    return None


def _made(source: str, name: str, home: str, address: Address) -> Inferred | None:
    if not known(name, home) or len(name) > 120:
        return None
    certainty = 0.93 if address.is_archive else 0.75
    return Inferred(source, name, home, certainty, Message("{host} is where {source} keeps {name}", host=address.host,
                                                           source=source, name=name))  # fmt: skip


def _sourceforge(address: Address) -> Inferred | None:
    if not address.under(*_SOURCEFORGE):
        return None
    words = [part for part in address.path if part not in _SF_WORDS]
    name = words[0] if words else ""
    if address.labels[0] not in _SF_SITE and not address.labels[0].endswith("dl") and len(address.labels) == 3:
        name = address.labels[0]
    if "group_id" in address.query or not re.fullmatch(r"[\w.+-]{1,80}", name, re.ASCII):
        return None
    return _made("sourceforge", name, "https://sourceforge.net", address)


def _gnome(address: Address) -> Inferred | None:
    rest = address.after("sources")
    if len(rest) >= 2 and (address.under("gnome.org") or "gnome" in (part.lower() for part in address.path)):
        return _made("gnome", rest[0], "https://download.gnome.org/sources", address)
    return None


def _gnu(address: Address) -> Inferred | None:
    rest = address.after("releases") if address.under("savannah.gnu.org", "nongnu.org") else ()
    if not rest and address.under("savannah.gnu.org", "nongnu.org"):
        rest = address.after("projects") or (() if not address.is_archive else address.path)
    if rest and known(rest[0]):
        name = rest[0] if len(rest) > 1 or not address.is_archive else address.stem
        return _made("folder", name, f"https://download.savannah.gnu.org/releases/{name}", address)
    if not (address.under("gnu.org") or "gnu" in address.path[:3]):
        return None
    rest = address.after("gnu") or address.after("software")
    alone = address.stem if address.is_archive else "".join(rest[:1])
    name = rest[0] if len(rest) > 1 else alone
    return _made("gnu", name, "https://ftp.gnu.org/gnu", address) if address.under("gnu.org") or rest else None


def _kernel(address: Address) -> Inferred | None:
    rest = address.after("linux", "kernel")
    if rest and re.match(r"v\d|v.\b|" + UNKNOWN_PART, rest[0]) and address.stem in {"linux", "patch"}:
        return _made("kernel", "linux", "https://www.kernel.org", address)
    return None


def _xorg(address: Address) -> Inferred | None:
    if not address.under("x.org", "xorg.freedesktop.org", "xcb.freedesktop.org") or not address.is_archive:
        return None
    rest = address.after("individual")
    group = rest[0] if len(rest) > 1 else ("xcb" if address.under("xcb.freedesktop.org") else "")
    home = f"https://www.x.org/releases/individual/{group}" if group else _folder_of(address)
    return _made("xorg", address.stem, home, address)


def _kde(address: Address) -> Inferred | None:
    if not address.under("kde.org") or not address.is_archive:
        return None
    return _made("kde", address.stem, _folder_of(address) or "https://download.kde.org/stable", address)


def _apache(address: Address) -> Inferred | None:
    rest = address.after("dist") or address.after("dyn", "closer.lua") or address.after("apache")
    if not address.is_archive or not rest:
        rest = address.path if address.under("dlcdn.apache.org", "downloads.apache.org") else rest
    if not address.is_archive or not rest or not (address.under("apache.org") or "apache" in "".join(address.path[:3])):
        return None
    if address.under("apache.org") or address.after("apache"):
        words = [part for part in rest[:-1] if not _versioned(part, address) and part not in _GENERIC]
        return _made("apache", address.stem, "/".join(("https://archive.apache.org/dist", *words)), address)
    return None


_GENERIC = frozenset({"source", "sources", "src", "binaries"})
_NUMBERS = re.compile(r"(?:^|[^A-Za-z])v?\d+(?:[._]\d+)+|^v?\d+(?:\.x)?$|\d{6,}")


def _versioned(part: str, address: Address) -> bool:
    return UNKNOWN_PART in part or bool(_NUMBERS.search(part)) or (len(address.version) > 1 and address.version in part)


def _folder_of(address: Address) -> str:
    """The address of the deepest folder that does not depend on the version."""
    count = 0
    for part in address.path[:-1]:
        if _versioned(part, address):
            break
        count += 1
    return address.base(count)


def folder(address: Address) -> Inferred | Text:
    """Any other folder, by its file's name; or why none can be listed."""
    if address.scheme not in {"http", "https", "ftp"}:
        return Message("{scheme} addresses cannot be asked", scheme=address.scheme)
    name = address.stem
    whole = "/".join((*address.path, address.query))
    if not known(name) or not known(address.host) or UNKNOWN_PART in "".join(address.path[:1]):
        return Message("the address at {host} cannot be known without running the spec", host=address.host)
    if not any(_versioned(part, address) for part in (*address.path, address.query)) and not re.search(r"\d", whole):
        return Message("the file {file} at {host} carries no version", file=address.filename, host=address.host)
    named = address.version and address.version in whole
    return Inferred(
        "folder", name, _folder_of(address), 0.7 if named and address.is_archive else 0.45,
        Message("the files at {host} carry their version in their names", host=address.host),
    )  # fmt: skip
