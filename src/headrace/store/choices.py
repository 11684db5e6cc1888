"""What each branch of each package should carry, with the reason, as the last watch decided it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from headrace.store.codec import decode, encode
from headrace.store.rows import upsert
from headrace.store.tables import choices as table
from headrace.upstream.model import Choice
from headrace.words import Text


@dataclass(frozen=True, slots=True)
class KnownChoice:
    """The choice for one package on one branch; `choice` is None when there is a `problem` instead."""

    package: str
    branch: str
    upstream: str
    commit: str
    carried: str
    """The EVR that the branch carries; "" when the spec cannot be read."""
    choice: Choice | None
    problem: Text | None
    checked_at: datetime


class Choices:
    """The choices in one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self, package: str = "") -> list[KnownChoice]:
        """Every choice, by package and branch."""
        query = sa.select(table).order_by(table.c.package, table.c.branch)
        if package:
            query = query.where(table.c.package == package)
        with self._engine.connect() as connection:
            return [_known(row) for row in connection.execute(query).mappings()]

    def get(self, package: str, branch: str) -> KnownChoice | None:
        """One choice, None when that branch was never watched."""
        query = sa.select(table).where(table.c.package == package, table.c.branch == branch)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return _known(row) if row else None

    def carry(self, package: str, branch: str, commit: str, carried: str) -> None:
        """A branch carries something else now; its choice stands until the next watch makes it again."""
        where = (table.c.package == package) & (table.c.branch == branch)
        with self._engine.begin() as connection:
            upstream = connection.execute(sa.select(table.c.upstream).where(where)).scalar_one_or_none()
            if upstream is not None:
                # Without the rest of its grounds (see work.watch) the choice is made anew.
                grounds = upstream.split(" ")[0]
                connection.execute(table.update().where(where).values(commit=commit, carried=carried, upstream=grounds))

    def save(self, known: KnownChoice) -> None:
        """Store a choice; the one before is overwritten."""
        upsert(self._engine, table, ["package", "branch"], {
            "package": known.package, "branch": known.branch, "upstream": known.upstream, "commit": known.commit,
            "carried": known.carried, "choice": encode(known.choice, Choice) if known.choice else None,
            "problem": encode(known.problem, Text) if known.problem else None, "checked_at": known.checked_at,
        })  # fmt: skip


def _known(row: sa.RowMapping) -> KnownChoice:
    return KnownChoice(
        row["package"], row["branch"], row["upstream"], row["commit"], row["carried"],
        decode(row["choice"], Choice) if row["choice"] else None,
        decode(row["problem"], Text) if row["problem"] else None, row["checked_at"],
    )  # fmt: skip
