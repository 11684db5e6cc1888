"""`headrace upgrade`: one package to one version on one branch, in steps that survive a kill."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from headrace.change.model import Change, ChangeError, ChangeState, Plan
from headrace.change.plan import Wish, edit_spec, edits_of, patch_names, plan_upgrade
from headrace.errors import HeadraceError
from headrace.evidence.examine import examine
from headrace.evidence.gate import judge
from headrace.evidence.model import Case, Judgement, Strength, Verdict
from headrace.outside import scratch
from headrace.outside.git import Person
from headrace.package.digests import write_sources
from headrace.package.distribution import Proof
from headrace.package.model import FetchedSource, PackageTree, PatchClass, PatchFate, SourceFile
from headrace.package.spec.facts import read
from headrace.words import Message, Text, say
from headrace.work.carry import PatchInput, carry
from headrace.work.fetch import fetch
from headrace.work.journal import Journal, StepError
from headrace.work.prove import facts_of, prove
from headrace.work.report import write_report
from headrace.work.services import Services
from headrace.work.settle import settle
from headrace.work.watch import sentence

NEEDED = {Proof.HOST_ROOT: Strength.HOST_ROOT, Proof.CLEAN_BUILDROOT: Strength.CLEAN_BUILDROOT}


@dataclass(frozen=True, slots=True)
class Order:
    """What to upgrade: `change` is the change's id, `made_at` the moment of the plan (seconds since 1970)."""

    change: str
    package: str
    branch: str
    version: str
    commit: str
    made_at: int

    def text(self) -> str:
        """The argument of the flow."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Order:
        """The order that `text` gave."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of both sides; `old_missing` tells why there are no old ones."""

    old: tuple[FetchedSource, ...]
    new: tuple[FetchedSource, ...]
    old_missing: Text | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """The proposed tree in the package's repository, and the spec's changelog lines."""

    tree: str
    change: Change


