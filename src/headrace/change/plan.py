"""From a package and a version to a plan: which lines change, which sources are needed, which patches must be carried."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from headrace.change.model import ChangeError, Edit, Plan
from headrace.package.digests import parse_sources
from headrace.package.model import PackageError, PackageTree, SourceFile
from headrace.package.spec.bump import Bumped, ChangelogEntry, bump
from headrace.package.spec.facts import SpecFacts, read
from headrace.package.spec.value import Known
from headrace.upstream.model import Announcement, Artefact
from headrace.words import Text

_ARCHIVE = re.compile(r"\.(tar\.(gz|bz2|xz|zst|lz|lzma)|tgz|tbz2|txz|zip|crate|gem)$")
_ALIAS = {".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".txz": ".tar.xz"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be planned: `version` for `branch` of the package in `tree`, because of `reason`, at the moment `made_at`."""

    tree: PackageTree
    branch: str
    version: str
    tag: str
    reason: Text
    author: str
    made_at: int


def plan_upgrade(wish: Wish, announcements: Sequence[Announcement], macros: Sequence[str]) -> Plan:
    """Plan an upgrade. Raises PackageError or ChangeError when something cannot be known; nothing is guessed."""
    tree = wish.tree
    facts = read(tree.spec, spec_name=tree.spec_path, macros=macros, files=tree.files)
    edited = edit_spec(wish, macros)
    after = read(edited.data, spec_name=tree.spec_path, macros=macros, files=tree.files)
    old_version, new_version = known_text(facts, "version", tree), known_text(after, "version", tree)
    pinned = parse_sources(tree.files.get("sources", b""))
    old = _sources(facts, tree, pinned, _announced(announcements, old_version), "")
    new = _sources(after, tree, pinned, _announced(announcements, new_version), wish.tag)
    missing = [source.filename for source in new if not source.url and source.kind != "local"]
    if missing:
        raise ChangeError(
            f"nothing says where {missing[0]} of {tree.name} comes from",
            f"upstream announced no such file for {new_version}", "correct Source in the spec or src_repo in the yaml",
        )  # fmt: skip
    return Plan(
        package=tree.name, branch=wish.branch, base=tree.commit, from_evr=edited.from_evr, to_evr=edited.to_evr,
        from_version=old_version, to_version=new_version, reason=wish.reason, edits=edits_of(edited, tree.spec_path),
        old_sources=old, new_sources=new, patches=tuple(patch_names(facts, tree)), made_at=wish.made_at, notes=edited.notes,
    )  # fmt: skip


def edit_spec(wish: Wish, macros: Sequence[str], *, lines: Sequence[str] = (), dropped: Sequence[int] = ()) -> Bumped:
    """The spec at the new version, with one changelog entry; `dropped` are the numbers of patches to take out."""
    day = datetime.fromtimestamp(wish.made_at, UTC).date()
    entry = ChangelogEntry(author=wish.author, day=day, lines=tuple(lines) or (f"Upgrade to {wish.version}",))
    return bump(
        wish.tree.spec, wish.version, spec_name=wish.tree.spec_path, macros=macros, files=wish.tree.files, entry=entry,
        drop_patches=tuple(dropped),
    )  # fmt: skip


def edits_of(edited: Bumped, path: str) -> tuple[Edit, ...]:
    """The edits of a spec as a plan shows them."""
    return tuple(Edit(path, edit.line, edit.old, edit.new, edit.reason) for edit in edited.edits)


def known_text(facts: SpecFacts, name: str, tree: PackageTree) -> str:
    """A fact of a spec as text. Raises PackageError when it cannot be known without running code."""
    value = getattr(facts, name)
    if not isinstance(value, Known):
        raise PackageError(
            f"the {name} of {tree.spec_path} cannot be known", str(value.reason), "write it without running code"
        )
    return str(value.value)


def patch_names(facts: SpecFacts, tree: PackageTree) -> list[str]:
    """The file names of a spec's patches. Raises PackageError for one whose name is unknown or that is not in the package."""
    names = []
    for patch in facts.patches:
        if not isinstance(patch.filename, Known):
            raise PackageError(f"Patch{patch.number} of {tree.spec_path} has no known name", str(patch.filename.reason))
        if patch.filename.value not in tree.files:
            raise PackageError(
                f"{patch.filename.value} is declared but not in the package", remedy="add the file or remove the line"
            )
        names.append(patch.filename.value)
    return names


def _announced(announcements: Sequence[Announcement], version: str) -> Announcement | None:
    return next((one for one in announcements if one.version == version), None) or next(
        (one for one in announcements if _plain(one.version) == _plain(version)), None
    )


def _plain(version: str) -> str:
    return re.sub(r"[^a-z0-9]+", ".", version.lower().removeprefix("v"))


def _sources(
    facts: SpecFacts,
    tree: PackageTree,
    pinned: Mapping[str, Mapping[str, str]],
    announced: Announcement | None,
    tag: str,
) -> tuple[SourceFile, ...]:
    found = []
    for source in facts.sources:
        if not isinstance(source.filename, Known):
            raise PackageError(
                f"Source{source.number} of {tree.spec_path} has no known name", str(source.filename.reason)
            )
        name = source.filename.value
        digests = pinned.get(name, {})
        if name in tree.files:
            found.append(SourceFile(name, kind="local", pinned="package"))
        elif (artefact := _artefact(name, announced)) is not None:
            found.append(_from_upstream(name, artefact, digests, announced, tag))
        else:
            address = source.value.value if isinstance(source.value, Known) and "://" in str(source.value.value) else ""
            found.append(SourceFile(name, address, digests, "package" if digests else ""))
    return tuple(found)


def _from_upstream(
    name: str, artefact: Artefact, pinned: Mapping[str, str], announced: Announcement | None, tag: str
) -> SourceFile:
    commit = announced.commit if announced else ""
    vouched = "package" if pinned else "registry" if artefact.digests else ""
    return SourceFile(
        name, artefact.url, {**artefact.digests, **pinned}, vouched, artefact.signature_url,
        "git" if artefact.kind == "git" else "archive", (announced.tag if announced else "") or tag, commit,
    )  # fmt: skip


def _artefact(filename: str, announced: Announcement | None) -> Artefact | None:
    """The artefact that is the file a spec names: the same name, else the only archive of the same kind."""
    if announced is None:
        return None
    for artefact in announced.artefacts:
        if artefact.filename == filename or artefact.kind == "git":
            return artefact
    ending = _ending(filename)
    alike = [one for one in announced.artefacts if one.kind == "archive" and _ending(one.filename) == ending]
    return alike[0] if ending and len(alike) == 1 else None


def _ending(filename: str) -> str:
    match = _ARCHIVE.search(filename.lower())
    return _ALIAS.get(match[0], match[0]) if match else ""
