"""Title, description, what they claim against what the change does, and whether it does one thing."""

from __future__ import annotations

import re

from headrace.evidence.model import Finding
from headrace.evidence.review.lines import PATCHES, gone_spec_lines, new_spec_lines
from headrace.evidence.review.model import Note, Submission
from headrace.evidence.review.saying import Voice
from headrace.words import Message, Text

_TITLE = Voice(
    "title", Message("the subject line of every commit"), Message("one clear sentence: what changes, and to what")
)
_DESCRIPTION = Voice(
    "description", Message("what the commit messages and the new changelog entry say beyond the title"),
    Message("the description of the request: why, and how"),
)  # fmt: skip
_AGREES = Voice(
    "agrees", Message("versions and CVE ids in messages and changelog, against the spec and the patches"),
    Message("a text that tells what the change does"),
)  # fmt: skip
_PURPOSE = Voice(
    "one-purpose",
    Message("commits, changed specs, and the kinds of changed lines"),
    Message("one change for each purpose"),
)

_VAGUE = re.compile(
    r"(?:(?:some\s+)?(?:small\s+|minor\s+)?(?:update[sd]?|upgrade|fix(?:es|ed)?|change[sd]?|bug\s*fix(?:es)?|modify|modified|test(?:ing)?"
    r"|init|misc|cleanup|tmp|temp|stuff|commit|patch|spec|update\s+(?:spec|file|package|code)s?|fix\s+(?:bug|issue|it|spec)s?"
    r"|\S+\.(?:spec|yaml|patch))[\s.!]*)"
    r"|\W*",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"\s*(?:fixup!|squash!|amend!|wip\b|\[wip\]|draft\b|do not merge|dnm\b)", re.IGNORECASE)
_TRAILER = re.compile(r"\s*[A-Za-z][A-Za-z-]+-(?:by|Id|id|on|to|of)\s*:|\s*(?:Change-Id|Reviewed-on|Fixes|Closes)\s*:")
_CVE = re.compile(r"CVE-\d{4}-\d{4,7}", re.IGNORECASE)
_TO = re.compile(r"\b(?:to|->|=>)\s+(?:version\s+|release\s+)?v?(\d+(?:\.\d+)+(?:[\w.~^+-]*\w)?)", re.IGNORECASE)
_TAGS = re.compile(r"^(?:\s*\[[^\]]{1,40}\])+")
_LONGEST_TITLE = 120
_DESCRIBED = 4


def title(change: Submission) -> tuple[Finding, ...]:
    """Length, emptiness and stock phrases are judged; whether the sentence is a good one is for people."""
    if not change.notes:
        return (_TITLE.unknown(Message("there is no commit message")),)
    found = [_TITLE.concern(fault, note.subject[:80]) for note in change.notes if (fault := _title_fault(note))]
    return tuple(found) or (_TITLE.good(Message("{title}", title=change.notes[0].subject[:200])),)


def _title_fault(note: Note) -> Text | None:
    if _UNFINISHED.match(note.subject[:200]):
        return Message("the title says that the work is not finished")
    if _VAGUE.fullmatch(note.subject[:200]):
        return Message("the title does not say what changes: {title}", title=note.subject[:80] or "(empty)")
    if len(_TAGS.sub("", note.subject[:2000])) > _LONGEST_TITLE:
        return Message("the title has {count} characters: more than a sentence", count=len(note.subject))
    return None


def description(change: Submission) -> tuple[Finding, ...]:
    """A body of some words, or a changelog entry that says more than the title."""
    words = max((len(_prose(note).split()) for note in change.notes), default=0)
    if words >= _DESCRIBED:
        return (_DESCRIPTION.good(Message("the messages describe the change in {count} words", count=words)),)
    if not change.notes:
        return (_DESCRIPTION.unknown(Message("there is no commit message")),)
    return (
        _DESCRIPTION.unknown(
            Message("the commits carry a title only, and the text of the request is not in the repository")
        ),
    )


def _prose(note: Note) -> str:
    return "\n".join(line for line in note.body.splitlines() if not _TRAILER.match(line[:200]))


