"""Recognise a code forge's address: which repository, and by what its tags begin."""

from __future__ import annotations

import re

from headrace.package.infer_model import Address, Inferred, known, prefix_of
from headrace.words import Message, Text

_COMMIT = re.compile(r"[0-9a-f]{12,40}")
_REPOSITORY = re.compile(r"[\w.+~-]{1,100}", re.ASCII)
_GITHUB_SITE = frozenset({"orgs", "sponsors", "features", "topics", "marketplace", "settings", "login", "about"})
_GITLABS = ("invent.kde.org", "0xacab.org", "framagit.org")
_GITEAS = ("codeberg.org", "notabug.org", "gitea.com")


def forge(address: Address) -> Inferred | None:
    """The repository that an address of a forge means; None when it is no forge's."""
    for rule in (_github, _github_pages, _gitlab, _two_part, _pagure, _launchpad, _sourcehut, _cgit, _git):
        found = rule(address)
        if found is not None:
            return found
    return None


def _made(source: str, name: str, home: str, address: Address, tag: str = "") -> Inferred:
    certainty = 0.95 if address.is_archive else 0.8
    if _COMMIT.fullmatch(tag.partition(".tar")[0]):
        return Inferred(source, name, home, certainty - 0.2, _by_commit(name, address))
    reason: Text = Message("{host} keeps the repository {name}", host=address.host, name=name)
    if address.is_archive:
        reason = Message("the archive comes from the repository {name} at {host}", host=address.host, name=name)
    return Inferred(source, name, home, certainty, reason, _prefix(name, tag, address))


def _prefix(name: str, tag: str, address: Address) -> str:
    """The tag's prefix; the project's own name says nothing, for distributions rename the file of an archive that way."""
    prefix = prefix_of(tag, address.version)
    own = name.rpartition("/")[2].lower()
    return "" if prefix.rstrip("-_v").lower() == own else prefix


def _by_commit(name: str, address: Address) -> Text:
    return Message(
        "the archive is a commit of the repository {name} at {host}; its tags may lag behind",
        host=address.host,
        name=name,
    )


def _usable(*parts: str) -> bool:
    return known(*parts) and all(_REPOSITORY.fullmatch(part) for part in parts)


def _tag(address: Address) -> str:
    """The part of an archive's address that names the tag."""
    for run in (("refs", "tags"), ("releases", "download"), ("-", "archive"), ("archive",), ("tarball",), ("zipball",),
                ("tar.gz",), ("get",)):  # fmt: skip
        rest = address.after(*run)
        if rest:
            return "/".join(rest) if run == ("refs", "tags") else rest[0]
    return ""


def _github(address: Address) -> Inferred | None:
    if not address.under("github.com", "githubusercontent.com") or len(address.path) < 2:
        return None
    owner, name = address.path[1:3] if address.host.startswith("api.") and len(address.path) > 2 else address.path[:2]
    name = name.removesuffix(".git")
    if not _usable(owner, name) or owner in _GITHUB_SITE:
        return None
    return _made("github", f"{owner}/{name}", f"https://github.com/{owner}/{name}", address, _tag(address))


def _github_pages(address: Address) -> Inferred | None:
    if not address.under("github.io") or len(address.labels) != 3:
        return None
    owner = address.labels[0]
    name = address.path[0] if address.path and "." not in address.path[0] else owner
    if not _usable(owner, name):
        return None
    reason = Message("the page {host} is made from a repository of the same name", host=address.host)
    return Inferred(
        "github", f"{owner}/{name}", f"https://github.com/{owner}/{name}", 0.6 if address.path else 0.4, reason
    )


