"""What the distribution's policy says of the branch, the level, the order of branches, new packages and ownership."""

from __future__ import annotations

import re

from headrace.evidence.model import Finding
from headrace.evidence.review.model import Submission
from headrace.evidence.review.saying import Voice
from headrace.package.evr import Evr, compare_versions
from headrace.package.model import PackageError
from headrace.package.policy import Policy
from headrace.package.spec.value import Unknown
from headrace.upstream.model import Takes
from headrace.words import Message, Text

_COMPATIBLE = Voice(
    "compatible", Message("both versions and what the policy lets the branch take; no built packages"),
    Message("ABI, config, command, service and provides differences of two builds"),
)  # fmt: skip
_NEWEST = Voice("newest", Message("the branch; upstream was not asked"), Message("the watch result of the package"))
_ORDER = Voice(
    "branch-order", Message("the EVR of the change against the other branches of the repository, in the policy's order"),
    Message("the newer branch upgraded first"),
)  # fmt: skip
_LEVEL = Voice(
    "level",
    Message("the package's level in the policy, the branch and both versions"),
    Message("the ABI of two builds, compared"),
)
_FROZEN = Voice(
    "frozen",
    Message("what the policy says of the branch, and whether the version moves"),
    Message("the owner of the branch"),
)
_INTAKE = Voice(
    "intake",
    Message("whether the package is new in the repository"),
    Message("upstream's activity, a search for duplicates, a trial build"),
)
_OWNERSHIP = Voice("ownership", Message("the paths of the change"), Message("the agreement of two owners"))
_OWNERS = re.compile(
    r"(?:.*/)?(?:OWNERS(?:_ALIASES)?|CODEOWNERS|MAINTAINERS|sig-info\.ya?ml|sigs\.ya?ml|committers?\.ya?ml)\Z"
)

_NO_POLICY = Message("there is no policy")
_NO_BRANCH = Message("it is not known for which branch the change is")


def _rule(change: Submission) -> tuple[Policy, str] | Text:
    if change.policy is None:
        return _NO_POLICY
    return (change.policy, change.branch) if change.branch else _NO_BRANCH


def newest(change: Submission) -> tuple[Finding, ...]:
    """Only the development branch must carry the newest."""
    rule = _rule(change)
    if not isinstance(rule, Text) and rule[1] != rule[0].development:
        return (_NEWEST.idle(Message("{branch} is not the development branch", branch=rule[1])),)
    return (_NEWEST.unknown(Message("upstream was not asked: a review of the text uses no network")),)


def compatible(change: Submission) -> tuple[Finding, ...]:
    """A version outside the series that the branch carries is a blocker; inside it builds must tell."""
    rule = _rule(change)
    if isinstance(rule, Text):
        return (_COMPATIBLE.unknown(rule),)
    policy, branch = rule
    if branch == policy.development:
        return (_COMPATIBLE.idle(Message("{branch} is the development branch", branch=branch)),)
    if not change.has_old:
        return (_COMPATIBLE.idle(Message("the package is new")),)
    if isinstance(change.versions, Text):
        return (_COMPATIBLE.unknown(change.versions, change.spec_name),)
    old, new = change.versions
    if old == new:
        return (_COMPATIBLE.unknown(Message("the version stays; what patches change in it needs builds")),)
    if policy.branch(branch).takes is Takes.PATCH_RELEASES and series(old) != series(new):
        remark = Message(
            "{branch} takes patch releases of {series} only: {old} -> {new}",
            branch=branch,
            series=series(old),
            old=old,
            new=new,
        )
        return (_COMPATIBLE.blocker(remark, change.spec_name),)
    return (_COMPATIBLE.unknown(Message("{old} -> {new}: what differs needs builds of both", old=old, new=new)),)


def series(version: str) -> str:
    """The first two numbers of a version: what a branch of patch releases stays on."""
    return ".".join(re.findall(r"\d+", version[:200])[:2])


def frozen(change: Submission) -> tuple[Finding, ...]:
    """A frozen branch needs its owner for everything; a branch of patches keeps its version."""
    rule = _rule(change)
    if isinstance(rule, Text):
        return (_FROZEN.unknown(rule),)
    policy, branch = rule
    if policy.branch(branch).frozen:
        return (_FROZEN.blocker(Message("{branch} is frozen", branch=branch)),)
    if policy.branch(branch).takes is not Takes.PATCHES:
        return (_FROZEN.good(Message("{branch} is not frozen and takes new versions", branch=branch)),)
    if isinstance(change.versions, Text):
        return (_FROZEN.unknown(change.versions, change.spec_name),)
    old, new = change.versions
    if old != new:
        remark = Message("{branch} takes patches only: {old} -> {new}", branch=branch, old=old or "(new)", new=new)
        return (_FROZEN.blocker(remark, change.spec_name),)
    return (_FROZEN.good(Message("the version stays on {branch}", branch=branch)),)