def agrees(change: Submission) -> tuple[Finding, ...]:
    """Only what can be compared is judged: a version said to be reached, and CVE ids."""
    if not change.notes:
        return (_AGREES.unknown(Message("there is no commit message")),)
    found, proofs = _versions(change)
    more, held = _weaknesses(change)
    found += more
    proofs += held
    if found:
        return tuple(found)
    if proofs:
        return (_AGREES.good(Message("what the text claims is in the change"), details=proofs),)
    return (_AGREES.unknown(Message("the text claims nothing that can be compared with the change")),)


def _versions(change: Submission) -> tuple[list[Finding], list[str]]:
    if isinstance(change.versions, Text):
        return [_AGREES.unknown(change.versions)], []
    _, new = change.versions
    told = [said.rstrip(".") for note in change.notes for said in _TO.findall(note.subject)]
    if not told:
        return [], []
    if any(_same(said, new) for said in told):
        return [], [f"{new}: as the title says"]
    if change.same_version and not change.has_old:
        return [], []
    remark = Message("the title says {told}, the spec says {new}", told=", ".join(told), new=new)
    return [_AGREES.concern(remark, change.spec_name)], []


def _same(said: str, version: str) -> bool:
    plain = re.sub(r"[^0-9a-z]+", ".", said.lower())
    other = re.sub(r"[^0-9a-z]+", ".", version.lower())
    return plain == other or plain.startswith(other + ".") or other.startswith(plain + ".") or other in plain


def _weaknesses(change: Submission) -> tuple[list[Finding], list[str]]:
    said = {each.upper() for note in change.notes for each in _CVE.findall(f"{note.subject}\n{note.body}")}
    logged = {each.upper() for each in _CVE.findall(change.text)}
    patches = [path for path in change.changed if path.endswith(PATCHES)]
    names = " ".join([*change.changed, *change.removed]).replace("_", "-")
    content = b"\n".join(change.new.files.get(path, b"")[:65536] for path in patches).decode("utf-8", "replace")
    shown = {each.upper() for each in _CVE.findall(names + "\n" + content)}
    shown |= {
        each.upper()
        for line in new_spec_lines(change)
        if line.section != "changelog"
        for each in _CVE.findall(line.short)
    }
    shown |= {each.upper() for line in gone_spec_lines(change) for each in _CVE.findall(line.short)}
    found = []
    if change.same_version:
        for each in sorted(said - shown)[:20]:
            remark = Message("the text speaks of {cve}, nothing in the change does", cve=each)
            found.append(_AGREES.concern(remark, each))
    fresh = {
        each.upper() for path in change.added if path.endswith(PATCHES) for each in _CVE.findall(path.replace("_", "-"))
    }
    for each in sorted(fresh - logged)[:20]:
        remark = Message("a patch for {cve} is added, and neither message nor changelog tells of it", cve=each)
        found.append(_AGREES.concern(remark, each))
    return found, [f"{each}: in the text and in the change" for each in sorted((said | logged) & shown)]


def one_purpose(change: Submission) -> tuple[Finding, ...]:
    """Several packages, an upgrade with an unrelated security fix, repairs of own commits, merges."""
    found = [
        _PURPOSE.concern(Message("the commit belongs into another one of this change"), note.subject[:80])
        for note in change.notes
        if note.subject.startswith(("fixup!", "squash!", "Merge "))
    ]
    specs = [path for path in (*change.changed, *change.removed) if path.endswith(".spec")]
    if len(set(specs)) > 1 and change.has_old:
        found.append(_PURPOSE.concern(Message("{count} specs change at once", count=len(set(specs))), specs[0], specs))
    fixes = [path for path in change.added if path.endswith(PATCHES) and _CVE.search(path.replace("_", "-"))]
    moved = change.has_old and not isinstance(change.versions, Text) and not change.same_version
    if moved and fixes:
        remark = Message("an upgrade and {count} new security fixes in one change", count=len(fixes))
        found.append(_PURPOSE.concern(remark, fixes[0], fixes))
    if found:
        return tuple(found)
    kind = Message("an upgrade") if moved else Message("{count} files, the version stays", count=len(change.changed))
    return (_PURPOSE.good(kind, change.spec_name),)
