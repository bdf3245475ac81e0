"""Add kinds of alerts: columns that stay empty or are stuck, and feeds that fall silent.

Revision: 0007
After: 0006
Created: 2026-12-01 02:50:00.000000
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
KIND = sa.Enum(
    "row",
    "missing",
    "stuck",
    "silence",
    name="kind",
    native_enum=False,
    create_constraint=True,
    length=16,
)
NULLABLE: dict[str, TypeEngine[Any]] = {
    "score": sa.Float(precision=53),
    "threshold": sa.Float(precision=53),
    "incident": sa.BigInteger(),
}


def upgrade() -> None:
    """Apply this revision."""
    with op.batch_alter_table("alert") as batch:
        batch.add_column(sa.Column("kind", KIND, nullable=False, server_default="row"))
        batch.add_column(sa.Column("column", sa.String()))
        batch.add_column(sa.Column("first_row", sa.BigInteger()))
        batch.add_column(sa.Column("resolved_event_at", sa.DateTime(timezone=True)))
        for name, kind in NULLABLE.items():
            batch.alter_column(name, existing_type=kind, nullable=True)
    op.create_index(
        "ix_alert_kind_stream_id_created_at", "alert", ["kind", "stream_id", "created_at"]
    )
    op.add_column(
        "checkpoint",
        sa.Column("rows_unscored", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column("checkpoint", sa.Column("health", sa.LargeBinary()))
    op.add_column("checkpoint", sa.Column("arrivals", JSON))
    for name in ("empty_rows", "same_rows"):
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("stream_statistic", column)
    for name in ("watch_missing", "watch_stuck"):
        column = sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true())
        op.add_column("stream", column)
    op.add_column("stream", sa.Column("silence_seconds", sa.Float(precision=53)))


def downgrade() -> None:
    """Undo it; alerts of conditions go with it."""
    for name in ("silence_seconds", "watch_stuck", "watch_missing"):
        op.drop_column("stream", name)
    for name in ("same_rows", "empty_rows"):
        op.drop_column("stream_statistic", name)
    for name in ("arrivals", "health", "rows_unscored"):
        op.drop_column("checkpoint", name)
    op.execute("DELETE FROM alert WHERE kind <> 'row'")
    op.drop_index("ix_alert_kind_stream_id_created_at", table_name="alert")
    with op.batch_alter_table("alert") as batch:
        for name, kind in NULLABLE.items():
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.drop_constraint("kind", type_="check")
        for name in ("resolved_event_at", "first_row", "column", "kind"):
            batch.drop_column(name)
