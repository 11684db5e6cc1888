"""`<name>.yaml`: where a package's upstream is, in openEuler's upstream-info layout, read strictly and with its known slips."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import yaml

from headrace.package.model import PackageError, UpstreamMetadata
from headrace.upstream.model import Project

_MOST_BYTES = 256 * 1024
_DEEPEST = 20
_LONGEST = 512
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BARE_SEPARATOR = re.compile(rb"^(sep[ae]rator:[ \t]*)([-_.,:])[ \t]*\r?$", re.MULTILINE)
_SLIPS = {"seperator": "separator"}
_QUOTES = "\"'`"
_PATTERN_SIGNS = frozenset("*+?()[]{}|$^\\")

_REGISTRIES = {"pypi": "pip", "npm": "npm", "debian": "apt"}
"""Sources whose address the machine's own client knows."""

_FORGES = {
    "github": "https://github.com/{}.git",
    "gitee": "https://gitee.com/{}.git",
    "gitlab": "https://gitlab.com/{}.git",
    "gitlab.gnome": "https://gitlab.gnome.org/GNOME/{}.git",
    "codeberg": "https://codeberg.org/{}.git",
    "gitcode": "https://gitcode.com/{}.git",
    "atomgit": "https://atomgit.com/{}.git",
}
"""Forges whose tags git itself lists best: all of them, with commits, without a quota."""

PLACES: Mapping[str, str] = {
    "anitya": "https://release-monitoring.org",
    "apache": "https://downloads.apache.org",
    "bitbucket": "https://api.bitbucket.org",
    "container": "https://registry-1.docker.io",
    "cran": "https://cran.r-project.org",
    "crates": "https://index.crates.io",
    "ctan": "https://ctan.org",
    "forgejo": "https://codeberg.org",
    "gitcode-api": "https://api.gitcode.com",
    "gitee-api": "https://gitee.com",
    "github-graphql": "https://api.github.com",
    "github-releases": "https://github.com",
    "gitlab-api": "https://gitlab.com",
    "gnome": "https://download.gnome.org",
    "gnu": "https://ftp.gnu.org/gnu",
    "go": "https://proxy.golang.org",
    "hackage": "https://hackage.haskell.org",
    "hex": "https://hex.pm",
    "kde": "https://download.kde.org",
    "kernel": "https://www.kernel.org",
    "launchpad": "https://api.launchpad.net",
    "maven": "https://repo1.maven.org/maven2",
    "metacpan": "https://fastapi.metacpan.org/v1",
    "nuget": "https://api.nuget.org",
    "opam": "https://opam.ocaml.org",
    "packagist": "https://repo.packagist.org",
    "pagure": "https://pagure.io",
    "pecl": "https://pecl.php.net",
    "pub": "https://pub.dev",
    "repology": "https://repology.org",
    "rubygems": "https://rubygems.org",
    "sourceforge": "https://sourceforge.net",
    "sourcehut": "https://git.sr.ht",
    "xorg": "https://www.x.org",
}
"""Where each source is asked unless the yaml (`address`) or the settings say otherwise; `src_repo` is a name there."""

_ADDRESSED = ("cgit", "fossil", "folder", "ftp", "gitiles", "hg", "json", "page", "rpm", "svn")
"""Sources whose `src_repo` is itself the address (`rpm`: of the repository, with `package` as the name)."""

_SOURCES = {"gitlab-api": "gitlab", "gitee-api": "gitee", "gitcode-api": "gitcode"}
"""`version_control` words whose source has a shorter name."""

_ALIASES = {
    "codeberg-api": "forgejo",
    "cpan": "metacpan",
    "crates.io": "crates",
    "docker": "container",
    "ftp-gnu": "gnu",
    "gem": "rubygems",
    "gitea": "forgejo",
    "gnu-ftp": "gnu",
    "golang": "go",
    "hex.pm": "hex",
    "hg-raw": "hg",
    "hg_raw": "hg",
    "mercurial": "hg",
    "nodejs": "npm",
    "oci": "container",
    "regex": "page",
    "repodata": "rpm",
    "rubygem": "rubygems",
    "subversion": "svn",
}
"""Other spellings that real files have."""

