"""Builds by the hash of their inputs: the same inputs are never built twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from headrace.evidence.model import Build, Rpm
from headrace.store.codec import decode, encode
from headrace.store.rows import insert_once
from headrace.store.tables import builds as table


@dataclass(frozen=True, slots=True)
class StoredBuild:
    """A build and the facts of its binary packages."""

    package: str
    build: Build
    rpms: tuple[Rpm, ...]
    made_at: datetime


class Builds:
    """The builds in one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def get(self, key: str) -> StoredBuild | None:
        """The build with these inputs, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(table).where(table.c.key == key)).mappings().first()
        if row is None:
            return None
        return StoredBuild(
            row["package"], decode(row["build"], Build), decode(row["rpms"], tuple[Rpm, ...]), row["made_at"]
        )

    def add(self, stored: StoredBuild) -> StoredBuild:
        """Keep a build; when another worker kept one with the same inputs first, that one is returned."""
        written = insert_once(self._engine, table, ["key"], {
            "key": stored.build.key, "package": stored.package, "build": encode(stored.build, Build),
            "rpms": encode(stored.rpms, tuple[Rpm, ...]), "made_at": stored.made_at,
        })  # fmt: skip
        return stored if written else (self.get(stored.build.key) or stored)

    def forget(self, key: str) -> None:
        """Drop a build, so that it is made again."""
        with self._engine.begin() as connection:
            connection.execute(table.delete().where(table.c.key == key))
