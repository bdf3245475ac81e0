"""Add batches and comparisons.

Revision: 0002
After: 0001
Created: 2026-11-23 07:54:42.953148
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "running",
                "success",
                "partial",
                "error",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("algorithm", sa.String(length=60), nullable=False),
        sa.Column("detector", JSON, nullable=False),
        sa.Column("columns", JSON, nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("sample_size", sa.BigInteger(), nullable=True),
        sa.Column("missing", sa.String(length=40), nullable=False),
        sa.Column("threshold_policy", JSON, nullable=False),
        sa.Column("max_workers", sa.BigInteger(), nullable=False),
        sa.Column("source_timeout_seconds", sa.Float(precision=53), nullable=True),
        sa.Column("total_sources", sa.BigInteger(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_type", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
    )
    op.create_index("ix_batch_created_at", "batch", ["created_at"])
    op.create_index("ix_batch_flow_run_id", "batch", ["flow_run_id"])
    op.create_index("ix_batch_status_created_at", "batch", ["status", "created_at"])
    op.create_table(
        "comparison",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "running",
                "success",
                "partial",
                "error",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("source_name", sa.String(length=200), nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("columns", JSON, nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("sample_size", sa.BigInteger(), nullable=True),
        sa.Column("missing", sa.String(length=40), nullable=False),
        sa.Column("threshold_policy", JSON, nullable=False),
        sa.Column("total_rows", sa.BigInteger(), nullable=True),
        sa.Column("scored_rows", sa.BigInteger(), nullable=True),
        sa.Column("features", JSON, nullable=True),
        sa.Column("left_out", JSON, nullable=True),
        sa.Column("fingerprint", sa.String(length=128), nullable=True),
        sa.Column("succeeded", sa.BigInteger(), nullable=True),
        sa.Column("flagged_rows", sa.BigInteger(), nullable=True),
        sa.Column("flagged_by_all", sa.BigInteger(), nullable=True),
        sa.Column("flagged_by_majority", sa.BigInteger(), nullable=True),
        sa.Column("flagged_by_some", sa.BigInteger(), nullable=True),
        sa.Column("flagged_by_one", sa.BigInteger(), nullable=True),
        sa.Column("pairs", JSON, nullable=True),
        sa.Column("level_grades", JSON, nullable=True),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("error_type", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_comparison_source_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_comparison"),
    )
    op.create_index("ix_comparison_created_at", "comparison", ["created_at"])
    op.create_index("ix_comparison_flow_run_id", "comparison", ["flow_run_id"])
    op.create_index("ix_comparison_source_id_created_at", "comparison", ["source_id", "created_at"])
    op.create_index("ix_comparison_status_created_at", "comparison", ["status", "created_at"])
    op.create_table(
        "agreement_record",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("row_index", sa.BigInteger(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=True),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("detectors", JSON, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "all",
                "majority",
                "some",
                "one",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("mean_rank", sa.Float(precision=53), nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("label", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comparison_id"],
            ["comparison.id"],
            name="fk_agreement_record_comparison_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comparison_id", "row_index", name="pk_agreement_record"),
    )
    op.create_index(
        "ix_agreement_record_comparison_id_level_rank",
        "agreement_record",
        ["comparison_id", "level", "rank"],
    )
    op.create_index(
        "ix_agreement_record_comparison_id_rank", "agreement_record", ["comparison_id", "rank"]
    )
    with op.batch_alter_table("detection") as detection:
        detection.add_column(sa.Column("batch_id", sa.Uuid(), nullable=True))
        detection.add_column(sa.Column("comparison_id", sa.Uuid(), nullable=True))
        detection.add_column(sa.Column("label", sa.String(), nullable=True))
        detection.add_column(sa.Column("precision", sa.Float(precision=53), nullable=True))
        detection.add_column(sa.Column("recall", sa.Float(precision=53), nullable=True))
        detection.create_foreign_key(
            "fk_detection_batch_id", "batch", ["batch_id"], ["id"], ondelete="CASCADE"
        )
        detection.create_foreign_key(
            "fk_detection_comparison_id",
            "comparison",
            ["comparison_id"],
            ["id"],
            ondelete="CASCADE",
        )
        detection.create_index("ix_detection_batch_id_status", ["batch_id", "status"])
        detection.create_index(
            "ix_detection_comparison_id_label", ["comparison_id", "label"], unique=True
        )


def downgrade() -> None:
    """Undo it."""
    # What batches and comparisons found would pass for detections of their own.
    op.execute("DELETE FROM detection WHERE batch_id IS NOT NULL OR comparison_id IS NOT NULL")
    with op.batch_alter_table("detection") as detection:
        detection.drop_index("ix_detection_comparison_id_label")
        detection.drop_index("ix_detection_batch_id_status")
        detection.drop_constraint("fk_detection_comparison_id", type_="foreignkey")
        detection.drop_constraint("fk_detection_batch_id", type_="foreignkey")
        for name in ("recall", "precision", "label", "comparison_id", "batch_id"):
            detection.drop_column(name)
    op.drop_table("agreement_record")
    op.drop_table("comparison")
    op.drop_table("batch")
