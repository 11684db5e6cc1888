"""The checks of an upgrade, asked about any change: as a case without builds, sources and proofs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from headrace.change.model import Plan
from headrace.evidence.model import Case, Finding, Result
from headrace.evidence.review.model import Submission
from headrace.package.spec.value import Unknown, Value
from headrace.words import Message

NO_BUILD = Message("a review of the text builds nothing")


def case_of(change: Submission) -> Case:
    """The change as the checks of an upgrade read it."""
    old, new = change.old_facts, change.new_facts
    plan = Plan(
        change.new.name, change.branch, change.old.commit, _said(old.evr), _said(new.evr), _said(old.version),
        _said(new.version), Message("a change under review"), (), (), (),
    )  # fmt: skip
    policy = change.policy
    return Case(
        plan, change.old_spec, change.new.spec, change.spec_name, change.macros,
        missing={
            "new_build": NO_BUILD, "old_build": NO_BUILD, "new_rpms": NO_BUILD, "old_rpms": NO_BUILD,
            "allowed_licences": Message("there is no policy with a list of allowed licences"),
        },
        allowed_licences=policy.allow if policy else None, tree_paths=change.paths,
    )  # fmt: skip


def asked(check: Callable[[Case], tuple[Finding, ...]], change: Submission) -> tuple[Finding, ...]:
    """What a check finds, its places as `path:line`; concerns that the old package gives as well are left out.

    Blockers stay whoever made them. Returns nothing when all that was found was there before.
    """
    case = case_of(change)
    before: set[str] = set()
    if change.has_old:
        old_paths = tuple(sorted(change.old.files))
        was = replace(case, new_spec=case.old_spec, tree_paths=old_paths)
        before = {str(each.remark) for each in check(was) if each.result in {Result.CONCERN, Result.NOT_JUDGED}}
    return tuple(
        placed(each, change.spec_name)
        for each in check(case)
        if each.result is not Result.CONCERN or str(each.remark) not in before
    )


def placed(finding: Finding, spec_name: str) -> Finding:
    """The finding with its line as `path:line`."""
    where = finding.where
    if where.startswith("line ") and where[5:].isdigit():
        return replace(finding, where=f"{spec_name}:{where[5:]}")
    return replace(finding, where=where or spec_name)


def _said(value: Value[str]) -> str:
    return "" if isinstance(value, Unknown) else value.value
