"""What people decided, with who and why; rows are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

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

    def add(self, opinion: Opinion) -> None:
        """Record a decision."""
        with self._engine.begin() as connection:
            connection.execute(table.insert().values(
                change=opinion.change, commit=opinion.commit, who=opinion.who, accept=opinion.accept, why=opinion.why,
                at=opinion.at,
            ))  # fmt: skip

    def of(self, change: str) -> list[Opinion]:
        """The decisions about a change, oldest first."""
        query = sa.select(table).where(table.c.change == change).order_by(table.c.number)
        with self._engine.connect() as connection:
            return [
                Opinion(row["change"], row["commit"], row["who"], row["accept"], row["why"], row["at"])
                for row in connection.execute(query).mappings()
            ]
