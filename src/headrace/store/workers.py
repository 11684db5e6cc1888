"""Who works on this database, when each was last heard of, and how often a job had to be taken over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from headrace.store.rows import upsert
from headrace.store.tables import takeovers, workers


@dataclass(frozen=True, slots=True)
class Worker:
    """One process that works."""

    executor: str
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime


class Workers:
    """The workers of one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def beat(self, worker: Worker) -> None:
        """Say that a worker lives."""
        upsert(self._engine, workers, ["executor"], {
            "executor": worker.executor, "host": worker.host, "pid": worker.pid, "started_at": worker.started_at,
            "beat_at": worker.beat_at,
        })  # fmt: skip

    def leave(self, executor: str) -> None:
        """Strike a worker off."""
        with self._engine.begin() as connection:
            connection.execute(workers.delete().where(workers.c.executor == executor))

    def all(self) -> dict[str, Worker]:
        """Every worker that has not left, by executor id."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(workers)).mappings()
            return {row["executor"]: Worker(**row) for row in rows}

    def count_takeover(self, workflow: str) -> int:
        """Count that a job was taken over from a dead worker, and return how often that happened to it."""
        with self._engine.begin() as connection:
            query = sa.select(takeovers.c.count).where(takeovers.c.workflow == workflow)
            count = (connection.execute(query).scalar_one_or_none() or 0) + 1
            if count == 1:
                connection.execute(takeovers.insert().values(workflow=workflow, count=1))
            else:
                connection.execute(takeovers.update().where(takeovers.c.workflow == workflow).values(count=count))
        return count