_DOWNLOADS = {"crates": "https://static.crates.io/crates", "hex": "https://repo.hex.pm"}
"""Where a registry's files lie, when not below its own address."""

_GIT_DAEMONS = {
    "git.kernel.org": "https://git.kernel.org/{}",
    "git.savannah.gnu.org": "https://git.savannah.gnu.org/git/{}",
    "git.savannah.nongnu.org": "https://git.savannah.nongnu.org/git/{}",
    "git.sv.gnu.org": "https://git.savannah.gnu.org/git/{}",
    "sourceware.org": "https://sourceware.org/{}",
    "anongit.freedesktop.org": "https://anongit.freedesktop.org/{}",
    "git.code.sf.net": "https://git.code.sf.net/{}",
    "git.lttng.org": "https://git.lttng.org/{}",
    "git.netfilter.org": "https://git.netfilter.org/{}",
    "git.samba.org": "https://git.samba.org/{}",
    "github.com": "https://github.com/{}",
}
"""Hosts that serve over HTTP what the yaml names with `git://`."""

_FORGE_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:/[A-Za-z0-9._-]{1,100}){0,3}")
_OPTIONS = ("suites", "component", "pattern", "path", "files", "folders", "repository", "downloads")

KNOWN = tuple(sorted({*_REGISTRIES, "git", *_FORGES, *PLACES, *_ADDRESSED}))
"""Every `version_control` that can be watched."""


def parse(text: bytes, name: str) -> UpstreamMetadata:
    """Read the yaml of package `name`.

    Knows the slips of real files: `seperator`, a bare `-` as separator, quotes within quotes, `^` before a tag's prefix
    (it was a pattern once). A prefix that is still a pattern is kept in `extra["tag_pattern"]` and counts as none. Other
    keys with plain values are in `extra`. Raises PackageError in one sentence for anything that names no upstream.
    """
    where = f"{name}.yaml"
    document = {_key(key): value for key, value in _load(text, where).items()}
    words = {key: _word(value) for key, value in document.items() if isinstance(value, str | int | float | None)}
    source, repository = words.pop("version_control", "").lower(), words.pop("src_repo", "")
    if not source or source == "na":
        raise PackageError(
            f"{where} names no upstream", "version_control is missing", f"set it to one of {', '.join(KNOWN)}"
        )
    if not repository:
        raise PackageError(
            f"{where} names no upstream", "src_repo is missing", "set it to the upstream's name or address"
        )
    prefix, pattern = _prefix(words.pop("tag_prefix", ""))
    separator = words.pop("separator", "") or "."
    if pattern:
        words["tag_pattern"] = pattern
    return UpstreamMetadata(source, repository, prefix, separator, words)


def to_project(metadata: UpstreamMetadata, current: str, addresses: Mapping[str, str]) -> Project:
    """The upstream to ask. `current` is the version that the package ships, `addresses` the registries' base addresses.

    Raises PackageError when the source is unknown, its registry is not configured here, or a repository's address cannot
    be asked over HTTP.
    """
    control, name = metadata.version_control, metadata.src_repo
    control = _ALIASES.get(control, control)
    source = _SOURCES.get(control, control)
    options = {key: metadata.extra[key] for key in _OPTIONS if metadata.extra.get(key)}
    if control in _REGISTRIES:
        address = addresses.get(control, "")
        if not address:
            client = _REGISTRIES[control]
            raise PackageError(
                f"{name} cannot be watched", f"no {control} registry is configured here", f"configure {client}"
            )
    elif control == "git" or control in _FORGES:
        source, address = "git", _repository(control, name)
        name = address.rpartition("/")[2].removesuffix(".git")
    elif control in PLACES:
        name, own = _name_on(control, name)
        address = _web_address(metadata.extra.get("address") or own or addresses.get(control) or PLACES[control])
        if control in _SITES:
            options.setdefault("repository", f"{address}/{name}.git")
        downloads = addresses.get(f"{control}-downloads") or _DOWNLOADS.get(control, "")
        if downloads and address == PLACES[control]:
            options.setdefault("downloads", downloads)
    elif control in _ADDRESSED:
        address = _web_address(name, with_query=control in {"page", "json"})
        name = metadata.extra.get("package") or address.rpartition("/")[2]
    else:
        raise PackageError(
            f"{name} cannot be watched", f"version_control {control!r} is unknown", f"use one of {', '.join(KNOWN)}"
        )
    return Project(source, name, address.rstrip("/"), metadata.tag_prefix, metadata.separator, current, options)


