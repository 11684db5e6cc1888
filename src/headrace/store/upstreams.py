"""What each upstream announced last, the validators that make the next question conditional, and problems met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from headrace.store.codec import decode, encode
from headrace.store.rows import upsert, upsert_many
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


@dataclass(frozen=True, slots=True)
class UpstreamState:
    """What is needed to ask an upstream again, without its answer; `answered` says whether the store has one."""

    validators: Mapping[str, Validator]
    answered: bool
    changed_at: datetime | None
    problem: Text | None


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

    def states(self) -> dict[str, UpstreamState]:
        """What is needed to ask every upstream again, by key. The answers, which are long, are not read."""
        answered = table.c.answer.is_not(None).label("answered")
        query = sa.select(table.c.key, table.c.validators, table.c.changed_at, table.c.problem, answered)
        with self._engine.connect() as connection:
            return {row.key: _state(row) for row in connection.execute(query)}

    def save(self, known: KnownUpstream) -> None:
        """Store an upstream as it is now."""
        upsert(self._engine, table, ["key"], _row(known))

    def save_many(self, known: Sequence[KnownUpstream], unchanged: Sequence[str], at: datetime) -> None:
        """Store upstreams as they are now, and that those with the keys `unchanged` were asked `at` and said nothing new.

        One transaction: all of it is stored, or nothing.
        """
        touch = sa.update(table).where(table.c.key == sa.bindparam("asked")).values(checked_at=at, problem=None)
        with self._engine.begin() as connection:
            if known:
                upsert_many(connection, table, ["key"], [_row(one) for one in known])
            if unchanged:
                connection.execute(touch, [{"asked": key} for key in unchanged])


def _row(known: KnownUpstream) -> dict[str, object]:
    return {
        "key": known.key, "source": known.source, "name": known.name,
        "validators": encode(known.validators, Mapping[str, Validator]),
        "answer": encode(known.answer, Answer) if known.answer else None,
        "checked_at": known.checked_at, "changed_at": known.changed_at,
        "problem": encode(known.problem, Text) if known.problem else None,
    }  # fmt: skip


def _state(row: sa.Row[Any]) -> UpstreamState:
    validators = {key: Validator(**fields) for key, fields in row.validators.items()}
    return UpstreamState(
        validators, bool(row.answered), row.changed_at, decode(row.problem, Text) if row.problem else None
    )


def _known(row: sa.RowMapping) -> KnownUpstream:
    return KnownUpstream(
        row["key"], row["source"], row["name"], decode(row["validators"], Mapping[str, Validator]),  # type: ignore[type-abstract]
        decode(row["answer"], Answer) if row["answer"] else None, row["checked_at"], row["changed_at"],
        decode(row["problem"], Text) if row["problem"] else None,
    )  # fmt: skip
