"""Where the sources come from, whether their bytes can be upstream's, and whether the metadata agree."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from headrace.evidence.checks import source_address as address_check
from headrace.evidence.model import Finding, Result
from headrace.evidence.review.inherited import asked
from headrace.evidence.review.model import Submission
from headrace.evidence.review.saying import Voice
from headrace.package.digests import DigestError, parse_sources
from headrace.package.model import PackageError, PackageTree
from headrace.package.spec.facts import SpecFacts
from headrace.package.spec.value import Unknown
from headrace.package.upstream_metadata import parse
from headrace.words import Message, Text

_ADDRESS = Voice(
    "source-address", Message("the Source lines of both specs; nothing was fetched"),
    Message("upstream's own announcement of the address"),
)  # fmt: skip
_IDENTICAL = Voice(
    "source-identical", Message("digests that the package keeps, and archives that lie in it, old against new"),
    Message("the source fetched from upstream, with its digest or signature"),
)  # fmt: skip
_METADATA = Voice(
    "metadata", Message("the upstream metadata file of the package, against its Source lines"),
    Message("metadata that name the project of Source0"),
)  # fmt: skip
_FORGES = (
    "github.com",
    "gitlab.com",
    "gitee.com",
    "codeberg.org",
    "bitbucket.org",
    "gitcode.com",
    "atomgit.com",
    "git.sr.ht",
)
_SCHEMES = ("http", "https", "ftp", "git", "git+https")


def source_address(change: Submission) -> tuple[Finding, ...]:
    """A new host, another project on a forge, a new unprotected or odd address: each a concern."""
    found = [_as_before(each, change) for each in asked(address_check.check, change)]
    old, new = _addresses(change.old_facts), _addresses(change.new_facts)
    for number, (url, line) in new.items():
        where = f"{change.spec_name}:{line}"
        was = old.get(number, ("", 0))[0]
        fault = _odd(url, was) or (_moved(was, url) if was else None)
        if fault is not None:
            found.append(_ADDRESS.concern(fault, where, [each for each in (was, url) if each]))
    return tuple(found) or (_ADDRESS.good(Message("the sources come from where they came from"), change.spec_name),)


def _as_before(finding: Finding, change: Submission) -> Finding:
    """A source that had no address before either is told, and not held against the change."""
    line = finding.where.rpartition(":")[2]
    if finding.result is not Result.CONCERN or not line.isdigit():
        return finding
    number = next((each.number for each in change.new_facts.sources if each.line == int(line)), -1)
    plain = {each.number for each in change.old_facts.sources} - _addresses(change.old_facts).keys()
    return _ADDRESS.unknown(finding.remark, finding.where) if number in plain else finding


def _addresses(facts: SpecFacts) -> dict[int, tuple[str, int]]:
    return {
        each.number: (each.value.value, each.line)
        for each in facts.sources
        if not isinstance(each.value, Unknown) and "://" in each.value.value
    }


def _split(url: str) -> tuple[str, str, str, bool]:
    """Scheme, host, path, and whether a user is in it; empty parts for what is no address."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower(), (parts.hostname or "").removeprefix("www."), parts.path, parts.username is not None
    except ValueError:
        return "", "", "", False


def _odd(url: str, was: str) -> Text | None:
    scheme, host, _, user = _split(url)
    if scheme not in _SCHEMES or not host:
        return None if _split(was)[0] == scheme else Message("the address cannot be fetched: {url}", url=url[:200])
    if user:
        return Message("the address carries a user: what looks like the host is not it")
    if re.fullmatch(r"[\d.]+|.*:.*", host) and _split(was)[1] != host:
        return Message("the source comes from a bare number, {host}", host=host)
    if scheme in {"http", "ftp"} and _split(was)[0] not in {"http", "ftp"}:
        return Message("the address is not protected: {scheme}", scheme=scheme)
    return None


def _moved(was: str, url: str) -> Text | None:
    (_, old_host, old_path, _), (_, host, path, _) = _split(was), _split(url)
    if old_host != host:
        return Message("the source comes from another host: {old} -> {new}", old=old_host, new=host)
    if host in _FORGES:
        old_project, project = _project(old_path), _project(path)
        if old_project != project:
            return Message("the source comes from another project: {old} -> {new}", old=old_project, new=project)
    return None


def _project(path: str) -> str:
    return "/".join(path.strip("/").split("/")[:2]).removesuffix(".git").lower()


def source_identical(change: Submission) -> tuple[Finding, ...]:
    """A digest or archive that changes under an unchanged name is a blocker; new ones need upstream to compare with."""
    old, new = _digests(change.old), _digests(change.new)
    found = [_IDENTICAL.unknown(digests, "sources") for digests in (old, new) if isinstance(digests, Text)]
    known_old = {} if isinstance(old, Text) else old
    known_new = {} if isinstance(new, Text) else new
    named = _named(change.new_facts)
    for key, digest in known_new.items():
        before = known_old.get(key)
        if before is not None and before != digest and key[1] in change.new.files and not change.same_version:
            why = Message("{name} changes with its digest", name=key[1])
            found.append(_IDENTICAL.unknown(why, key[0]))
        elif before is not None and before != digest:
            remark = Message("another digest for the same file {name}", name=key[1])
            found.append(_IDENTICAL.blocker(remark, key[0], (f"{key[2]} {before}", f"{key[2]} {digest}")))
        elif before is None:
            found.append(
                _IDENTICAL.unknown(Message("a new digest for {name}; upstream was not asked", name=key[1]), key[0])
            )
        found += _kept(change, key, digest)
    for path in change.changed:
        if path in named:
            found.append(_archive(change, path))
    if not found and not isinstance(change.versions, Text) and not change.same_version and named:
        found.append(
            _IDENTICAL.unknown(Message("the version is new, and its sources were not fetched"), change.spec_name)
        )
    if found:
        return tuple(found)
    if not named:
        return (_IDENTICAL.idle(Message("the package has no source from upstream")),)
    return (_IDENTICAL.idle(Message("no source changes")),)


