"""One engine for SQLite (in the workspace, WAL) or PostgreSQL, and the migrations that bring a database up to date."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from headrace.store.codec import StoreError

_MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(url: str, *, foreign_keys: bool = True) -> sa.Engine:
    """An engine for `sqlite:///...` or `postgresql://...`. SQLite transactions take the write lock at once."""
    engine = sa.create_engine(
        url,
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False),
        pool_pre_ping=True,
        hide_parameters=True,
    )
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, foreign_keys)
    return engine


def _prepare_sqlite(engine: sa.Engine, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA busy_timeout=60000")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def migrate(url: str) -> None:
    """Bring the database to today's schema. A SQLite file is copied first; a failed migration leaves it as it was.

    Raises StoreError when the database cannot be reached or was written by a newer Headrace.
    """
    engine = open_engine(url, foreign_keys=False)
    try:
        with engine.connect() as connection:
            at = _version(connection)
            if at == head():
                return
            # Loaded only when there is something to do.
            from alembic import command
            from alembic.config import Config
            from alembic.script import ScriptDirectory

            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            script = ScriptDirectory.from_config(config)
            if at is not None and at not in {revision.revision for revision in script.walk_revisions()}:
                raise StoreError("the database was written by a newer Headrace", f"schema {at}", "upgrade Headrace")
            if at is not None and url.startswith("sqlite:///"):
                path = Path(url.removeprefix("sqlite:///"))
                shutil.copyfile(path, path.with_suffix(f".before-{head()}"))
            connection.rollback()
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    # Two workers may start at the same moment on an empty database.
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(7002)"))
                command.upgrade(config, "head")
    except sa.exc.OperationalError as error:
        reason = str(error.orig).strip().splitlines()
        raise StoreError(
            "the database cannot be reached", reason[0] if reason else "", "start it or correct --database"
        ) from error
    finally:
        engine.dispose()


def enable_wal(url: str) -> None:
    """Switch a SQLite file to write-ahead logging for good, for users of it that do not do so themselves."""
    engine = open_engine(url)
    with engine.connect():
        pass
    engine.dispose()


def head() -> str:
    """The revision of the newest migration: their files are named by it."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
