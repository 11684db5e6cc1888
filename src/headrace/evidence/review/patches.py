"""The patches of a change: declared, applied, dropped with proof, named, of known origin, adapted, proved."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headrace.evidence.checks import patches_applied as applied_check
from headrace.evidence.checks import patches_declared as declared_check
from headrace.evidence.model import Finding
from headrace.evidence.review.inherited import asked
from headrace.evidence.review.lines import PATCHES, spec_lines
from headrace.evidence.review.model import Submission
from headrace.evidence.review.saying import Voice
from headrace.package.evr import compare_versions
from headrace.package.patches import Patch, PatchError, parse
from headrace.package.patches_header import HeaderFacts, header_facts, identity
from headrace.package.spec.facts import SpecFacts
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

_DECLARED = Voice(
    "patches-declared", Message("the Patch lines of the new spec against the files of the tree"),
    Message("the missing file, or a Patch line for it"),
)  # fmt: skip
_APPLIED = Voice("patches-applied", Message("%prep of the new spec"), Message("a %patch line, or no Patch line"))
_MERGED = Voice(
    "patches-merged", Message("the patches of both specs, and what the other files still hold of a dropped one"),
    Message("upstream's new source, in which the patch is found"),
)  # fmt: skip
_NAMED = Voice(
    "patch-named", Message("names and headers of the new patches"), Message("a name that begins with the CVE id")
)
_ORIGIN = Voice(
    "patch-origin", Message("the headers of the new patches"), Message("the address of the commit that it comes from")
)
_ADAPTED = Voice(
    "patch-adapted", Message("the new and changed patch files; upstream's original is not here"),
    Message("the upstream commit, compared with the patch"),
)  # fmt: skip
_PROVED = Voice(
    "patch-proved", Message("%prep of the new spec; nothing was applied or built"),
    Message("a build with the patch, and a test that shows the fault gone"),
)  # fmt: skip
_CVE = re.compile(r"CVE-\d{4}-\d{4,7}", re.IGNORECASE)


def patches_declared(change: Submission) -> tuple[Finding, ...]:
    """What was left over before is not held against the change."""
    found = asked(declared_check.check, change)
    return found or (_DECLARED.good(Message("nothing new is missing or left over"), change.spec_name),)


def patches_applied(change: Submission) -> tuple[Finding, ...]:
    """What was not applied before is not held against the change."""
    return asked(applied_check.check, change) or (_APPLIED.good(Message("as before"), change.spec_name),)


def patches_merged(change: Submission) -> tuple[Finding, ...]:
    """A fix dropped under the same version is a blocker: its source cannot hold it. Under a newer one, only the source tells."""
    before = _names(change.old_facts)
    found: list[Finding] = []
    for facts in (change.old_facts, change.new_facts):
        found += [
            _MERGED.unknown(each.filename.reason, f"{change.spec_name}:{each.line}")
            for each in facts.patches
            if isinstance(each.filename, Unknown)
        ]
    kept = _identities(change)
    for name in before:
        if name not in _names(change.new_facts):
            found.append(_dropped(change, name, kept))
    if found:
        return tuple(found)
    if not before:
        return (_MERGED.idle(Message("the old version had no patches")),)
    return (_MERGED.good(Message("no patch is dropped"), change.spec_name),)


def _dropped(change: Submission, name: str, kept: dict[str, str]) -> Finding:
    old = _patch(change.old.files.get(name))
    if old is not None and (other := kept.get(identity(old))):
        return _MERGED.good(Message("{name} lives on as {other}", name=name, other=other), name)
    fixes = bool(_CVE.search(name.replace("_", "-"))) or bool(old and header_facts(old, name).cves)
    newer = not isinstance(change.versions, Text) and compare_versions(*change.versions) < 0
    if not newer:
        if fixes:
            remark = Message("{name} fixes a CVE and is gone, and the version is not newer", name=name)
            return _MERGED.blocker(remark, name)
        return _MERGED.concern(Message("{name} is gone and the version is not newer", name=name), name)
    if fixes:
        remark = Message(
            "{name} fixes a CVE and is gone; nothing here proves that the new version has the fix", name=name
        )
        return _MERGED.concern(remark, name)
    why = Message("{name} is gone; whether upstream has it shows only in its source, which is not here", name=name)
    return _MERGED.unknown(why, name)


def _identities(change: Submission) -> dict[str, str]:
    found = {}
    for name in _names(change.new_facts):
        patch = _patch(change.new.files.get(name))
        if patch is not None:
            found[identity(patch)] = name
    return found


def _patch(content: bytes | None) -> Patch | None:
    """None for what is not there or cannot be read; an unreadable patch proves nothing."""
    if content is None:
        return None
    try:
        patch = parse(content)
    except PatchError:
        return None
    return patch if patch.files else None


def _names(facts: SpecFacts) -> list[str]:
    return [each.filename.value for each in facts.patches if not isinstance(each.filename, Unknown)]


def _fresh(change: Submission) -> list[str]:
    """The patch files that the change adds."""
    return [path for path in change.added if path.endswith(PATCHES)]


def _headers(change: Submission) -> Iterator[tuple[str, HeaderFacts | Text]]:
    for path in _fresh(change):
        try:
            yield path, header_facts(parse(change.new.files.get(path, b"")), path)
        except PatchError as error:
            yield path, Message("{error}", error=str(error))


def patch_named(change: Submission) -> tuple[Finding, ...]:
    """Judged by what the header says that it fixes."""
    found: list[Finding] = []
    fixes = 0
    for path, header in _headers(change):
        if isinstance(header, Text):
            found.append(_NAMED.unknown(header, path))
            continue
        fixes += bool(header.cves)
        if header.cves and not _CVE.search(path.replace("_", "-")):
            found.append(_NAMED.concern(Message("it fixes {cve}, its name does not say so", cve=header.cves[0]), path))
    if found:
        return tuple(found)
    if not fixes:
        return (_NAMED.idle(Message("no new patch names a CVE")),)
    return (_NAMED.good(Message("{count} new patches carry the CVE in their name", count=fixes)),)


def patch_origin(change: Submission) -> tuple[Finding, ...]:
    """An address or an upstream commit id, in the patch or in the comment above its line in the spec."""
    fresh = _fresh(change)
    if not fresh:
        return (_ORIGIN.idle(Message("no patch is added")),)
    found, good = [], []
    for path, header in _headers(change):
        if isinstance(header, Text):
            found.append(_ORIGIN.unknown(header, path))
        elif header.urls or header.commits:
            good.append(f"{path}: {(*header.urls, *header.commits)[0]}")
        elif link := _comment(change, path):
            good.append(f"{path}: {link}")
        else:
            found.append(_ORIGIN.concern(Message("the patch does not say where it comes from"), path))
    return tuple(found) or (
        _ORIGIN.good(Message("{count} new patches say where they come from", count=len(good)), details=good),
    )


def _comment(change: Submission, path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    lines = list(spec_lines(change.new.spec, change.spec_name))
    for patch in change.new_facts.patches:
        if isinstance(patch.filename, Unknown) or patch.filename.value != name:
            continue
        for line in reversed(lines[max(patch.line - 4, 0) : patch.line]):
            found = re.search(r"https?://[^\s]{4,500}", line.text)
            if found:
                return found.group()
    return ""


def patch_adapted(change: Submission) -> tuple[Finding, ...]:
    """A patch that changed only in prose and line numbers is the same change; any other needs upstream's original."""
    touched = [path for path in change.changed if path.endswith(PATCHES)]
    if not touched:
        return (_ADAPTED.idle(Message("no patch is added or changed")),)
    found, same = [], []
    for path in touched:
        old, new = _patch(change.old.files.get(path)), _patch(change.new.files.get(path))
        if new is None:
            found.append(_ADAPTED.concern(Message("the patch cannot be read, or changes nothing"), path))
        elif old is not None and identity(old) == identity(new):
            same.append(path)
        else:
            found.append(_ADAPTED.unknown(Message("upstream's original is not here to compare with"), path))
    return tuple(found) or (_ADAPTED.good(Message("only prose and line numbers changed"), same[0], same),)


def patch_proved(change: Submission) -> tuple[Finding, ...]:
    """Not applied in %prep is a concern; whether it cures needs a build and a test."""
    touched = [path for path in change.changed if path.endswith(PATCHES)]
    if not touched:
        return (_PROVED.idle(Message("no patch is added or changed")),)
    applied = {
        each.filename.value
        for each in change.new_facts.patches
        if each.applied and not isinstance(each.filename, Unknown)
    }
    return tuple(
        _PROVED.unknown(Message("it is applied in %prep; nothing was built or tested"), path)
        if path.rsplit("/", 1)[-1] in applied
        else _PROVED.concern(Message("nothing in %prep applies it"), path)
        for path in touched
    )
