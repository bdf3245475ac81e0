"""Find a table in a database: its columns, and the order of its rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Inspector,
    TextClause,
    column,
    literal_column,
    table,
)

from sources.errors import SourceError
from sources.validation import closest


@dataclass(frozen=True)
class FoundTable:
    """A table or view, or a query in parentheses.

    Attributes:
        clause: what to select from.
        names: its columns.
        order: of its rows: by the primary key, else by SQLite's row number. Without it an index
            may give the order; elsewhere there is none.
    """

    clause: FromClause | TextClause
    names: list[str]
    order: list[ColumnElement[Any]]


def find_table(place: str, name: str, inspector: Inspector) -> FoundTable:
    """Return the table called ``name`` or ``schema.name``.

    Raises:
        SourceError: there is none; the message names the closest.
    """
    schema, _, name = name.rpartition(".")
    if not inspector.has_table(name, schema or None):
        present = [
            *inspector.get_table_names(schema or None),
            *inspector.get_view_names(schema or None),
        ]
        raise SourceError(f"{place}: no such table{closest(name, present)}")
    return FoundTable(
        table(name, schema=schema or None),
        [str(found["name"]) for found in inspector.get_columns(name, schema or None)],
        _row_order(inspector, name, schema or None),
    )


def _row_order(inspector: Inspector, name: str, schema: str | None) -> list[ColumnElement[Any]]:
    key = inspector.get_pk_constraint(name, schema)["constrained_columns"]
    if key:
        return [column(part) for part in key]
    if inspector.dialect.name == "sqlite" and name in inspector.get_table_names(schema):
        return [literal_column("rowid")]
    return []
