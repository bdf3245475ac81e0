"""Add heartbeats, the signs of life of flow runs of every kind.

Revision: 0008
After: 0007
Created: 2026-12-01 02:45:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "heartbeat",
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("flow_run_id", name="pk_heartbeat"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("heartbeat")
