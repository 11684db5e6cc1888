"""What went out: released packages and the publications of each branch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from headrace.release.model import Published, ReleasedPackage
from headrace.store.codec import decode, encode
from headrace.store.rows import insert_once
from headrace.store.tables import publications, released


class Releases:
    """The releases in one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def packages(self, branch: str) -> list[ReleasedPackage]:
        """Every package that was accepted for a branch, by NEVRA."""
        query = sa.select(released.c.package).where(released.c.branch == branch).order_by(released.c.nevra)
        with self._engine.connect() as connection:
            return [decode(row, ReleasedPackage) for row in connection.execute(query).scalars()]

    def add(self, branch: str, packages: Sequence[ReleasedPackage], at: datetime) -> int:
        """Accept packages for a branch; one that is there stays. Returns how many are new."""
        return sum(
            insert_once(self._engine, released, ["branch", "nevra"], {
                "branch": branch, "nevra": package.nevra, "package": encode(package, ReleasedPackage), "at": at,
            })
            for package in packages
        )  # fmt: skip

    def newest(self, branch: str) -> tuple[Published, datetime] | None:
        """The last publication of a branch, None when it was never published."""
        query = (
            sa.select(publications.c.publication, publications.c.at)
            .where(publications.c.branch == branch)
            .order_by(publications.c.serial.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return (decode(row[0], Published), row[1]) if row else None

    def publish(self, published: Published, at: datetime) -> bool:
        """Record a publication; False when its serial is there already."""
        return insert_once(self._engine, publications, ["branch", "serial"], {
            "branch": published.branch, "serial": published.serial, "publication": encode(published, Published), "at": at,
        })  # fmt: skip

    def branches(self) -> list[str]:
        """The branches for which something was accepted."""
        with self._engine.connect() as connection:
            return list(
                connection.execute(sa.select(released.c.branch).distinct().order_by(released.c.branch)).scalars()
            )
