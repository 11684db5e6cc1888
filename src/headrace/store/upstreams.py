"""What each upstream announced last, the validators that make the next question conditional, and problems met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from headrace.store.codec import decode, encode
from headrace.store.rows import upsert
from headrace.store.tables import upstreams as table
from headrace.upstream.model import Answer, Validator
from headrace.words import Text


@dataclass(frozen=True, slots=True)
class KnownUpstream:
    """One upstream as the store has it. `validators` maps the URL of a request to what its last reply gave."""

    key: str
    source: str
    name: str
    validators: Mapping[str, Validator]
    answer: Answer | None
    checked_at: datetime
    changed_at: datetime | None = None
    problem: Text | None = None


class Upstreams:
    """The upstreams in one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def get(self, key: str) -> KnownUpstream | None:
        """What is known of an upstream, None when it was never asked."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(table).where(table.c.key == key)).mappings().first()
        return _known(row) if row else None

    def all(self) -> dict[str, KnownUpstream]:
        """Every upstream by its key."""
        with self._engine.connect() as connection:
            return {row["key"]: _known(row) for row in connection.execute(sa.select(table)).mappings()}

    def save(self, known: KnownUpstream) -> None:
        """Store an upstream as it is now."""
        upsert(self._engine, table, ["key"], {
            "key": known.key, "source": known.source, "name": known.name,
            "validators": encode(known.validators, Mapping[str, Validator]),
            "answer": encode(known.answer, Answer) if known.answer else None,
            "checked_at": known.checked_at, "changed_at": known.changed_at,
            "problem": encode(known.problem, Text) if known.problem else None,
        })  # fmt: skip


def _known(row: sa.RowMapping) -> KnownUpstream:
    return KnownUpstream(
        row["key"], row["source"], row["name"], decode(row["validators"], Mapping[str, Validator]),  # type: ignore[type-abstract]
        decode(row["answer"], Answer) if row["answer"] else None, row["checked_at"], row["changed_at"],
        decode(row["problem"], Text) if row["problem"] else None,
    )  # fmt: skip
