"""Create sources and detections.

Revision: 0001
After: None
Created: 2026-11-23 07:18:07.034691
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("config", JSON, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("key_columns", JSON, nullable=False),
        sa.Column("cursor_column", sa.String(), nullable=True),
        sa.Column("label_column", sa.String(), nullable=True),
        sa.Column("columns", JSON, nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("name", name="uq_source_name"),
    )
    op.create_table(
        "detection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("source_name", sa.String(length=200), nullable=False),
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
        sa.Column("algorithm", sa.String(length=60), nullable=False),
        sa.Column("detector", JSON, nullable=False),
        sa.Column("columns", JSON, nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("sample_size", sa.BigInteger(), nullable=True),
        sa.Column("missing", sa.String(length=40), nullable=False),
        sa.Column("threshold_policy", JSON, nullable=False),
        sa.Column("features", JSON, nullable=True),
        sa.Column("left_out", JSON, nullable=True),
        sa.Column("threshold", sa.Float(precision=53), nullable=True),
        sa.Column("clean_rows", sa.BigInteger(), nullable=True),
        sa.Column("total_rows", sa.BigInteger(), nullable=True),
        sa.Column("scored_rows", sa.BigInteger(), nullable=True),
        sa.Column("anomaly_count", sa.BigInteger(), nullable=True),
        sa.Column("anomaly_rate", sa.Float(precision=53), nullable=True),
        sa.Column("score_quantiles", JSON, nullable=True),
        sa.Column("score_histogram", JSON, nullable=True),
        sa.Column("fingerprint", sa.String(length=128), nullable=True),
        sa.Column("auroc", sa.Float(precision=53), nullable=True),
        sa.Column("average_precision", sa.Float(precision=53), nullable=True),
        sa.Column("known_anomalies", sa.BigInteger(), nullable=True),
        sa.Column("found_anomalies", sa.BigInteger(), nullable=True),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("error_type", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_detection_source_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_detection"),
    )
    op.create_index("ix_detection_algorithm_created_at", "detection", ["algorithm", "created_at"])
    op.create_index("ix_detection_created_at", "detection", ["created_at"])
    op.create_index("ix_detection_flow_run_id", "detection", ["flow_run_id"])
    op.create_index("ix_detection_source_id_created_at", "detection", ["source_id", "created_at"])
    op.create_index("ix_detection_status_created_at", "detection", ["status", "created_at"])
    op.create_table(
        "anomaly",
        sa.Column("detection_id", sa.Uuid(), nullable=False),
        sa.Column("row_index", sa.BigInteger(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=True),
        sa.Column("score", sa.Float(precision=53), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("p_value", sa.Float(precision=53), nullable=True),
        sa.Column("values", JSON, nullable=False),
        sa.Column("standouts", JSON, nullable=False),
        sa.Column("label", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["detection_id"], ["detection.id"], name="fk_anomaly_detection_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("detection_id", "row_index", name="pk_anomaly"),
    )
    op.create_index("ix_anomaly_detection_id_rank", "anomaly", ["detection_id", "rank"])
    op.create_table(
        "column_summary",
        sa.Column("detection_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.Column("dtype", sa.String(), nullable=False),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("infinite", sa.BigInteger(), nullable=False),
        sa.Column("constant", sa.Boolean(), nullable=False),
        sa.Column("mean", sa.Float(precision=53), nullable=True),
        sa.Column("std", sa.Float(precision=53), nullable=True),
        sa.Column("minimum", sa.Float(precision=53), nullable=True),
        sa.Column("median", sa.Float(precision=53), nullable=True),
        sa.Column("maximum", sa.Float(precision=53), nullable=True),
        sa.Column("spread", sa.Float(precision=53), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("extreme_anomalies", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["detection_id"],
            ["detection.id"],
            name="fk_column_summary_detection_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("detection_id", "position", name="pk_column_summary"),
    )
    op.create_table(
        "fitted_detector",
        sa.Column("detection_id", sa.Uuid(), nullable=False),
        sa.Column("format_version", sa.BigInteger(), nullable=False),
        sa.Column("algorithm", sa.String(length=60), nullable=False),
        sa.Column("libraries", JSON, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["detection_id"],
            ["detection.id"],
            name="fk_fitted_detector_detection_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("detection_id", name="pk_fitted_detector"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("fitted_detector")
    op.drop_table("column_summary")
    op.drop_table("anomaly")
    op.drop_table("detection")
    op.drop_table("source")
