from __future__ import annotations

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from headrace.store.database import migrate, open_engine
from headrace.store.tables import metadata


def differences(url: str) -> list[object]:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_server_default": True, "compare_type": True}
            )
            return list(compare_metadata(context, metadata))
    finally:
        engine.dispose()


def test_the_schema_is_the_sum_of_the_migrations(database_url: str) -> None:
    migrate(database_url)
    assert differences(database_url) == []


def test_a_missing_column_would_be_seen(database_url: str) -> None:
    migrate(database_url)
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE workers DROP COLUMN pid"))
    engine.dispose()
    assert len(differences(database_url)) == 1


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    migrate(database_url)
    assert differences(database_url) == []
