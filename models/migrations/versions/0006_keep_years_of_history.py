"""Keep years of history: pinned detections, the age of points, and lists read from indexes.

Revision: 0006
After: 0005
Created: 2026-11-26 12:10:05.125034
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Table, name and columns.
ADDED = (
    (
        "agreement_record",
        "ix_agreement_record_comparison_id_level_rank_count",
        ["comparison_id", "level", "rank", "count"],
    ),
    ("alert", "ix_alert_latest", ["created_at", "sequence", "id", "timestamp", "incident"]),
    (
        "alert",
        "ix_alert_of_stream",
        ["stream_id", "created_at", "sequence", "id", "timestamp"],
    ),
    (
        "alert",
        "ix_alert_of_stream_in_state",
        ["stream_id", "state", "created_at", "sequence", "id", "snoozed_until"],
    ),
    (
        "alert",
        "ix_alert_in_state",
        ["state", "created_at", "sequence", "id", "timestamp", "snoozed_until"],
    ),
    ("batch", "ix_batch_created_at_id", ["created_at", "id"]),
    ("batch", "ix_batch_status_created_at_id", ["status", "created_at", "id"]),
    ("comparison", "ix_comparison_created_at_id", ["created_at", "id"]),
    ("comparison", "ix_comparison_source_id_created_at_id", ["source_id", "created_at", "id"]),
    ("comparison", "ix_comparison_status_created_at_id", ["status", "created_at", "id"]),
    ("detection", "ix_detection_created_at_id", ["created_at", "id"]),
    (
        "detection",
        "ix_detection_of_source",
        ["source_id", "created_at", "id", "status", "algorithm", "anomaly_count"],
    ),
    (
        "detection",
        "ix_detection_of_detector",
        ["source_id", "algorithm", "status", "created_at", "id"],
    ),
    (
        "detection",
        "ix_detection_status_created_at_id_algorithm",
        ["status", "created_at", "id", "algorithm"],
    ),
    ("detection", "ix_detection_algorithm_created_at_id", ["algorithm", "created_at", "id"]),
    ("fitted_detector", "ix_fitted_detector_created_at", ["created_at"]),
    ("stream_point", "ix_stream_point_stored_at", ["stored_at"]),
)
REMOVED = (
    (
        "agreement_record",
        "ix_agreement_record_comparison_id_level_rank",
        ["comparison_id", "level", "rank"],
    ),
    ("alert", "ix_alert_created_at", ["created_at"]),
    ("alert", "ix_alert_state_created_at", ["state", "created_at"]),
    ("batch", "ix_batch_created_at", ["created_at"]),
    ("batch", "ix_batch_status_created_at", ["status", "created_at"]),
    ("comparison", "ix_comparison_created_at", ["created_at"]),
    ("comparison", "ix_comparison_source_id_created_at", ["source_id", "created_at"]),
    ("comparison", "ix_comparison_status_created_at", ["status", "created_at"]),
    ("detection", "ix_detection_created_at", ["created_at"]),
    ("detection", "ix_detection_source_id_created_at", ["source_id", "created_at"]),
    ("detection", "ix_detection_status_created_at", ["status", "created_at"]),
    ("detection", "ix_detection_algorithm_created_at", ["algorithm", "created_at"]),
)


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(
        "detection",
        sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("stream_point", sa.Column("stored_at", sa.DateTime(timezone=True)))
    # Points that are there are as old as the last tick of their stream, or older.
    op.execute(
        "UPDATE stream_point SET stored_at = (SELECT checkpoint.updated_at FROM checkpoint "
        "WHERE checkpoint.stream_id = stream_point.stream_id)"
    )
    with op.batch_alter_table("stream_point") as batch:
        batch.alter_column("stored_at", nullable=False)
    for table, name, columns in ADDED:
        op.create_index(name, table, columns)
    op.create_index(
        "ix_stream_point_flagged",
        "stream_point",
        ["stream_id", "sequence"],
        postgresql_where=sa.text("flagged IS true"),
        sqlite_where=sa.text("flagged IS 1"),
    )
    for table, name, _ in REMOVED:
        op.drop_index(name, table_name=table)


def downgrade() -> None:
    """Undo it."""
    for table, name, columns in REMOVED:
        op.create_index(name, table, columns)
    op.drop_index("ix_stream_point_flagged", table_name="stream_point")
    for table, name, _ in ADDED:
        op.drop_index(name, table_name=table)
    with op.batch_alter_table("stream_point") as batch:
        batch.drop_column("stored_at")
    with op.batch_alter_table("detection") as batch:
        batch.drop_column("pinned")
