"""Changes and what was found about them; one open change a package and branch, guaranteed by the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from headrace.change.model import Change, ChangeState
from headrace.evidence.model import Finding, Judgement, Verdict
from headrace.store.codec import StoreError, decode, encode
from headrace.store.tables import changes as table

OPEN = (ChangeState.WORKING, ChangeState.PROPOSED, ChangeState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A change with its evidence as the store has it."""

    change: Change
    findings: tuple[Finding, ...]
    judgement: Judgement | None
    old_build: str
    new_build: str
    created_at: datetime
    updated_at: datetime

    @property
    def verdict(self) -> Verdict | None:
        """The gate's verdict, None while there is none."""
        return self.judgement.verdict if self.judgement else None


class Changes:
    """The changes in one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def open(self, change: Change, at: datetime) -> bool:
        """Begin a change; False when it is there already. Raises StoreError when another one is open for the branch."""
        row = _row(change, at)
        try:
            with self._engine.begin() as connection:
                there = connection.execute(sa.select(table.c.id).where(table.c.id == change.id)).first()
                if there is None:
                    connection.execute(table.insert().values(**row, created_at=at))
                return there is None
        except sa.exc.IntegrityError as error:
            raise StoreError(
                f"{change.package} has another open change on {change.branch}", remedy="decide that one first"
            ) from error

    def save(
        self,
        change: Change,
        at: datetime,
        *,
        findings: Sequence[Finding] | None = None,
        judgement: Judgement | None = None,
        builds: tuple[str, str] | None = None,
    ) -> None:
        """Store a change as it is now, and the evidence that is given; evidence that is not given stays."""
        values = _row(change, at)
        if findings is not None:
            values["findings"] = encode(tuple(findings), tuple[Finding, ...])
        if judgement is not None:
            values["judgement"] = encode(judgement, Judgement)
            values["verdict"] = judgement.verdict.value
        if builds is not None:
            values["old_build"], values["new_build"] = builds
        with self._engine.begin() as connection:
            connection.execute(table.update().where(table.c.id == change.id).values(**values))

    def move(self, change_id: str, to: ChangeState, expected: Collection[ChangeState], at: datetime) -> bool:
        """Compare-and-swap the state; False when it stands elsewhere than `expected`."""
        with self._engine.begin() as connection:
            query = sa.select(table.c.change).where(table.c.id == change_id).with_for_update()
            stored = connection.execute(query).scalar_one_or_none()
            if stored is None:
                return False
            done = connection.execute(
                table.update()
                .where(table.c.id == change_id, table.c.state.in_([state.value for state in expected]))
                .values(state=to.value, change={**stored, "state": to.value}, updated_at=at)
            )
            return done.rowcount == 1

    def finish(self, change_id: str, at: datetime) -> bool:
        """Note that the job of a change has ended, whatever state people gave the change meanwhile; False without a change."""
        with self._engine.begin() as connection:
            query = sa.select(table.c.change).where(table.c.id == change_id).with_for_update()
            stored = connection.execute(query).scalar_one_or_none()
            if stored is None:
                return False
            after = {**stored, "extra": {**stored.get("extra", {}), "done": "yes"}}
            connection.execute(table.update().where(table.c.id == change_id).values(change=after, updated_at=at))
            return True

    def unfinished(self) -> list[StoredChange]:
        """Changes whose job has not ended: it goes on, or its worker was killed."""
        states = (*OPEN, ChangeState.REFUSED)
        return [one for one in self.list(states=states) if one.change.extra.get("done") != "yes"]

    def get(self, change_id: str) -> StoredChange | None:
        """One change, None when there is none of that id."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(table).where(table.c.id == change_id)).mappings().first()
        return _stored(row) if row else None

    def list(
        self, *, package: str = "", branch: str = "", states: Collection[ChangeState] = (), limit: int = 2000
    ) -> list[StoredChange]:
        """Changes, the one touched last first."""
        query = sa.select(table).order_by(table.c.updated_at.desc(), table.c.id).limit(limit)
        if package:
            query = query.where(table.c.package == package)
        if branch:
            query = query.where(table.c.branch == branch)
        if states:
            query = query.where(table.c.state.in_([state.value for state in states]))
        with self._engine.connect() as connection:
            return [_stored(row) for row in connection.execute(query).mappings()]


def _row(change: Change, at: datetime) -> dict[str, object]:
    return {
        "id": change.id, "package": change.package, "branch": change.branch, "from_evr": change.from_evr,
        "to_evr": change.to_evr, "state": change.state.value, "change": encode(change, Change), "updated_at": at,
    }  # fmt: skip


def _stored(row: sa.RowMapping) -> StoredChange:
    return StoredChange(
        decode(row["change"], Change),
        decode(row["findings"] or [], tuple[Finding, ...]),
        decode(row["judgement"], Judgement) if row["judgement"] else None,
        row["old_build"] or "", row["new_build"] or "", row["created_at"], row["updated_at"],
    )  # fmt: skip