_SITES = frozenset({"forgejo", "gitee-api", "gitlab-api"})
"""Forges whose interface and repositories stand on one server; any server of their kind can be named in src_repo."""


def _name_on(control: str, named: str) -> tuple[str, str]:
    """(the project's name as its source spells it, the server that src_repo names or "")."""
    if control == "metacpan":
        return named.replace("::", "-"), ""
    if control == "container":
        return (named if "/" in named else f"library/{named}"), ""
    if control not in _SITES or "://" not in named:
        return named.removesuffix(".git"), ""
    parts = urlsplit(_web_address(named))
    return parts.path.strip("/").removesuffix(".git"), f"{parts.scheme}://{parts.netloc}"


def _load(text: bytes, where: str) -> dict[object, object]:
    if len(text) > _MOST_BYTES:
        raise PackageError(f"{where} cannot be read", f"it has more than {_MOST_BYTES} bytes", "shorten it")
    mended = _BARE_SEPARATOR.sub(rb'\1"\2"', text)
    try:
        _look_for_bombs(mended, where)
        document = yaml.load(mended, Loader=_LOADER)  # noqa: S506 - the safe loader, in C where there is one
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise PackageError(f"{where} cannot be read", f"{place}{problem}", "correct it") from None
    if not isinstance(document, dict):
        raise PackageError(f"{where} cannot be read", "it is no list of keys with values", "correct it")
    return document


def _look_for_bombs(text: bytes, where: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise PackageError(
                f"{where} cannot be read", "it has aliases, which can grow without end", "write them out"
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise PackageError(f"{where} cannot be read", f"it is nested deeper than {_DEEPEST} levels", "flatten it")


def _key(key: object) -> str:
    plain = str(key).strip().lower().replace("-", "_")
    return _SLIPS.get(plain, plain)


def _word(value: str | float | None) -> str:
    text = "" if value is None else str(value).strip()
    while len(text) > 1 and text[0] in _QUOTES and text[-1] == text[0]:
        text = text[1:-1].strip()
    return text[:_LONGEST] if text.isprintable() else ""


def _prefix(raw: str) -> tuple[str, str]:
    """(literal prefix, pattern): one of them is empty."""
    plain = re.sub(r"\\([.+_/-])", r"\1", raw.removeprefix("^"))
    return ("", raw) if _PATTERN_SIGNS & set(plain) else (plain, "")


def _repository(source: str, named: str) -> str:
    address = named.rstrip("/")
    if source in _FORGES and "://" not in address:
        if not _FORGE_PATH.fullmatch(address):
            raise PackageError(f"{named} cannot be watched", f"it is no repository of {source}", "correct src_repo")
        return _FORGES[source].format(address.removesuffix(".git"))
    host, _, path = address.removeprefix("git://").partition("/")
    if address.startswith("git://") and host.lower() in _GIT_DAEMONS:
        address = _GIT_DAEMONS[host.lower()].format(path)
    return _web_address(address)


def _web_address(named: str, *, with_query: bool = False) -> str:
    """An address that HTTP reaches, without a final slash. Raises PackageError for others and for credentials in it."""
    address = named.rstrip("/")
    try:
        parts = urlsplit(address)
        usable = (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and not parts.fragment
            and (with_query or not parts.query)
        )
    except ValueError:
        usable = False
    if not usable:
        raise PackageError("a repository cannot be watched", "its address is no http or https URL", "correct src_repo")
    if parts.username is not None or parts.password is not None:
        raise PackageError(
            "a repository cannot be watched",
            f"the address of {parts.hostname} carries a user or a password",
            "take it out of src_repo; credentials belong into the settings",
        )
    return address
