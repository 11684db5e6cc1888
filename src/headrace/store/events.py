"""What happened, in order: the stream that pages follow and that progress bars read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from headrace.store.codec import decode, encode
from headrace.store.rows import insert_once
from headrace.store.tables import events as table
from headrace.words import Text


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one subject (`package/branch` or a change's id)."""

    seq: int
    at: datetime
    kind: str
    subject: str
    message: Text


class Events:
    """The events in one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, kind: str, subject: str, message: Text, at: datetime, key: str | None = None) -> None:
        """Tell that something happened; with a `key` only the first time."""
        insert_once(self._engine, table, ["key"], {
            "key": key, "at": at, "kind": kind, "subject": subject, "message": encode(message, Text),
        })  # fmt: skip

    def after(self, seq: int, limit: int = 500) -> list[Event]:
        """What happened after event `seq`, oldest first."""
        query = sa.select(table).where(table.c.seq > seq).order_by(table.c.seq).limit(limit)
        with self._engine.connect() as connection:
            return [
                Event(row["seq"], row["at"], row["kind"], row["subject"], decode(row["message"], Text))
                for row in connection.execute(query).mappings()
            ]

    def about(self, subjects: Collection[str], prefix: str, limit: int) -> list[Event]:
        """What happened to these subjects, or to one that begins with `prefix` (if any), newest first."""
        wanted: sa.ColumnElement[bool] = table.c.subject.in_(list(subjects))
        if prefix:
            wanted = sa.or_(wanted, table.c.subject.startswith(prefix, autoescape=True))
        query = sa.select(table).where(wanted).order_by(table.c.seq.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [
                Event(row["seq"], row["at"], row["kind"], row["subject"], decode(row["message"], Text))
                for row in connection.execute(query).mappings()
            ]

    def last(self) -> int:
        """The number of the newest event, 0 when there is none."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(sa.func.max(table.c.seq))).scalar_one() or 0
