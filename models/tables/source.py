"""The registry of sources."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Field

from models.base import Table
from models.types import Json, Text


@dataclass(frozen=True)
class SourceDefinition:
    """What a person says about a source; see ``Source`` for the fields."""

    name: str
    kind: str
    config: dict[str, Any]
    tags: list[str] = field(default_factory=list)
    key_columns: list[str] = field(default_factory=list)
    cursor_column: str | None = None
    label_column: str | None = None
    columns: list[str] | None = None
    description: str | None = None


class Source(Table, table=True):
    """A registered source of rows.

    Attributes:
        kind: the reader that reads it.
        config: the reader's parameters; secrets only as references, never as values.
        key_columns: the columns that identify a row.
        cursor_column: the column that orders rows in time.
        label_column: the column with known labels, never a feature.
        columns: the features to use when a run names none; null for all suitable ones.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    kind: str = Field(max_length=40)
    config: dict[str, Any] = Field(sa_type=Json)
    tags: list[str] = Field(default_factory=list, sa_type=Json)
    key_columns: list[str] = Field(default_factory=list, sa_type=Json)
    cursor_column: str | None = None
    label_column: str | None = None
    columns: list[str] | None = Field(default=None, sa_type=Json)
    description: str | None = Field(default=None, sa_type=Text)
    created_at: datetime
    updated_at: datetime
