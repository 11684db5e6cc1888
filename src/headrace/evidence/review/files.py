"""What kinds of files a change brings: leftovers, compiled and generated ones, also inside archives; changes of the CI."""

from __future__ import annotations

import re

from headrace.evidence.checks import stray_files as names
from headrace.evidence.findings import not_judged
from headrace.evidence.model import Finding, Result
from headrace.evidence.review.inherited import case_of
from headrace.evidence.review.lines import PATCHES
from headrace.evidence.review.model import Submission
from headrace.evidence.review.saying import Voice
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

_STRAY = Voice("stray-files", Message("the names of all added paths"), Message("a tree without them"))
_BINARIES = Voice(
    "binaries", Message("names and first bytes of added and changed files, and the names inside added archives"),
    Message("their source, built by the spec; for an archive its address"),
)  # fmt: skip
_CI = Voice(
    "ci", Message("the paths of the change; no results of a build or an installation"),
    Message("builds and installations on each architecture, all green"),
)  # fmt: skip

_MAGIC = (
    (b"\x7fELF", "ELF"), (b"MZ", "PE"), (b"\xca\xfe\xba\xbe", "Java class or Mach-O"), (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "Mach-O"), (b"!<arch>\n", "static library"), (b"\0asm", "WebAssembly"), (b"dex\n", "Dalvik"),
    (b"\xed\xab\xee\xdb", "RPM package"), (b"BC\xc0\xde", "LLVM bitcode"),
)  # fmt: skip
_COMPILED = re.compile(
    r".*\.(?:pyc|pyo|jar|war|ear|class|ko|o|a|so(?:\.\d+)*|exe|dll|dylib|whl|egg|wasm|elf|node)\Z", re.IGNORECASE
)
_GENERATED = re.compile(r".*(?:\.min\.(?:js|css)|\.bundle\.js|\.js\.map)\Z", re.IGNORECASE)
ARCHIVE = re.compile(
    r".*\.(?:tar(?:\.\w{1,5})?|tgz|tbz2?|txz|zip|gem|crate|7z|cpio|tar\.[a-z0-9]+|xz|gz|bz2|zst)\Z", re.IGNORECASE
)
_CI_PATHS = re.compile(
    r"(?:\.github|\.gitee|\.gitlab|\.gitcode|\.circleci|\.githooks|\.husky|hooks)/.*|(?:.*/)?(?:\.gitlab-ci\.ya?ml|\.travis\.yml"
    r"|Jenkinsfile|\.gitattributes|\.gitmodules|\.pre-commit-config\.yaml|\.packit\.ya?ml|tox\.ini|azure-pipelines\.yml|\.cirrus\.yml)\Z"
)


def stray_files(change: Submission) -> tuple[Finding, ...]:
    """Only what the change adds counts; links and submodules have no place in a package repository."""
    found = [
        _STRAY.concern(Message("{path} is a {kind}", path=path, kind=kind), path)
        for path, kind in sorted(change.links.items())
        if path in change.added
    ]
    case = case_of(change)
    if change.added:
        said = names.check(type(case)(case.plan, b"", b"", case.spec_name, "", tree_paths=change.added))
        found += [each for each in said if each.result is not Result.PASS]
    if found:
        return tuple(found)
    if not change.added:
        return (_STRAY.idle(Message("the change adds no file")),)
    return (
        _STRAY.good(Message("{count} added files, no leftovers", count=len(change.added)), details=change.added[:50]),
    )


def binaries(change: Submission) -> tuple[Finding, ...]:
    """Compiled files by name or first bytes; archives that have no address are looked into."""
    upstream = _addressed(change)
    found: list[Finding] = []
    for path in change.changed:
        content = change.new.files.get(path)
        kind = _compiled(path, content)
        if kind:
            found.append(_BINARIES.concern(Message("{kind}: nobody can review it", kind=kind), path))
        elif ARCHIVE.fullmatch(path) or path in change.listings:
            found += _archive(change, path, path.rsplit("/", 1)[-1] in upstream)
        elif content is not None and path.endswith(PATCHES) and b"\nGIT binary patch" in content:
            found.append(_BINARIES.concern(Message("the patch carries a binary file"), path))
        elif path in change.unread:
            why = Message("the file has {size} bytes and was not read", size=change.unread[path])
            found.append(not_judged("binaries", why, _BINARIES.looked_at, Message("a person who looks at it"), path))
    if found:
        return tuple(found)
    if not change.changed:
        return (_BINARIES.idle(Message("no file is added or changed")),)
    return (_BINARIES.good(Message("no compiled file among {count}", count=len(change.changed))),)


def _compiled(path: str, content: bytes | None) -> str:
    for magic, kind in _MAGIC:
        if content is not None and content.startswith(magic) and (magic != b"MZ" or b"\0" in content[:256]):
            return kind
    if content is not None and content[2:4] == b"\r\n" and b"\0" in content[:16]:
        return "Python bytecode"
    if _COMPILED.fullmatch(path):
        return "compiled file"
    return "generated file" if _GENERATED.fullmatch(path) else ""


def _archive(change: Submission, path: str, addressed: bool) -> list[Finding]:
    listing = change.listings.get(path)
    if addressed:
        return []
    found = [_BINARIES.concern(Message("an archive that no Source gives an address for"), path)]
    if listing is None:
        found.append(_BINARIES.unknown(Message("the archive was not looked into"), path))
    elif isinstance(listing, Text):
        found.append(_BINARIES.concern(Message("the archive cannot be listed: {why}", why=str(listing)), path))
    else:
        inside = [name for name in listing if _COMPILED.fullmatch(name)]
        if inside:
            remark = Message("{count} compiled files inside the archive", count=len(inside))
            found.append(_BINARIES.concern(remark, path, inside[:50]))
    return found


def _addressed(change: Submission) -> set[str]:
    return {
        source.filename.value
        for source in change.new_facts.sources
        if not isinstance(source.value, Unknown)
        and not isinstance(source.filename, Unknown)
        and source.value.value.startswith(("https://", "http://", "ftp://"))
    }


def ci(change: Submission) -> tuple[Finding, ...]:
    """Results are not judged from text; a change of what the CI or a hook runs is a concern of its own."""
    touched = [path for path in (*change.changed, *change.removed) if _CI_PATHS.fullmatch(path)]
    found = [_CI.concern(Message("the change alters what the CI or a hook runs"), path) for path in touched]
    return (*found, _CI.unknown(Message("nothing was built or installed: a review of the text runs nothing")))
