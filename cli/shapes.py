"""The JSON documents of ``--json``; docs/cli.md describes them. Names change only with notice."""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from models.paging import Page
from models.status import Status

Item = TypeVar("Item", bound=BaseModel)


class Shape(BaseModel):
    """A JSON object, filled from a table's row or by name."""

    model_config = ConfigDict(from_attributes=True, validate_by_name=True, validate_by_alias=True)


class PageShape(Shape, Generic[Item]):
    """Some items of a longer list, with their true total."""

    items: list[Item]
    offset: int
    limit: int
    total: int


class DatabaseShape(Shape):
    """Vigil's own database; ``tables`` has rows by table, empty unless ``up_to_date``."""

    database: str
    revision: str | None
    latest_revision: str
    up_to_date: bool
    size_bytes: int
    tables: dict[str, int]


class ParameterShape(Shape):
    """A parameter of an algorithm; a value must be above ``min`` itself where ``above_min``."""

    name: str
    label: str
    type: str
    default: Any
    min: float | None
    max: float | None
    above_min: bool
    options: list[str]
    description: str


class AlgorithmShape(Shape):
    """An algorithm, as a person chooses it; only online ones have a default threshold."""

    name: str
    display_name: str
    description: str
    category: str
    parameters: list[ParameterShape]
    pros: list[str]
    cons: list[str]
    best_for: str
    requires_scaling: bool
    default_threshold: float | None


class SourceShape(Shape):
    """A registered source."""

    id: UUID
    name: str
    kind: str
    config: dict[str, Any]
    tags: list[str]
    key_columns: list[str]
    cursor_column: str | None
    label_column: str | None
    columns: list[str] | None
    description: str | None
    created_at: datetime
    updated_at: datetime


class SourceDetailShape(SourceShape):
    """A registered source, and how much hangs on it."""

    detection_count: int
    anomaly_count: int
    stream_count: int
    alert_count: int


class RemovedSourceShape(Shape):
    """A source that was removed, and what went with it."""

    name: str
    detection_count: int
    anomaly_count: int
    stream_count: int
    alert_count: int


class AppliedNamesShape(Shape):
    """What applying a file did, by name; ``unlisted`` are registered and not in the file."""

    created: list[str]
    changed: list[str]
    unchanged: list[str]
    removed: list[str]
    unlisted: list[str]


class AppliedShape(AppliedNamesShape):
    """What applying a file did to sources, and beside them to streams."""

    dry_run: bool
    streams: AppliedNamesShape


class CheckedColumnShape(Shape):
    """A column as it was read; ``role`` is key, cursor, label or null.

    ``read_as`` says what detectors take its values for, or why not.
    """

    name: str
    dtype: str
    role: str | None
    read_as: str


class CheckedSourceShape(Shape):
    """The first rows of a source."""

    name: str
    kind: str
    rows_read: int
    columns: list[CheckedColumnShape]
    rows: list[dict[str, Any]]


class DetectionShape(Shape):
    """A detection as lists show it."""

    id: UUID
    source_id: UUID
    source_name: str
    status: Status
    algorithm: str
    config: dict[str, Any] = Field(validation_alias="detector")
    adjusted: dict[str, Any] | None
    threshold_policy: dict[str, Any]
    pinned: bool
    columns: list[str] | None
    sample_size: int | None
    missing: str
    seed: int
    features: list[str] | None
    columns_left_out: dict[str, str] | None = Field(validation_alias="left_out")
    notices: list[str] | None
    threshold: float | None
    chunk_rows: int | None
    total_rows: int | None
    scored_rows: int | None
    anomaly_count: int | None
    anomaly_rate: float | None
    auroc: float | None
    average_precision: float | None
    known_anomalies: int | None
    found_anomalies: int | None
    fingerprint: str | None
    flow_run_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    duration_ms: int | None
    error_type: str | None
    error_message: str | None


class ColumnShape(Shape):
    """What one column held."""

    column: str
    dtype: str
    watched: bool
    missing: int
    infinite: int
    constant: bool
    mean: float | None
    std: float | None
    minimum: float | None
    median: float | None
    estimated: bool
    maximum: float | None
    spread: float | None
    note: str | None
    extreme_anomalies: int


class AnomalyShape(Shape):
    """One anomalous row."""

    rank: int
    row_index: int
    row_key: str | None
    anomaly_score: float = Field(validation_alias="score")
    p_value: float | None
    column_values: dict[str, Any] = Field(validation_alias="values")
    standouts: dict[str, float]
    label: bool | None


class DetectionDetailShape(DetectionShape):
    """A detection with what it found; ``anomaly_count`` is the true total of ``anomalies``."""

    clean_rows: int | None
    score_quantiles: dict[str, float] | None
    columns_analyzed: list[str]
    column_summaries: list[ColumnShape]
    anomalies: list[AnomalyShape]
    anomalies_offset: int
    anomalies_limit: int


class DeletedDetectionShape(Shape):
    """A detection that was deleted, and what went with it."""

    id: UUID
    source_name: str
    anomaly_count: int


def page_of(shape: type[Item], page: Page[Any]) -> PageShape[Item]:
    """Return a page of rows as a page of ``shape``."""
    return PageShape(
        items=[shape.model_validate(item) for item in page.items],
        offset=page.offset,
        limit=page.limit,
        total=page.total,
    )
