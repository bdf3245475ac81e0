"""Add which parameters did not fit the rows, and which medians are estimates.

Revision: 0010
After: 0009
Created: 2026-12-01 02:45:12.604417
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    with op.batch_alter_table("detection") as table:
        table.add_column(sa.Column("adjusted", JSON, nullable=True))
    with op.batch_alter_table("column_summary") as table:
        table.add_column(
            sa.Column("estimated", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(
        "UPDATE column_summary SET estimated = (1 = 1) WHERE median IS NOT NULL AND detection_id "
        "IN (SELECT id FROM detection WHERE chunk_rows IS NOT NULL)"
    )
    with op.batch_alter_table("column_summary") as table:
        table.alter_column("estimated", server_default=None)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("column_summary") as table:
        table.drop_column("estimated")
    with op.batch_alter_table("detection") as table:
        table.drop_column("adjusted")
