"""Add how detections of tables larger than memory were read.

Revision: 0005
After: 0004
Created: 2026-11-27 09:12:41.018322
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    with op.batch_alter_table("detection") as table:
        table.add_column(sa.Column("chunk_rows", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("detection") as table:
        table.drop_column("chunk_rows")
