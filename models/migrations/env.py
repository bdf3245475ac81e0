"""What Alembic runs: migrates over the connection it is handed (see ``models.schema``)."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, TypeDecorator

from models.metadata import metadata


def render_type(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write SQLAlchemy's types in place of ours: a migration must not change when ours do."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects.postgresql import JSONB")
        return "sa.JSON().with_variant(JSONB(), 'postgresql')"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.attributes["version_table"],
    render_item=render_type,
    render_as_batch=True,  # SQLite alters most things only by copying the table
)
with context.begin_transaction():
    context.run_migrations()
