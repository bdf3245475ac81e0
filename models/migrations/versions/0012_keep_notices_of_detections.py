"""Keep what was wrong with single rows of the source of a detection.

Revision: 0012
After: 0006
Created: 2026-12-01 02:50:12.402117
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision = "0012"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    with op.batch_alter_table("detection") as table:
        table.add_column(sa.Column("notices", JSON, nullable=True))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("detection") as table:
        table.drop_column("notices")
