"""The checklist: its ids in its order, and the review that computes every one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from headrace.evidence.examine import examine
from headrace.evidence.gate import judge
from headrace.evidence.model import Case, Finding, Strength
from headrace.evidence.review import (
    branches,
    code,
    contents,
    files,
    hygiene,
    numbers,
    patches,
    secrets,
    sources,
    wording,
)
from headrace.evidence.review.model import Item, Note, Review, Submission
from headrace.package.model import PackageTree
from headrace.package.policy import Policy

ITEMS: Mapping[str, Item] = {
    "title": wording.title,
    "description": wording.description,
    "agrees": wording.agrees,
    "one-purpose": wording.one_purpose,
    "ci": files.ci,
    "stray-files": files.stray_files,
    "binaries": files.binaries,
    "lint": code.lint,
    "licence": code.licence,
    "secrets": secrets.secrets,
    "compatible": branches.compatible,
    "newest": branches.newest,
    "evr-grows": numbers.evr_grows,
    "changelog": numbers.changelog,
    "patches-declared": patches.patches_declared,
    "patches-applied": patches.patches_applied,
    "patches-merged": patches.patches_merged,
    "source-address": sources.source_address,
    "source-identical": sources.source_identical,
    "metadata": sources.metadata,
    "spec-hygiene": hygiene.spec_hygiene,
    "selftest": hygiene.selftest,
    "docs-split": contents.docs_split,
    "difference": contents.difference,
    "effect": contents.effect,
    "dependents": contents.dependents,
    "installs": contents.installs,
    "on-images": contents.on_images,
    "patch-named": patches.patch_named,
    "patch-origin": patches.patch_origin,
    "patch-adapted": patches.patch_adapted,
    "patch-proved": patches.patch_proved,
    "branch-order": branches.branch_order,
    "level": branches.level,
    "frozen": branches.frozen,
    "intake": branches.intake,
    "ownership": branches.ownership,
}
"""Id -> item, sections A to D of the checklist."""


def review(change: Submission, items: Mapping[str, Item] = ITEMS) -> Review:
    """Every item's findings and the gate's verdict. Never raises for what a change holds: an item that fails is not judged."""
    # `examine` hands its case to the checks unseen; it was written for upgrades and types it so.
    checks = cast("Mapping[str, Callable[[Case], tuple[Finding, ...]]]", items)
    findings = examine(cast("Case", change), checks)
    return Review(findings, judge(findings, needed=Strength.TEXT, expected=tuple(ITEMS)))


def review_trees(
    old: PackageTree, new: PackageTree, message: str, policy: Policy | None = None, branch: str = "", macros: str = ""
) -> Review:
    """The review of two trees, for repositories that hold many packages."""
    notes = (Note.read(message),) if message.strip() else ()
    return review(Submission(old, new, notes, macros, branch, policy))
