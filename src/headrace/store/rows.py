"""Insert-or-update, spelled once for both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def upsert(engine: sa.Engine, table: sa.Table, keys: Sequence[str], values: Mapping[str, object]) -> None:
    """Write a row whose `keys` identify it; a row that is there is overwritten."""
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**values)
    rest = {name: statement.excluded[name] for name in values if name not in keys}
    with engine.begin() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=rest))


def upsert_many(
    connection: sa.Connection, table: sa.Table, keys: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> None:
    """Write rows of the same columns in the caller's transaction; those that are there are overwritten."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    rest = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(keys), set_=rest), [dict(row) for row in rows]
    )


def insert_once(engine: sa.Engine, table: sa.Table, keys: Sequence[str], values: Mapping[str, object]) -> bool:
    """Write a row unless one with these `keys` is there; True when it was written."""
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    with engine.begin() as connection:
        done = connection.execute(insert(table).values(**values).on_conflict_do_nothing(index_elements=list(keys)))
        return done.rowcount == 1