def _gitlab(address: Address) -> Inferred | None:
    path = address.path
    is_one = address.labels[0].startswith("gitlab") or address.under(*_GITLABS)
    marks = [at for at, part in enumerate(path) if part in {"-", "repository", "uploads", "tags", "tree"} and at >= 2]
    if not is_one and not (marks and path[marks[0]] == "-"):
        return None
    if path[:1] == ("api",):
        names = tuple(part for part in path[3:4])
        names = tuple(names[0].split("%2F")) if names else ()
    else:
        names = path[: marks[0]] if marks else path[:2]
    names = (*names[:-1], names[-1].removesuffix(".git")) if names else ()
    if len(names) < 2 or not _usable(*names):
        return None
    name = "/".join(names)
    return _made("gitlab", name, f"https://{address.host}/{name}", address, _tag(address))


def _two_part(address: Address) -> Inferred | None:
    source = ""
    if address.under("bitbucket.org"):
        source = "bitbucket"
    elif address.under("gitee.com"):
        source = "gitee"
    elif address.under(*_GITEAS) or address.labels[0] in {"gitea", "forgejo"}:
        source = "forgejo"
    if not source or len(address.path) < 2:
        return None
    owner, name = address.path[0], address.path[1].removesuffix(".git")
    if not _usable(owner, name):
        return None
    return _made(source, f"{owner}/{name}", f"https://{address.host}/{owner}/{name}", address, _tag(address))


def _pagure(address: Address) -> Inferred | None:
    if not address.under("pagure.io", "pagure.org") or not address.path:
        return None
    names = address.path[1:] if address.path[0] in {"releases", "c"} else address.path
    if address.host.startswith("docs."):
        names = names[:1]
    if not names or not _usable(names[0]):
        return None
    return _made("pagure", names[0], f"https://pagure.io/{names[0]}", address, _tag(address))


def _launchpad(address: Address) -> Inferred | None:
    if not address.under("launchpad.net") or not address.path or not _usable(address.path[0].lstrip("~")):
        return None
    if address.path[0].startswith("~"):
        return None
    return _made("launchpad", address.path[0], f"https://launchpad.net/{address.path[0]}", address)


def _sourcehut(address: Address) -> Inferred | None:
    if not address.under("sr.ht") or len(address.path) < 2 or not _usable(*address.path[:2]):
        return None
    name = "/".join(address.path[:2])
    return _made("sourcehut", name, f"https://git.sr.ht/{name}", address, _tag(address))


def _cgit(address: Address) -> Inferred | None:
    """cgit, gitweb and gitiles: a repository's path, then what is asked of it."""
    path = address.path
    marks = [at for at, part in enumerate(path) if part in {"snapshot", "+archive", "+", "tag", "log"} and at]
    if "p=" in address.query and ".git" in address.query:
        found = re.search(r"(?:^|[;&])p=([\w.+/~-]{1,200}?\.git)", address.query, re.ASCII)
        if found is None:
            return None
        home, name = f"{address.base(len(path))}/{found[1]}", found[1].rpartition("/")[2].removesuffix(".git")
        return _made("cgit", name, home, address) if known(home) else None
    if marks and (address.labels[0] in {"git", "cgit"} or "cgit" in path[: marks[0]] or path[marks[0] - 1].endswith(".git")
                  or path[marks[0]] in {"snapshot", "+archive"}):  # fmt: skip
        return _repository(address, path[: marks[0]], "cgit")
    return None


def _git(address: Address) -> Inferred | None:
    """A plain repository: by its scheme, by `.git` at the end, or by the server's name."""
    path = address.path
    if not path:
        return None
    ends = [at for at, part in enumerate(path) if part.endswith(".git")]
    if ends:
        return _repository(address, path[: ends[0] + 1], "git")
    if address.scheme.removesuffix("+https") == "git" or (
        address.labels[0] in {"git", "cgit"} and not address.is_archive
    ):
        return _repository(address, path, "git")
    return None


def _repository(address: Address, parts: tuple[str, ...], source: str) -> Inferred | None:
    home = address.base(0) + "/" + "/".join(parts)
    if not known(home):
        return None
    return _made(source, parts[-1].removesuffix(".git"), home, address, "")
