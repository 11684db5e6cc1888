"""EVR and changelog of any change, not only of an upgrade."""

from __future__ import annotations

import re

from headrace.evidence.checks import changelog as log_check
from headrace.evidence.checks import evr_grows as evr_check
from headrace.evidence.model import Finding, Result
from headrace.evidence.review.inherited import case_of, placed
from headrace.evidence.review.lines import gone_spec_lines, new_spec_lines
from headrace.evidence.review.model import Submission
from headrace.evidence.review.saying import Voice
from headrace.package.spec.facts import SpecFacts
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

_EVR = Voice(
    "evr-grows", Message("epoch, version and release of both specs, in rpm's order"), Message("a higher release")
)
_LOG = Voice(
    "changelog", Message("%changelog of both specs"), Message("one entry at the top that tells of this change")
)  # fmt: skip
_EARLY = re.compile(r"\d[._]?(?:rc|alpha|beta|pre|dev)[._]?\d*\b", re.IGNORECASE)


def ships_otherwise(change: Submission) -> bool:
    """Whether what is built can differ: the spec beyond comments and changelog, or a file that it names."""
    for line in (*new_spec_lines(change), *gone_spec_lines(change)):
        if line.section != "changelog" and not line.text.lstrip().startswith("#"):
            return True
    names = {each.filename.value for each in (*change.new_facts.sources, *change.new_facts.patches)
             if not isinstance(each.filename, Unknown)}  # fmt: skip
    return any(path.rsplit("/", 1)[-1] in names for path in change.changed)


def evr_grows(change: Submission) -> tuple[Finding, ...]:
    """Also: an epoch is never dropped."""
    if not change.has_old:
        return (_EVR.idle(Message("the package is new")),)
    if change.behind:
        why = Message("the branch has gone on since the change was made; its EVR may be taken")
        return (_EVR.unknown(why, change.spec_name), *_grows(change))
    return _grows(change)


def _grows(change: Submission) -> tuple[Finding, ...]:
    old, new = change.old_facts, change.new_facts
    if _release_is_automatic(change.new.spec):
        if change.same_version:
            return (_EVR.idle(Message("the build system counts the release")),)
    elif not ships_otherwise(change):
        return (_EVR.idle(Message("nothing that is built changes")),)
    found = [placed(each, change.spec_name) for each in evr_check.check(case_of(change))]
    if _epoch(old) and not _epoch(new):
        found.append(_EVR.blocker(Message("the epoch {epoch} is gone", epoch=_epoch(old)), change.spec_name))
    return (*found, *_spelling(change))


def _spelling(change: Submission) -> tuple[Finding, ...]:
    """A new version that rpm cannot have, or that it would order above the release it comes before."""
    if isinstance(change.versions, Text) or change.same_version:
        return ()
    new = change.versions[1]
    if "-" in new:
        return (_EVR.blocker(Message("{version} is no version for rpm: it has a dash", version=new), change.spec_name),)
    if "~" not in new and _EARLY.search(new[:200]):
        remark = Message(
            "{version} reads like a pre-release, and without a tilde rpm orders it above its release", version=new
        )
        return (_EVR.concern(remark, change.spec_name),)
    return ()


def _told(facts: SpecFacts) -> list[tuple[str, tuple[str, ...]]]:
    return [(entry.head, entry.text) for entry in facts.changelog]


def _release_is_automatic(spec: bytes) -> bool:
    return b"%autorelease" in spec or b"%{autorelease" in spec or b"%{?autorelease" in spec


def _epoch(facts: SpecFacts) -> int:
    return 0 if isinstance(facts.epoch, Unknown) else facts.epoch.value or 0


def changelog(change: Submission) -> tuple[Finding, ...]:
    """One new entry for what is built otherwise; a change that builds the same needs none."""
    if not change.has_old:
        return _first(change)
    if _told(change.old_facts) == _told(change.new_facts) and not ships_otherwise(change):
        return (_LOG.idle(Message("nothing that is built changes")),)
    return tuple(placed(each, change.spec_name) for each in log_check.check(case_of(change)))


def _first(change: Submission) -> tuple[Finding, ...]:
    found = tuple(placed(each, change.spec_name) for each in log_check.check(case_of(change)))
    if change.new_facts.changelog and all(each.result is not Result.PASS for each in found):
        return found
    return found or (_LOG.concern(Message("the new package has no changelog"), change.spec_name),)
