"""`headrace watch`: ask every upstream, and decide for every branch which version it should carry, with the reason."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from headrace.errors import HeadraceError
from headrace.package.model import PackageError, PackageTree
from headrace.package.spec.facts import SpecFacts, read
from headrace.package.spec.value import Known
from headrace.package.upstream_metadata import parse, to_project
from headrace.store.choices import KnownChoice
from headrace.store.codec import StoreError
from headrace.store.upstreams import UpstreamState
from headrace.upstream.choose import choose
from headrace.upstream.model import Answer, Choice, Project
from headrace.words import Text
from headrace.work.services import Services
from headrace.work.watch_upstreams import Sweep, ask_upstreams, sentence

__all__ = ["Watched", "carried_evr", "project_key", "sentence", "watch"]


@dataclass(frozen=True, slots=True)
class Watched:
    """What one watch did: every choice, how many questions went out, and how many of them were conditional."""

    choices: tuple[KnownChoice, ...]
    requests: int
    conditional: int
    changed: tuple[str, ...]
    """The packages whose upstream announced something new."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One package on one branch, as far as it could be read."""

    package: str
    branch: str
    commit: str = ""
    carried: str = ""
    version: str = ""
    project: Project | None = None
    problem: Text | None = None


def project_key(project: Project) -> str:
    """What tells one upstream from another, whatever package asks; the version that is carried does not matter."""
    asked = [project.source, project.name, project.address, project.tag_prefix, sorted(project.options.items())]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]


def watch(
    services: Services, packages: Sequence[str] = (), progress: Callable[[str], None] = lambda _: None
) -> Watched:
    """Watch the named packages (all, when none is named). One that cannot be read or asked leaves its problem alone."""
    distribution = services.workspace.distribution
    names = list(packages) or list(distribution.packages)
    lines = [_read_line(services, name, branch) for name in names for branch in distribution.packages[name].branches]
    sweep = asyncio.run(_ask_all(services, lines, progress))
    choices = [_decide(services, line, sweep.states) for line in lines]
    named = _packages(lines)
    changed = {package for key in sweep.changed for package in named.get(key, ())}
    return Watched(tuple(choices), sweep.requests, sweep.conditional, tuple(sorted(changed)))


def _read_line(services: Services, package: str, branch: str) -> _Line:
    try:
        commit = services.workspace.head(package, branch)
        tree = services.workspace.tree(package, commit)
        facts = read(tree.spec, spec_name=tree.spec_path, macros=services.macros, files=tree.files)
        version, carried = carried_evr(tree, facts)
    except HeadraceError as error:
        return _Line(package, branch, problem=sentence(error))
    line = _Line(package, branch, commit, carried, version)
    try:
        metadata = parse(_metadata(tree), package)
        project = to_project(metadata, version, services.addresses)
    except HeadraceError as error:
        return replace(line, problem=sentence(error))
    if project.source == "debian" and "suites" not in project.options and services.workspace.distribution.debian_suites:
        suites = ",".join(services.workspace.distribution.debian_suites)
        project = replace(project, options={**project.options, "suites": suites})
    return replace(line, project=project)


def _metadata(tree: PackageTree) -> bytes:
    for path in (f"{tree.name}.yaml", f"{tree.name}.yml"):
        if path in tree.files:
            return tree.files[path]
    raise PackageError(f"{tree.name} has no {tree.name}.yaml", "nothing says where its upstream is", "add it")


def carried_evr(tree: PackageTree, facts: SpecFacts) -> tuple[str, str]:
    """The version and the EVR that a spec carries. Raises PackageError when either cannot be known without running it."""
    for value, what in ((facts.version, "version"), (facts.release, "release"), (facts.epoch, "epoch")):
        if not isinstance(value, Known):
            raise PackageError(
                f"the {what} of {tree.spec_path} cannot be known", str(value.reason), "write it without running code"
            )
    return str(facts.version.value), str(facts.evr.value)  # type: ignore[union-attr]


async def _ask_all(services: Services, lines: Sequence[_Line], progress: Callable[[str], None]) -> Sweep:
    wanted = {project_key(line.project): line.project for line in lines if line.project is not None}
    packages = _packages(lines)
    async with services.outside() as outside:
        return await ask_upstreams(
            wanted, outside=outside, store=services.stores.upstreams, sources=services.sources, clock=services.clock,
            told=lambda key: progress(packages[key][0]),
        )  # fmt: skip


def _packages(lines: Sequence[_Line]) -> dict[str, list[str]]:
    """The packages of each upstream by its key."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.project is not None:
            found.setdefault(project_key(line.project), []).append(line.package)
    return found


def _decide(services: Services, line: _Line, states: Mapping[str, UpstreamState]) -> KnownChoice:
    """Choose for one branch; a choice whose grounds are the same as last time is not made again."""
    now = services.clock()
    if line.project is None:
        return _saved(
            services, KnownChoice(line.package, line.branch, "", line.commit, line.carried, None, line.problem, now)
        )
    key = project_key(line.project)
    upstream = states[key]
    if not upstream.answered:
        return _saved(
            services,
            KnownChoice(line.package, line.branch, key, line.commit, line.carried, None, upstream.problem, now),
        )
    takes = services.workspace.distribution.policy.branch(line.branch).takes
    grounds = f"{key} {takes} {upstream.changed_at}"
    before = services.stores.choices.get(line.package, line.branch)
    if before is not None and before.choice is not None and (before.upstream, before.commit) == (grounds, line.commit):
        return _saved(services, replace(before, problem=upstream.problem, checked_at=now))
    known = services.stores.upstreams.get(key)
    if known is None or known.answer is None:
        raise StoreError(f"the answer about {line.package} vanished from the store", "", "run headrace watch again")
    choice = _choose(line, known.answer, services)
    known_choice = KnownChoice(
        line.package, line.branch, grounds, line.commit, line.carried, choice, upstream.problem, now
    )
    if before is None or before.choice != choice:
        services.tell("upstream", f"{line.package}/{line.branch}", choice.reason)
    return _saved(services, known_choice)


def _choose(line: _Line, answer: Answer, services: Services) -> Choice:
    assert line.project is not None  # noqa: S101 - the caller looked
    return choose(
        answer.announcements, current=line.version, takes=services.workspace.distribution.policy.branch(line.branch).takes,
        tag_prefix=line.project.tag_prefix, separator=line.project.separator, today=services.clock().date(),
        project=line.project.name,
    )  # fmt: skip


def _saved(services: Services, choice: KnownChoice) -> KnownChoice:
    services.stores.choices.save(choice)
    return choice
