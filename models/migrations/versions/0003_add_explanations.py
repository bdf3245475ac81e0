"""Add explanations.

Fitted detectors of earlier versions stay as they are: their format says that they came without a
background, so that nothing can be explained from them.

Revision: 0003
After: 0002
Created: 2026-11-26 06:33:10.382851
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "explanation",
        sa.Column("detection_id", sa.Uuid(), nullable=False),
        sa.Column("row_index", sa.BigInteger(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=True),
        sa.Column("is_anomaly", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=False),
        sa.Column("percentile", sa.Float(precision=53), nullable=False),
        sa.Column("quantity", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("base", sa.Float(precision=53), nullable=False),
        sa.Column("explained", sa.Float(precision=53), nullable=False),
        sa.Column("residual", sa.Float(precision=53), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("background_size", sa.BigInteger(), nullable=False),
        sa.Column("refitted", sa.Boolean(), nullable=False),
        sa.Column("contributions", JSON, nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["detection_id"],
            ["detection.id"],
            name="fk_explanation_detection_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("detection_id", "row_index", name="pk_explanation"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("explanation")
    # An earlier version would unpack them as if they were its own.
    op.execute("DELETE FROM fitted_detector WHERE format_version > 1")