class Upgrade:
    """The flow: plan, fetch, carry, edit, build, judge, propose, settle."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def __call__(self, journal: Journal, argument: str) -> None:
        """Run the flow; a failure ends in the change's state, never in silence."""
        order = Order.read(argument)
        try:
            self._run(journal, order)
        except StepError as error:
            failure, may_pass = sentence(error), error.may_pass
            journal.step("fail", bool, lambda: self._fail(order, failure, may_pass=may_pass))

    def _run(self, journal: Journal, order: Order) -> None:
        plan = journal.step("plan", Plan, lambda: self.plan(order))
        change = replace(opened_change(order, plan.reason), from_evr=plan.from_evr, to_evr=plan.to_evr, plan=plan)
        journal.step("open", bool, lambda: self._open(change))
        sources = journal.step("fetch", Sources, lambda: self.fetch(plan))
        fates = journal.step("carry", tuple[PatchFate, ...], lambda: self.carry(plan, sources))
        change = replace(change, patches=fates)
        edited = journal.step("edit", Edited, lambda: self._edit(change, sources))
        old = journal.step("build old", str, lambda: self._build_old(change, sources))
        new = journal.step("build new", str, lambda: self._build_new(edited, sources))
        judgement = journal.step("judge", Judgement, lambda: self._judge(edited, sources, (old, new)))
        commit = journal.step("propose", str, lambda: self._propose(edited, judgement))
        if judgement.verdict is Verdict.ACCEPT:
            journal.step("settle", bool, lambda: settle(self._services, order.change, commit))
        # Until this is on record the next run takes the job for unfinished: proposing is not its end.
        journal.step("finish", bool, lambda: self._services.stores.changes.finish(order.change, self._services.clock()))

    def plan(self, order: Order) -> Plan:
        """The plan for an order; effects nothing."""
        services = self._services
        tree = services.workspace.tree(order.package, order.commit)
        choice = services.stores.choices.get(order.package, order.branch)
        key = choice.upstream.split()[0] if choice is not None and choice.upstream else ""
        known = services.stores.upstreams.get(key) if key else None
        if known is None or known.answer is None:
            raise ChangeError(f"nothing is known of the upstream of {order.package}", remedy="run headrace watch first")
        chosen = choice.choice if choice is not None else None
        if chosen is not None and chosen.version == order.version:
            reason, tag = chosen.reason, chosen.tag
        else:
            reason, tag = Message("{version} was asked for", version=order.version), ""
            if all(order.version not in {one.version, one.tag} for one in known.answer.announcements):
                raise ChangeError(
                    f"upstream never announced {order.version} of {order.package}", remedy="see headrace watch"
                )
        author = services.workspace.distribution.author
        wish = Wish(tree, order.branch, order.version, tag, reason, author, order.made_at)
        return plan_upgrade(wish, known.answer.announcements, services.macros)

    def _open(self, change: Change) -> bool:
        changes, now = self._services.stores.changes, self._services.clock()
        changes.open(change, now)
        changes.save(change, now)
        self._tell(change, Message("planned: {old} to {new}", old=change.from_evr, new=change.to_evr))
        return True

    def fetch(self, plan: Plan) -> Sources:
        """Bring the sources of both sides into the cache; old ones that are gone for good are told, not raised."""
        missing: Text | None = None
        old: tuple[FetchedSource, ...] = ()
        try:
            old = self._fetch_all(plan.old_sources, plan)
        except HeadraceError as error:
            if error.may_pass:
                raise
            missing = sentence(error)
        return Sources(old, self._fetch_all(plan.new_sources, plan), missing)

    def _fetch_all(self, wanted: Sequence[SourceFile], plan: Plan) -> tuple[FetchedSource, ...]:
        services = self._services
        tree = services.workspace.tree(plan.package, plan.base)
        keys = [content for path, content in tree.files.items() if path.endswith((".keyring", ".gpg", ".pgp"))]
        keyring = b"".join(keys) or None

        async def all_of_them() -> tuple[FetchedSource, ...]:
            async with services.outside() as outside:
                return tuple(
                    [
                        await fetch(source, services.workspace.sources, outside, keyring=keyring)
                        for source in wanted
                        if source.kind != "local"
                    ]
                )

        return asyncio.run(all_of_them())

    def carry(self, plan: Plan, sources: Sources) -> tuple[PatchFate, ...]:
        """What becomes of every patch; effects nothing."""
        if not plan.patches:
            return ()
        tree = self._services.workspace.tree(plan.package, plan.base)
        facts = read(tree.spec, spec_name=tree.spec_path, macros=self._services.macros, files=tree.files)
        inputs = [
            PatchInput(patch.number, name, tree.files[name], patch.applied[0].strip if patch.applied else None)
            for patch, name in zip(facts.patches, patch_names(facts, tree), strict=True)
        ]
        if sources.old_missing is not None or not sources.old:
            why = sources.old_missing or Message("there are no old sources")
            return tuple(PatchFate(one.number, one.filename, PatchClass.FAILED, why) for one in inputs)
        with scratch.directory(self._services.workspace.scratch, "carry-") as place:
            return carry(Path(sources.old[0].path), Path(sources.new[0].path), inputs, place / "work")

    def _edit(self, change: Change, sources: Sources) -> Edited:
        services, plan = self._services, change.plan
        tree = services.workspace.tree(plan.package, plan.base)
        wish = Wish(
            tree, plan.branch, plan.to_version, "", plan.reason, services.workspace.distribution.author, plan.made_at
        )
        gone = [fate for fate in change.patches if fate.patch_class is PatchClass.MERGED]
        lines = [f"Upgrade to {plan.to_version}", *_patch_lines(change.patches)]
        edited = edit_spec(wish, services.macros, lines=lines, dropped=[fate.number for fate in gone])
        files = {path: content for path, content in tree.files.items() if path not in {fate.filename for fate in gone}}
        files |= {fate.filename: fate.content for fate in change.patches if fate.content is not None}
        files[tree.spec_path] = edited.data
        if "sources" in files:
            digests = {one.filename: one.sha512 for one in sources.new}
            files["sources"] = write_sources(files["sources"], digests, gone=[one.filename for one in sources.old])
        after = replace(
            change, to_evr=edited.to_evr, plan=replace(plan, edits=edits_of(edited, tree.spec_path), notes=edited.notes)
        )
        self._tell(change, Message("edited: {count} lines of the spec", count=len(edited.edits)))
        return Edited(services.workspace.repository(plan.package).write_tree(files), after)

    def _build_old(self, change: Change, sources: Sources) -> str:
        if sources.old_missing is not None:
            return ""
        tree = self._services.workspace.tree(change.package, change.plan.base)
        return prove(self._services, tree, sources.old, change.id)

    def _build_new(self, edited: Edited, sources: Sources) -> str:
        if any(fate.patch_class is PatchClass.FAILED for fate in edited.change.patches):
            return ""
        return prove(self._services, self._proposed(edited), sources.new, edited.change.id)

    def _proposed(self, edited: Edited) -> PackageTree:
        return self._services.workspace.tree(edited.change.package, edited.tree)

    def _judge(self, edited: Edited, sources: Sources, builds: tuple[str, str]) -> Judgement:
        services, change = self._services, edited.change
        base = services.workspace.tree(change.package, change.plan.base)
        new = self._proposed(edited)
        (old_build, old_rpms), (new_build, new_rpms) = facts_of(services, builds[0]), facts_of(services, builds[1])
        missing = {}
        if old_rpms is None:
            missing["old_rpms"] = sources.old_missing or _why(old_build.build.reason if old_build else None)
        if new_rpms is None:
            missing["new_rpms"] = _why(new_build.build.reason if new_build else None)
        case = Case(
            plan=change.plan, old_spec=base.spec, new_spec=new.spec, spec_name=new.spec_path, macros="\n".join(services.macros),
            patches=change.patches, sources=sources.new, old_build=old_build.build if old_build else None,
            new_build=new_build.build if new_build else None, old_rpms=old_rpms, new_rpms=new_rpms, missing=missing,
            allowed_licences=services.workspace.distribution.policy.allow, tree_paths=tuple(new.files),
        )  # fmt: skip
        findings = examine(case, services.checks)
        proof = services.workspace.distribution.merges(change.branch).proof
        judgement = judge(findings, needed=NEEDED[proof], expected=list(services.checks))
        services.stores.changes.save(change, services.clock(), findings=findings, judgement=judgement, builds=builds)
        self._tell(change, Message("verdict: {verdict}", verdict=judgement.verdict.value))
        return judgement

    def _propose(self, edited: Edited, judgement: Judgement) -> str:
        services, change = self._services, edited.change
        repository = services.workspace.repository(change.package)
        author, _, rest = services.workspace.distribution.author.partition(" <")
        commit = repository.write_commit(
            edited.tree,
            (change.plan.base,),
            commit_message(change),
            Person(author, rest.rstrip(">")),
            change.plan.made_at,
        )
        name = f"headrace/{change.package}-{change.plan.to_version}"
        if change.branch != services.workspace.distribution.policy.development:
            name += f"-{change.branch}"
        reference = f"refs/heads/{name}"
        if not repository.move(reference, commit, repository.resolve(reference)):
            raise ChangeError(f"branch {name} of {change.package} was moved by somebody else", remedy="run again")
        state = ChangeState.REFUSED if judgement.verdict is Verdict.REFUSE else ChangeState.PROPOSED
        stored = services.stores.changes.get(change.id)
        if stored is not None and stored.change.state in (ChangeState.WORKING, state):
            services.stores.changes.save(
                replace(change, commit=commit, branch_name=name, state=state), services.clock()
            )
        write_report(services, change.id)
        self._tell(change, Message("proposed as {name}", name=name))
        return commit

    def _fail(self, order: Order, failure: Text, *, may_pass: bool) -> bool:
        services, now = self._services, self._services.clock()
        services.stores.changes.open(opened_change(order, failure), now)
        stored = services.stores.changes.get(order.change)
        if stored is not None and stored.change.state is ChangeState.WORKING:
            extra = {**stored.change.extra, "transient": "yes" if may_pass else "no"}
            failed = replace(stored.change, state=ChangeState.FAILED, failure=failure, extra=extra)
            services.stores.changes.save(failed, now)
        write_report(services, order.change)
        services.tell("problem", order.change, failure, key=f"{order.change} failed")
        return True

    def _tell(self, change: Change, message: Text) -> None:
        self._services.tell("change", change.id, message, key=f"{change.id} {message.text}")


