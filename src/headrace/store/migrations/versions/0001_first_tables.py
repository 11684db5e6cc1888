"""First tables."""

import sqlalchemy as sa
from alembic import op

from headrace.store import tables as model

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "builds",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("build", model.Json(), nullable=False),
        sa.Column("rpms", model.Json(), nullable=False),
        sa.Column("made_at", model.UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_builds")),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("from_evr", sa.Text(), nullable=False),
        sa.Column("to_evr", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("change", model.Json(), nullable=False),
        sa.Column("findings", model.Json(), nullable=True),
        sa.Column("judgement", model.Json(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("old_build", sa.Text(), nullable=True),
        sa.Column("new_build", sa.Text(), nullable=True),
        sa.Column("created_at", model.UtcDateTime, nullable=False),
        sa.Column("updated_at", model.UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_changes_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_changes_open",
            ["package", "branch"],
            unique=True,
            sqlite_where=sa.text("state IN ('working', 'proposed', 'accepted')"),
            postgresql_where=sa.text("state IN ('working', 'proposed', 'accepted')"),
        )

    op.create_table(
        "choices",
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("upstream", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("carried", sa.Text(), nullable=False),
        sa.Column("choice", model.Json(), nullable=True),
        sa.Column("problem", model.Json(), nullable=True),
        sa.Column("checked_at", model.UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("package", "branch", name=op.f("pk_choices")),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("at", model.UtcDateTime, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", model.Json(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sa.UniqueConstraint("key", name=op.f("uq_events_key")),
    )
    op.create_table(
        "opinions",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("accept", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", model.UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_opinions")),
    )
    with op.batch_alter_table("opinions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinions_change"), ["change"], unique=False)

    op.create_table(
        "publications",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("publication", model.Json(), nullable=False),
        sa.Column("at", model.UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("branch", "serial", name=op.f("pk_publications")),
    )
    op.create_table(
        "released",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("nevra", sa.Text(), nullable=False),
        sa.Column("package", model.Json(), nullable=False),
        sa.Column("at", model.UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("branch", "nevra", name=op.f("pk_released")),
    )
    op.create_table(
        "takeovers",
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workflow", name=op.f("pk_takeovers")),
    )
    op.create_table(
        "upstreams",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("validators", model.Json(), nullable=False),
        sa.Column("answer", model.Json(), nullable=True),
        sa.Column("checked_at", model.UtcDateTime, nullable=False),
        sa.Column("changed_at", model.UtcDateTime, nullable=True),
        sa.Column("problem", model.Json(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_upstreams")),
    )
    op.create_table(
        "workers",
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", model.UtcDateTime, nullable=False),
        sa.Column("beat_at", model.UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("executor", name=op.f("pk_workers")),
    )