def _archive(change: Submission, path: str) -> Finding:
    if path in change.old.files:
        return _IDENTICAL.blocker(Message("{path} is another archive under the same name", path=path), path)
    return _IDENTICAL.unknown(Message("{path} is new; upstream's bytes are not here to compare with", path=path), path)


def _kept(change: Submission, key: tuple[str, str, str], digest: str) -> list[Finding]:
    """An archive that lies in the package must have the digest that the package says."""
    content = change.new.files.get(key[1])
    if content is None or key[2] not in {"sha256", "sha384", "sha512"}:
        return []
    is_now = hashlib.new(key[2], content).hexdigest()
    if is_now == digest:
        return []
    remark = Message("{name} does not have the digest that the package keeps for it", name=key[1])
    return [_IDENTICAL.blocker(remark, key[0], (f"{key[2]} {digest}", f"{key[2]} {is_now}"))]


def _named(facts: SpecFacts) -> set[str]:
    """The files of sources that have an address."""
    return {
        each.filename.value
        for each in facts.sources
        if not isinstance(each.value, Unknown) and not isinstance(each.filename, Unknown) and "://" in each.value.value
    }


def _digests(tree: PackageTree) -> Mapping[tuple[str, str, str], str] | Text:
    """(where it is kept, file name, algorithm) -> hex."""
    found: dict[tuple[str, str, str], str] = {}
    for path, content in tree.files.items():
        if path == "sources":
            try:
                for name, digests in parse_sources(content).items():
                    found |= {(path, name, algorithm): digest for algorithm, digest in digests.items()}
            except DigestError as error:
                return Message("{error}", error=str(error))
        elif path.endswith(".signatures.json") and len(content) < 1024 * 1024:
            found |= {(path, name, "sha256"): digest for name, digest in _signatures(content).items()}
    return found


def _signatures(content: bytes) -> dict[str, str]:
    try:
        entries = json.loads(content)["Signatures"]
        return {str(name): str(digest).lower() for name, digest in entries.items() if isinstance(digest, str)}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def metadata(change: Submission) -> tuple[Finding, ...]:
    """Complete, readable, and of the same project as Source0."""
    name = f"{change.new.name}.yaml"
    content = change.new.files.get(name)
    if content is None:
        if name in change.old.files:
            return (_METADATA.concern(Message("the metadata file is removed"), name),)
        return (_METADATA.unknown(Message("the package has no {name}", name=name), name),)
    try:
        told = parse(content, change.new.name)
    except PackageError as error:
        return (_METADATA.concern(Message("{error}", error=str(error)), name),)
    urls = _addresses(change.new_facts)
    first = urls[min(urls)][0] if urls else ""
    _, host, path, _ = _split(first)
    wanted = _told_project(told.version_control, told.src_repo)
    if not first:
        return (_METADATA.unknown(Message("no Source has an address to compare with"), name),)
    if wanted and host in _FORGES and wanted != (host, _project(path)):
        remark = Message(
            "the metadata name {told}, Source0 comes from {source}",
            told="/".join(wanted),
            source=f"{host}/{_project(path)}",
        )
        return (_METADATA.concern(remark, name, (first,)),)
    if _changed_alone(change, name):
        return (_METADATA.concern(Message("the metadata name another upstream, and no Source changed"), name),)
    if wanted and host in _FORGES:
        return (_METADATA.good(Message("the metadata and Source0 name the same project"), name),)
    short = told.src_repo.rstrip("/").rpartition("/")[2].removesuffix(".git").lower()
    if short and short in path.lower():
        return (_METADATA.good(Message("the address of Source0 names {project} too", project=short), name, (first,)),)
    why = Message(
        "whether {host} is where {project} is published cannot be told from the text", host=host, project=short
    )
    return (_METADATA.unknown(why, name, (first,)),)


def _changed_alone(change: Submission, name: str) -> bool:
    try:
        old, new = parse(change.old.files[name], change.new.name), parse(change.new.files[name], change.new.name)
    except (KeyError, PackageError):
        return False
    moved = (old.version_control, old.src_repo) != (new.version_control, new.src_repo)
    before, after = _addresses(change.old_facts), _addresses(change.new_facts)
    return moved and {_split(url)[1] for url, _ in before.values()} == {_split(url)[1] for url, _ in after.values()}


def _told_project(control: str, repository: str) -> tuple[str, str] | None:
    hosts = {"github": "github.com", "gitee": "gitee.com", "gitlab": "gitlab.com"}
    if "://" in repository:
        _, host, path, _ = _split(repository)
        return (host, _project(path)) if host in _FORGES else None
    if control in hosts and "/" in repository:
        return hosts[control], _project(repository)
    return None