def opened_change(order: Order, reason: Text) -> Change:
    """The change as it is on record before its plan is made."""
    plan = Plan(order.package, order.branch, order.commit, "", order.version, "", order.version, reason, (), (), ())
    extra = {"order": order.text()}
    return Change(order.change, order.package, order.branch, "", order.version, ChangeState.WORKING, plan, extra=extra)


def _why(reason: Text | None) -> Text:
    return reason or Message("it was not built, for a patch does not apply")


def _patch_lines(fates: Sequence[PatchFate]) -> list[str]:
    told = {PatchClass.MERGED: "Drop {}: merged upstream", PatchClass.REBASED: "Rebase {}"}
    return [told[fate.patch_class].format(fate.filename) for fate in fates if fate.patch_class in told]


def commit_message(change: Change) -> str:
    """The message of the one commit: what, why, where the sources come from, and every patch with its class."""
    plan = change.plan
    lines = [f"Upgrade to {plan.to_version}", "", f"{say(plan.reason)}", ""]
    lines += [f"Version: {plan.from_evr} -> {change.to_evr}"]
    lines += [
        f"Source: {source.filename}" + (f" from {source.url}" if source.url else "") for source in plan.new_sources
    ]
    lines += [f"Patch: {fate.filename}: {fate.patch_class.value}" for fate in change.patches]
    lines += ["", f"Headrace-Change: {change.id}"]
    return "\n".join(lines)
