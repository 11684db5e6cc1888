"""What people decided, with who and why; rows are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from headrace.change.model import ChangeState
from headrace.store.tables import changes
from headrace.store.tables import opinions as table


@dataclass(frozen=True, slots=True)
class Opinion:
    """One decision of one person about one change as it stood at `commit`."""

    change: str
    commit: str
    who: str
    accept: bool
    why: str
    at: datetime


class Opinions:
    """The opinions in one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def decide(self, opinion: Opinion) -> bool:
        """Record a decision and move the change that was proposed, both or neither.

        False when the change does not wait any more, or stands at another commit than the one that was judged.
        """
        to = ChangeState.ACCEPTED if opinion.accept else ChangeState.REJECTED
        with self._engine.begin() as connection:
            stored = connection.execute(
                sa.select(changes.c.change).where(changes.c.id == opinion.change).with_for_update()
            ).scalar_one_or_none()
            if stored is None or stored.get("commit") != opinion.commit:
                return False
            moved = connection.execute(
                changes.update()
                .where(changes.c.id == opinion.change, changes.c.state == ChangeState.PROPOSED.value)
                .values(state=to.value, change={**stored, "state": to.value}, updated_at=opinion.at)
            )
            if moved.rowcount != 1:
                return False
            connection.execute(table.insert().values(
                change=opinion.change, commit=opinion.commit, who=opinion.who, accept=opinion.accept, why=opinion.why,
                at=opinion.at,
            ))  # fmt: skip
            return True

    def of(self, change: str) -> list[Opinion]:
        """The decisions about a change, oldest first."""
        query = sa.select(table).where(table.c.change == change).order_by(table.c.number)
        with self._engine.connect() as connection:
            return [
                Opinion(row["change"], row["commit"], row["who"], row["accept"], row["why"], row["at"])
                for row in connection.execute(query).mappings()
            ]