def level(change: Submission) -> tuple[Finding, ...]:
    """An L1 package keeps its ABI for the whole life of a branch; others may move with their rhythm."""
    rule = _rule(change)
    if isinstance(rule, Text):
        return (_LEVEL.unknown(rule),)
    policy, branch = rule
    if branch == policy.development:
        return (_LEVEL.idle(Message("{branch} is the development branch", branch=branch)),)
    told = policy.levels.get(change.new.name)
    if told is None:
        return (_LEVEL.unknown(Message("the policy gives {package} no level", package=change.new.name)),)
    if isinstance(change.versions, Text):
        return (_LEVEL.unknown(change.versions, change.spec_name),)
    old, new = change.versions
    if old == new:
        return (_LEVEL.good(Message("{level}: the version stays", level=told)),)
    if told == "L1" and series(old) != series(new):
        remark = Message("an L1 package keeps its ABI on {branch}: {old} -> {new}", branch=branch, old=old, new=new)
        return (_LEVEL.blocker(remark, change.spec_name),)
    if told in {"L1", "L2"}:
        return (_LEVEL.unknown(Message("{level}: whether the ABI stays needs builds", level=told), change.spec_name),)
    return (_LEVEL.good(Message("{level} packages may move", level=told)),)


def branch_order(change: Submission) -> tuple[Finding, ...]:
    """A newer version on an older branch is a blocker; only a newer release is a concern."""
    rule = _rule(change)
    if isinstance(rule, Text):
        return (_ORDER.unknown(rule),)
    policy, branch = rule
    if branch not in policy.chain:
        return (_ORDER.unknown(Message("the policy's order does not name {branch}", branch=branch)),)
    if change.heads is None:
        return (_ORDER.unknown(Message("the other branches were not read")),)
    evr = change.new_facts.evr
    if isinstance(evr, Unknown):
        return (_ORDER.unknown(evr.reason, change.spec_name),)
    at = policy.chain.index(branch)
    found: list[Finding] = []
    fine: list[str] = []
    for place, other in enumerate(policy.chain):
        if place == at:
            continue
        held = change.heads.get(other)
        if held is None:
            found.append(_ORDER.unknown(Message("the repository has no branch {branch}", branch=other), other))
        elif isinstance(held, Text):
            found.append(_ORDER.unknown(held, other))
        else:
            pair = (held, evr.value) if place < at else (evr.value, held)
            fault = _out_of_order(*pair, *((other, branch) if place < at else (branch, other)))
            found += [fault] if fault else []
            fine.append(f"{other}: {held}")
    return tuple(found) or (_ORDER.good(Message("{evr} keeps the order of the branches", evr=evr.value), details=fine),)


def _out_of_order(left: str, right: str, newer: str, older: str) -> Finding | None:
    try:
        first, second = Evr.parse(left), Evr.parse(right)
    except PackageError as error:
        return _ORDER.unknown(Message("{error}", error=str(error)), newer)
    if second <= first:
        return None
    remark = Message(
        "{older} would carry {right}, newer than {left} on {newer}", older=older, right=right, left=left, newer=newer
    )
    if first.epoch == second.epoch and compare_versions(first.version, second.version) == 0:
        return _ORDER.concern(remark, newer)
    return _ORDER.blocker(remark, newer)


def intake(change: Submission) -> tuple[Finding, ...]:
    """Only for a package that was not there."""
    if change.has_old:
        return (_INTAKE.idle(Message("the package was there before")),)
    return (
        _INTAKE.unknown(
            Message("the package is new: whether upstream lives and nobody else ships it needs the network")
        ),
    )


def ownership(change: Submission) -> tuple[Finding, ...]:
    """Who owns a package is not decided by the way."""
    touched = [path for path in (*change.changed, *change.removed) if _OWNERS.fullmatch(path)]
    if touched:
        return tuple(_OWNERSHIP.concern(Message("the change alters who owns the package"), path) for path in touched)
    return (_OWNERSHIP.idle(Message("the change touches no file of owners")),)
