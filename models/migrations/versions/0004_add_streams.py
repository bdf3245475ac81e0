"""Add streams.

Revision: 0004
After: 0003
Created: 2026-11-26 06:38:28.319280
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "stream",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("algorithm", sa.String(length=60), nullable=False),
        sa.Column("detector", JSON, nullable=False),
        sa.Column("columns", JSON, nullable=True),
        sa.Column("threshold", sa.Float(precision=53), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("learn_anomalies", sa.Boolean(), nullable=False),
        sa.Column("backfill", sa.BigInteger(), nullable=False),
        sa.Column("time_column", sa.String(), nullable=True),
        sa.Column("every_seconds", sa.Float(precision=53), nullable=False),
        sa.Column("page_limit", sa.BigInteger(), nullable=False),
        sa.Column("lag", sa.Float(precision=53), nullable=False),
        sa.Column("min_consecutive", sa.BigInteger(), nullable=False),
        sa.Column("cooldown_seconds", sa.Float(precision=53), nullable=False),
        sa.Column("resolve_after", sa.BigInteger(), nullable=False),
        sa.Column("keep_points", sa.BigInteger(), nullable=False),
        sa.Column("max_failures", sa.BigInteger(), nullable=False),
        sa.Column("notify_block", sa.String(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "created",
                "running",
                "paused",
                "stopped",
                "error",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("lease_owner", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("error_type", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("behind", sa.Float(precision=53), nullable=True),
        sa.Column("behind_unit", sa.String(length=16), nullable=True),
        sa.Column("last_polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_stream_source_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stream"),
        sa.UniqueConstraint("name", name="uq_stream_name"),
    )
    op.create_index("ix_stream_source_id", "stream", ["source_id"])
    op.create_index("ix_stream_status_lease_expires_at", "stream", ["status", "lease_expires_at"])
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("deduplication_key", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=True),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Float(precision=53), nullable=False),
        sa.Column("threshold", sa.Float(precision=53), nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "acknowledged",
                "snoozed",
                "resolved",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feedback", sa.Boolean(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("announcing_error", sa.String(), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["stream_id"], ["stream.id"], name="fk_alert_stream_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index("ix_alert_created_at", "alert", ["created_at"])
    op.create_index("ix_alert_next_attempt_at", "alert", ["next_attempt_at"])
    op.create_index("ix_alert_state_created_at", "alert", ["state", "created_at"])
    op.create_index(
        "ix_alert_stream_id_deduplication_key",
        "alert",
        ["stream_id", "deduplication_key"],
        unique=True,
    )
    op.create_index("ix_alert_stream_id_incident", "alert", ["stream_id", "incident"])
    op.create_index("ix_alert_stream_id_sequence", "alert", ["stream_id", "sequence"])
    op.create_table(
        "checkpoint",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("time_column", sa.String(), nullable=True),
        sa.Column("format_version", sa.BigInteger(), nullable=False),
        sa.Column("algorithm", sa.String(length=60), nullable=False),
        sa.Column("libraries", JSON, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("warm_up_left", sa.BigInteger(), nullable=False),
        sa.Column("rows_seen", sa.BigInteger(), nullable=False),
        sa.Column("rows_scored", sa.BigInteger(), nullable=False),
        sa.Column("rows_skipped", sa.BigInteger(), nullable=False),
        sa.Column("alerts", sa.BigInteger(), nullable=False),
        sa.Column("incidents", sa.BigInteger(), nullable=False),
        sa.Column("alert_memory", JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["stream_id"], ["stream.id"], name="fk_checkpoint_stream_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stream_id", name="pk_checkpoint"),
    )
    op.create_table(
        "stream_point",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_key", sa.String(), nullable=True),
        sa.Column("values", JSON, nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stream_id"], ["stream.id"], name="fk_stream_point_stream_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stream_id", "sequence", name="pk_stream_point"),
    )
    op.create_index("ix_stream_point_stream_id_row_key", "stream_point", ["stream_id", "row_key"])
    op.create_table(
        "stream_statistic",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("mean", sa.Float(precision=53), nullable=False),
        sa.Column("m2", sa.Float(precision=53), nullable=False),
        sa.Column("minimum", sa.Float(precision=53), nullable=True),
        sa.Column("maximum", sa.Float(precision=53), nullable=True),
        sa.Column("anomaly_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stream_id"], ["stream.id"], name="fk_stream_statistic_stream_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stream_id", "position", name="pk_stream_statistic"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("stream_statistic")
    op.drop_table("stream_point")
    op.drop_table("checkpoint")
    op.drop_table("alert")
    op.drop_table("stream")
