"""nvchecker's TOML: a table a package, its `source` and the setting of the same name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from headrace.package.imports.model import Imported, Imports, NotImported, refuse, text_of, word
from headrace.words import Message, Text

_NAMED = {
    "pypi": ("pypi", "pypi"), "npm": ("npm", "npm"), "gems": ("gems", "rubygems"), "cratesio": ("cratesio", "crates"),
    "hackage": ("hackage", "hackage"), "cpan": ("cpan", "metacpan"), "packagist": ("packagist", "packagist"),
    "cran": ("cran", "cran"), "debianpkg": ("debianpkg", "debian"), "go": ("go", "go"), "launchpad": ("launchpad", "launchpad"),
    "opam": ("pkg", "opam"), "repology": ("repology", "repology"), "anitya": ("anitya", "anitya"),
    "container": ("container", "container"), "sourceforge": ("sourceforge", "sourceforge"),
}  # fmt: skip
"""nvchecker's source -> (the setting that names the project, our source)."""
_FORGES = {
    "github": ("github", "github.com"), "gitlab": ("gitlab", "gitlab.com"), "gitea": ("forgejo", "gitea.com"),
    "bitbucket": ("bitbucket", "bitbucket.org"), "pagure": ("pagure", "pagure.io"), "gitee": ("gitee", "gitee.com"),
}  # fmt: skip
_ADDRESSED = {"git": ("git", "git"), "mercurial": ("mercurial", "hg"), "regex": ("url", "page"), "htmlparser": ("url", "page"),
              "jq": ("url", "json"), "httpheader": ("url", "page")}  # fmt: skip
_MEANT = frozenset({"source", "host", "prefix", "use_max_tag", "use_latest_release", "use_max_release", "include_prereleases",
                    "use_pre_release", "token", "use_commit", "branch"})  # fmt: skip
_KEPT = ("regex", "filter", "xpath", "include_regex", "exclude_regex", "from_pattern", "to_pattern", "branch")


def read_nvchecker(data: bytes, where: str = "nvchecker.toml") -> Imports:
    """Every table of an nvchecker file. Raises PackageError when it is no TOML; a table that means nothing here is left."""
    try:
        document = tomllib.loads(text_of(data, where))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise refuse(where, f"it is not TOML: {str(error)[:120]}".replace("\n", " ")) from None
    read: list[Imported] = []
    left: list[NotImported] = []
    for package, table in document.items():
        if package == "__config__":
            continue
        if not isinstance(table, dict):
            left.append(NotImported(package[:200], Message("it is no table of settings")))
            continue
        found = _entry(package[:200], table)
        (read if isinstance(found, Imported) else left).append(found)  # type: ignore[arg-type]
    return Imports(tuple(read), tuple(left))


def _entry(package: str, table: Mapping[str, object]) -> Imported | NotImported:
    source = word(table.get("source"))
    if source == "cmd":
        return NotImported(package, Message("its source runs a program, and nothing is run here"))
    if table.get("use_commit") is True or (source == "git" and table.get("use_commit")):
        return NotImported(package, Message("it follows commits, not versions"))
    prefix, options, remarks = word(table.get("prefix")), _options(table), _remarks(source, table)
    if source in _NAMED:
        key, ours = _NAMED[source]
        project = word(table.get(key)) or package
        return Imported(package, ours, project, "", prefix, options, remarks)
    if source in _FORGES:
        ours, host = _FORGES[source]
        project = word(table.get(source)).strip("/")
        if not project:
            return NotImported(package, Message("{source} names no repository", source=source))
        host = word(table.get("host")) or host
        return Imported(package, ours, project, f"https://{host}/{project}", prefix, options, remarks)
    if source in _ADDRESSED:
        key, ours = _ADDRESSED[source]
        address = word(table.get(key), 2000)
        if "://" not in address:
            return NotImported(package, Message("{source} names no address", source=source))
        return Imported(package, ours, package, address, prefix, options, remarks)
    if not source:
        return NotImported(package, Message("it names no source"))
    return NotImported(package, Message("the source {source} has no counterpart here", source=source))


def _options(table: Mapping[str, object]) -> dict[str, str]:
    return {key: text for key in _KEPT if (text := word(table.get(key)))}


def _remarks(source: str, table: Mapping[str, object]) -> tuple[Text, ...]:
    known = _MEANT | frozenset(_KEPT) | {source, _NAMED.get(source, _ADDRESSED.get(source, ("", "")))[0]}
    return tuple(
        Message("the setting {name} has no counterpart here", name=str(key)[:100]) for key in table if key not in known
    )
