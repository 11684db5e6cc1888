"""The desk over the store: what pages and `--json` show, and where a person's decision goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from headrace.change.model import Change, ChangeState
from headrace.errors import HeadraceError
from headrace.evidence.compare import compare
from headrace.evidence.model import BuildStatus, Result
from headrace.store.changes import OPEN, StoredChange
from headrace.store.events import Event as StoredEvent
from headrace.store.opinions import Opinion
from headrace.words import Message
from headrace.work.services import Services
from headrace.work.settle import merge
from headrace.work.stands import behind
from headrace.work.views import (
    AnnouncedVersion,
    BranchView,
    BuildView,
    ChangeBrief,
    ChangedMeanwhileError,
    ChangeView,
    Decided,
    Difference,
    Event,
    LineCounts,
    LineView,
    LogText,
    NotWaitingError,
    PackageView,
    PatchView,
    ReleasedRow,
    ReleaseView,
    Stand,
    UnknownChangeError,
    UpstreamView,
)

_ANNOUNCED = 50
_HISTORY = 60


@dataclass(frozen=True, slots=True)
class StoredDesk:
    """The desk of one workspace. `after_decision` is told the branch and the change, so that the release follows."""

    services: Services
    after_decision: Callable[[str, str], None] = lambda _branch, _change: None

    def branches(self) -> tuple[str, ...]:
        """See Desk."""
        return tuple(self.services.workspace.distribution.policy.branches)

    def line(self) -> LineView:
        """See Desk."""
        stores = self.services.stores
        seq = stores.events.last()
        stands = self._stands()
        changes = stores.changes.list()
        upstreams = stores.upstreams.all().values()
        builds = {key for one in changes for key in (one.old_build, one.new_build) if key}
        kept = [build for key in builds if (build := stores.builds.get(key)) is not None]
        behind_of = {stand.package for stand in stands if stand.newest is not None and stand.behind}
        counts = LineCounts(
            upstreams=len(upstreams), upstreams_in_doubt=len({stand.package for stand in stands if stand.newest is None}),
            packages=len(self.services.workspace.distribution.packages), packages_behind=len(behind_of),
            changes_open=sum(one.change.state in OPEN for one in changes),
            changes_waiting=sum(one.change.state is ChangeState.PROPOSED for one in changes),
            builds=len(kept), builds_failed=sum(one.build.status is not BuildStatus.BUILT for one in kept),
            released=sum(len(self._published(branch)) for branch in self.branches()),
        )  # fmt: skip
        return LineView(self.branches(), stands, counts, seq)

    def _stands(self, package: str = "") -> tuple[Stand, ...]:
        stores = self.services.stores
        newest_first: dict[tuple[str, str], StoredChange] = {}
        for one in stores.changes.list(package=package):
            newest_first.setdefault((one.change.package, one.change.branch), one)
        known = {(one.package, one.branch): one for one in stores.choices.all(package)}
        upstreams = stores.upstreams.all()
        found = []
        for entry in self.services.workspace.distribution.packages.values():
            for branch in entry.branches if package in {"", entry.name} else ():
                choice = known.get((entry.name, branch))
                if choice is None:
                    found.append(Stand(entry.name, branch, "", None, Message("not asked yet")))
                    continue
                change = newest_first.get((entry.name, branch))
                upstream = upstreams.get(choice.upstream.split()[0]) if choice.upstream else None
                lag = behind(choice, upstream.answer if upstream else None, self.services.clock())
                why = choice.choice.reason if choice.choice else (choice.problem or Message("not asked yet"))
                found.append(
                    Stand(
                        entry.name,
                        branch,
                        choice.carried,
                        choice.choice.version if choice.choice else None,
                        why,
                        lag.releases,
                        lag.days,
                        self._brief(change) if change else None,
                        choice.checked_at,
                        choice.problem,
                    )
                )
        return tuple(found)

    def package(self, name: str) -> PackageView | None:
        """See Desk."""
        distribution, stores = self.services.workspace.distribution, self.services.stores
        entry = distribution.packages.get(name)
        if entry is None:
            return None
        choices = {one.branch: one for one in stores.choices.all(name)}
        sig = next((one for one in distribution.sigs.values() if name in one.packages), None)
        people = tuple(distribution.maintainers[who].name for who in (sig.maintainers if sig else ()))
        changes = stores.changes.list(package=name)
        return PackageView(
            name, sig=sig.name if sig else entry.sig, maintainers=people, repository=name, upstream=self._upstream(name),
            branches=tuple(
                BranchView(
                    stand, distribution.policy.branch(stand.branch).takes.value,
                    choices[stand.branch].commit if stand.branch in choices else "",
                    choices[stand.branch].choice if stand.branch in choices else None,
                )
                for stand in self._stands(name)
            ),
            changes=tuple(self._brief(one) for one in changes),
            history=self._history({name, *(one.change.id for one in changes)}, prefix=f"{name}/"),
        )  # fmt: skip

    def _upstream(self, name: str) -> UpstreamView | None:
        stores = self.services.stores
        choice = next((one for one in stores.choices.all(name) if one.upstream), None)
        known = stores.upstreams.get(choice.upstream.split()[0]) if choice else None
        if known is None:
            return None
        announced = known.answer.announcements if known.answer else ()
        shown = [AnnouncedVersion(one.version, one.released, one.withdrawn) for one in reversed(announced)]
        return UpstreamView(
            known.source, known.name, "", known.checked_at, known.problem, known.answer.notes if known.answer else (),
            tuple(shown[:_ANNOUNCED]), len(announced),
        )  # fmt: skip

    def changes(self, state: ChangeState | None = None) -> tuple[ChangeBrief, ...]:
        """See Desk."""
        stored = self.services.stores.changes.list(states=(state,) if state else ())
        briefs = [self._brief(one) for one in stored]
        waiting = sorted((one for one in briefs if one.waits), key=lambda one: (one.opened is None, one.opened, one.id))
        return (*waiting, *(one for one in briefs if not one.waits))

    def change(self, change_id: str) -> ChangeView | None:
        """See Desk."""
        stores = self.services.stores
        seq = stores.events.last()
        stored = stores.changes.get(change_id)
        if stored is None:
            return None
        change = stored.change
        return ChangeView(
            self._brief(stored), change.plan.reason, change.plan.base, change.commit, change.branch_name,
            judgement=stored.judgement, findings=stored.findings, patches=self._patches(change), edits=change.plan.edits,
            notes=change.plan.notes,
            diff=self._diff(change), builds=self._builds(stored), differences=self._differences(stored),
            decisions=tuple(Decided(one.at, one.who, one.accept, one.why, one.commit) for one in stores.opinions.of(change_id)),
            failure=change.failure, history=self._history({change_id}), seq=seq,
        )  # fmt: skip

    def release(self, branch: str) -> ReleaseView | None:
        """See Desk."""
        if branch not in self.branches():
            return None
        newest = self.services.stores.releases.newest(branch)
        if newest is None:
            return ReleaseView(branch)
        published, at = newest
        base = f"/published/{branch}/current"
        return ReleaseView(
            branch, published.serial, at, self._published(branch), published.key, published.repomd_sha256, base,
            f"{base}/RPM-GPG-KEY-{branch}",
        )  # fmt: skip

    def _published(self, branch: str) -> tuple[ReleasedRow, ...]:
        newest = self.services.stores.releases.newest(branch)
        wanted = set(newest[0].packages) if newest else set()
        return tuple(
            ReleasedRow(one.nevra, one.filename, one.sha256, change=one.change)
            for one in self.services.stores.releases.packages(branch)
            if one.nevra in wanted or one.filename in wanted
        )

    def events(self, after: int, limit: int) -> tuple[Event, ...]:
        """See Desk."""
        return tuple(_event(one) for one in self.services.stores.events.after(after, limit))

    def last_event(self) -> int:
        """See Desk."""
        return self.services.stores.events.last()

    def decide(self, change_id: str, *, accept: bool, who: str, why: str, expected: str) -> Decided:
        """See Desk."""
        stores, now = self.services.stores, self.services.clock()
        stored = stores.changes.get(change_id)
        if stored is None:
            raise UnknownChangeError(change_id)
        change = stored.change
        if change.state is not ChangeState.PROPOSED:
            raise NotWaitingError(change_id, change.state)
        if change.commit != expected:
            raise ChangedMeanwhileError(change_id, expected, change.commit)
        if not stores.opinions.decide(Opinion(change_id, change.commit, who, accept, why, now)):
            found = stores.changes.get(change_id)
            raise NotWaitingError(change_id, found.change.state if found else ChangeState.SUPERSEDED)
        told = (
            Message("{who} accepted it: {why}", who=who, why=why)
            if accept
            else Message("{who} rejected it: {why}", who=who, why=why)
        )
        self.services.tell("decision", change_id, told, key=f"{change_id} decided")
        if accept:
            merge(self.services, change, change.commit)
            self.after_decision(change.branch, change.id)
        return Decided(now, who, accept, why, change.commit)

    def log_text(self, build_key: str, max_bytes: int) -> LogText | None:
        """See Desk."""
        stored = self.services.stores.builds.get(build_key)
        if stored is None or not stored.build.log:
            return None
        path = self.services.workspace.root / stored.build.directory / stored.build.log
        try:
            with path.open("rb") as log:
                total = log.seek(0, 2)
                log.seek(max(0, total - max_bytes))
                return LogText(log.read(max_bytes).decode("utf-8", "replace"), total, total > max_bytes)
        except OSError:
            return None

    def _brief(self, stored: StoredChange) -> ChangeBrief:
        change, judgement = stored.change, stored.judgement
        results = [one.result for one in stored.findings]
        why = change.failure or (judgement.reasons[0] if judgement and judgement.reasons else None)
        return ChangeBrief(
            change.id, change.package, change.branch, change.from_evr, change.to_evr, change.state,
            change.state is ChangeState.PROPOSED, stored.verdict, why, results.count(Result.BLOCKER),
            results.count(Result.CONCERN), results.count(Result.NOT_JUDGED), stored.created_at, stored.updated_at,
        )  # fmt: skip

    def _patches(self, change: Change) -> tuple[PatchView, ...]:
        return tuple(
            PatchView(fate.number, fate.filename, fate.patch_class, fate.proof, fate.conflicts,
                      self._diff(change, fate.filename) if fate.content is not None else "")
            for fate in change.patches
        )  # fmt: skip

    def _diff(self, change: Change, *paths: str) -> str:
        if not change.commit:
            return ""
        try:
            return self.services.workspace.repository(change.package).diff(change.plan.base, change.commit, *paths)
        except HeadraceError as error:
            return f"(cannot be shown: {error})"

    def _builds(self, stored: StoredChange) -> tuple[BuildView, ...]:
        found = []
        for role, key in (("old", stored.old_build), ("new", stored.new_build)):
            kept = self.services.stores.builds.get(key) if key else None
            if kept is not None:
                build = kept.build
                names = tuple(rpm.nevra for rpm in kept.rpms)
                found.append(
                    BuildView(
                        role,
                        key,
                        build.status,
                        build.strength,
                        build.seconds,
                        build.builder,
                        build.reason,
                        names,
                        build.log,
                    )
                )
        return tuple(found)

    def _differences(self, stored: StoredChange) -> tuple[Difference, ...]:
        old = self.services.stores.builds.get(stored.old_build)
        new = self.services.stores.builds.get(stored.new_build)
        if old is None or new is None or not old.rpms or not new.rpms:
            return ()
        return tuple(
            Difference(one.kind, one.subject, one.old, one.new, one.weight.value, one.remark)
            for one in compare(old.rpms, new.rpms)
        )

    def _history(self, subjects: set[str], prefix: str = "") -> tuple[Event, ...]:
        found = self.services.stores.events.about(subjects, prefix, _HISTORY)
        return tuple(_event(one) for one in found)


def _event(stored: StoredEvent) -> Event:
    return Event(stored.seq, stored.at, stored.kind, stored.subject, stored.message)
