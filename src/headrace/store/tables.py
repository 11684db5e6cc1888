"""The tables, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect


class Json(sa.TypeDecorator[Any]):
    """JSON; JSONB on PostgreSQL. Key order is not kept, so nothing that comes back may be hashed."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Without NUL characters."""
        return without_nul(value)

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """JSONB where there is one."""
        kind = postgresql.JSONB(none_as_null=True) if dialect.name == "postgresql" else sa.JSON(none_as_null=True)
        return dialect.type_descriptor(kind)


class Words(sa.TypeDecorator[str]):
    """Text. A NUL, which strangers may send and PostgreSQL cannot keep, is shown as a replacement character."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Without NUL characters."""
        return value.replace("\0", "\ufffd") if value else value


def without_nul(value: Any) -> Any:
    """A JSON value with every NUL character replaced, for PostgreSQL cannot keep one."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {without_nul(key): without_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nul(item) for item in value]
    return value


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment in UTC. A value without a zone is refused, for SQLite would silently take it for UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

upstreams = sa.Table(
    "upstreams", metadata,
    sa.Column("key", Words, primary_key=True),
    sa.Column("source", Words, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("validators", Json, nullable=False),
    sa.Column("answer", Json),
    sa.Column("checked_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime),
    sa.Column("problem", Json),
)  # fmt: skip

choices = sa.Table(
    "choices", metadata,
    sa.Column("package", Words, primary_key=True),
    sa.Column("branch", Words, primary_key=True),
    sa.Column("upstream", Words, nullable=False),
    sa.Column("commit", Words, nullable=False),
    sa.Column("carried", Words, nullable=False),
    sa.Column("choice", Json),
    sa.Column("problem", Json),
    sa.Column("checked_at", UtcDateTime, nullable=False),
)  # fmt: skip

_OPEN = sa.text("state IN ('working', 'proposed', 'accepted')")

changes = sa.Table(
    "changes", metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("package", Words, nullable=False),
    sa.Column("branch", Words, nullable=False),
    sa.Column("from_evr", Words, nullable=False),
    sa.Column("to_evr", Words, nullable=False),
    sa.Column("state", Words, nullable=False, index=True),
    sa.Column("change", Json, nullable=False),
    sa.Column("findings", Json),
    sa.Column("judgement", Json),
    sa.Column("verdict", Words),
    sa.Column("old_build", Words),
    sa.Column("new_build", Words),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Index("uq_changes_open", "package", "branch", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)  # fmt: skip

opinions = sa.Table(
    "opinions", metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("change", Words, nullable=False, index=True),
    sa.Column("commit", Words, nullable=False),
    sa.Column("who", Words, nullable=False),
    sa.Column("accept", sa.Boolean, nullable=False),
    sa.Column("why", Words, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)  # fmt: skip

builds = sa.Table(
    "builds", metadata,
    sa.Column("key", Words, primary_key=True),
    sa.Column("package", Words, nullable=False),
    sa.Column("build", Json, nullable=False),
    sa.Column("rpms", Json, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)  # fmt: skip

released = sa.Table(
    "released", metadata,
    sa.Column("branch", Words, primary_key=True),
    sa.Column("nevra", Words, primary_key=True),
    sa.Column("package", Json, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)  # fmt: skip

publications = sa.Table(
    "publications", metadata,
    sa.Column("branch", Words, primary_key=True),
    sa.Column("serial", sa.Integer, primary_key=True),
    sa.Column("publication", Json, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)  # fmt: skip

events = sa.Table(
    "events", metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("key", Words, unique=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("subject", Words, nullable=False),
    sa.Column("message", Json, nullable=False),
)  # fmt: skip

workers = sa.Table(
    "workers", metadata,
    sa.Column("executor", Words, primary_key=True),
    sa.Column("host", Words, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("beat_at", UtcDateTime, nullable=False),
)  # fmt: skip

takeovers = sa.Table(
    "takeovers", metadata,
    sa.Column("workflow", Words, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)  # fmt: skip
