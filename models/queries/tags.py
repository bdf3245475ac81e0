"""Finding by tag."""

from sqlalchemy import func
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, exists


def has_tag(session: Session, tags: Mapped[list[str]], tag: str) -> ColumnElement[bool]:
    """Return the condition that ``tag`` is among the ``tags`` of a row."""
    on_postgres = session.get_bind().dialect.name == "postgresql"
    elements = func.jsonb_array_elements_text if on_postgres else func.json_each
    values = elements(tags).table_valued("value")
    return exists().select_from(values).where(values.c.value == tag)
