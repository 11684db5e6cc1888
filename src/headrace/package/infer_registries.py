"""Recognise a package registry's address by its shape, or by the hosts that the machine's own clients are configured with."""

from __future__ import annotations

import re
from collections.abc import Callable

from headrace.package.infer_model import Address, Inferred, known, name_of
from headrace.words import Message

_HEX2 = re.compile(r"[0-9a-f]{2}")
_HEX60 = re.compile(r"[0-9a-f]{50,64}")
_SHORT = re.compile(r"(?:lib)?.")
_PYTHON = re.compile(r"(?:source|any|py[23]|[23]\.\d+|cp\d+|py2\.py3)")
_NAME = re.compile(r"@?[\w.+~-]{1,120}(?:/[\w.+~-]{1,120})?", re.ASCII)


def registry(address: Address) -> Inferred | None:
    """The package of a registry that an address means; None when it is no registry's."""
    for source, rule in _RULES.items():
        name = rule(address)
        if name and known(name) and _NAME.fullmatch(name.replace(":", "/")):
            sure = 0.97 if address.is_archive else 0.9
            reason = Message("the address at {host} has the form of {source}'s", host=address.host, source=source)
            if address.hosts.get(address.host) == source:
                reason = Message("{host} is the registry {source}", host=address.host, source=source)
            return Inferred(source, name, _BASES.get(source, ""), sure, reason)
    return None


def _pypi(address: Address) -> str:
    path = address.path
    rest = address.after("packages") or (path if address.labels[0] == "pypi" else ())
    if len(rest) >= 4 and _PYTHON.fullmatch(rest[0]) and _SHORT.fullmatch(rest[1]):
        return rest[2] if known(rest[2]) else address.stem
    if len(rest) >= 4 and _HEX2.fullmatch(rest[0]) and _HEX2.fullmatch(rest[1]) and _HEX60.fullmatch(rest[2]):
        return address.stem
    is_one = address.hosts.get(address.host) == "pypi" or "pypi" in address.labels
    if address.labels[0] == "pypi" and len(path) == 2 and path[0] not in {"project", "pypi", "p", "simple", "packages"}:
        return path[0]
    for word in ("project", "pypi", "p", "simple"):
        rest = address.after(word)
        if rest and is_one:
            return rest[0]
    return path[0] if is_one and len(path) == 1 and path[0] not in {"packages", "pypi"} else ""


def _npm(address: Address) -> str:
    path = address.path
    if "-" in path[1:] and address.filename.endswith(".tgz"):
        at = path.index("-", 1)
        scope = path[at - 2] if at >= 2 and path[at - 2].startswith("@") else ""
        if address.filename.startswith(path[at - 1]):
            return f"{scope}/{path[at - 1]}" if scope else path[at - 1]
    is_one = address.hosts.get(address.host) == "npm" or any(label.startswith("npm") for label in address.labels)
    rest = address.after("package") if is_one else ()
    return "/".join(rest[:2]) if rest and rest[0].startswith("@") else (rest[0] if rest else "")


def _debian(address: Address) -> str:
    rest = address.after("pool")
    if len(rest) >= 3 and _SHORT.fullmatch(rest[1]):
        return rest[2]
    return ""


def _crates(address: Address) -> str:
    rest = address.after("crates")
    if rest and (address.under("crates.io") or address.filename == "download" or address.filename.endswith(".crate")):
        return rest[0] if not rest[0].endswith(".crate") else name_of(rest[0], address.version)
    return ""


def _rubygems(address: Address) -> str:
    if address.filename.endswith(".gem"):
        return address.stem
    rest = address.after("gems")
    return rest[0] if rest and address.under("rubygems.org") else ""


def _metacpan(address: Address) -> str:
    path, stem = address.path, address.stem
    if address.is_archive and any(address.after(*run) for run in _CPAN_RUNS):
        return stem
    if not address.under("metacpan.org", "cpan.org"):
        return ""
    for word in ("release", "dist", "pod", "module", "perldoc"):
        rest = address.after(word)
        if rest:
            part = rest[1] if word == "release" and len(rest) > 1 and rest[0].isupper() else rest[0]
            return part.replace("::", "-")
    if len(path) == 2 and path[0].startswith("~"):
        return name_of(path[1])
    return stem if address.is_archive else ""


_CPAN_RUNS = (("authors", "id"), ("modules", "by-module"), ("modules", "by-authors"), ("by-module",))


def _hackage(address: Address) -> str:
    rest = address.after("package") or address.after("packages", "archive")
    return name_of(rest[0], address.version) if rest and "hackage" in address.labels else ""


def _cran(address: Address) -> str:
    rest = address.after("src", "contrib")
    if rest and "_" in address.filename and address.is_archive:
        return address.filename.partition("_")[0]
    rest = address.after("web", "packages")
    if rest and "cran" in "".join(address.labels):
        return rest[0]
    if address.query.startswith("package=") and ("cran" in address.host or "r-project" in address.host):
        return address.query.removeprefix("package=")
    found = re.fullmatch(r"package=([\w.]{1,100})", address.filename)
    return found[1] if found else ""


def _maven(address: Address) -> str:
    path = address.after("maven2") or address.after("remotecontent")
    if address.query.startswith("filepath="):
        path = tuple(address.query.removeprefix("filepath=").split("/"))
    if len(path) < 4 or not known(*path[:-2]):
        return ""
    return f"{'.'.join(path[:-3])}:{path[-3]}"


def _hex(address: Address) -> str:
    rest = address.after("tarballs") or address.after("packages")
    return name_of(rest[0], address.version) if rest and ("hex" in address.labels or address.under("hex.pm")) else ""


def _packagist(address: Address) -> str:
    rest = address.after("packages")
    return "/".join(rest[:2]) if len(rest) > 1 and address.under("packagist.org") else ""


def _pecl(address: Address) -> str:
    rest = address.after("get") or address.after("package")
    return name_of(rest[0], address.version) if rest and "pecl" in address.labels else ""


def _go(address: Address) -> str:
    if "@v" in address.path:
        return "/".join(address.path[: address.path.index("@v")])[-120:]
    return ""


_RULES: dict[str, Callable[[Address], str]] = {
    "pypi": _pypi, "npm": _npm, "debian": _debian, "crates": _crates, "rubygems": _rubygems, "metacpan": _metacpan,
    "hackage": _hackage, "cran": _cran, "maven": _maven, "hex": _hex, "packagist": _packagist, "pecl": _pecl, "go": _go,
}  # fmt: skip
_BASES = {
    "crates": "https://index.crates.io", "rubygems": "https://rubygems.org", "metacpan": "https://fastapi.metacpan.org",
    "hackage": "https://hackage.haskell.org", "cran": "https://cran.r-project.org",
    "maven": "https://repo1.maven.org/maven2", "hex": "https://hex.pm", "packagist": "https://repo.packagist.org",
    "pecl": "https://pecl.php.net", "go": "https://proxy.golang.org",
}  # fmt: skip
