"""A stream as a person declares it, on the command line or under ``streams`` of a file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from cli.durations import read_seconds
from detectors.errors import DetectorError
from detectors.online.base import OnlineDetectorConfig
from detectors.registry import parse_online_config
from models.tables.stream import Stream
from models.tables.stream import StreamDefinition as StoredStream
from sources.definition import ColumnName, Names, Slug
from sources.errors import SourceError
from sources.validation import describe_problems

if TYPE_CHECKING:
    from sqlmodel import Session

_A_DAY = 86_400


def _detector(choice: object) -> OnlineDetectorConfig:
    if isinstance(choice, OnlineDetectorConfig):
        return choice
    if not isinstance(choice, str | Mapping):
        raise ValueError(
            "expected an algorithm, or {algorithm: value_gap, ...} with its parameters"
        )
    try:
        return parse_online_config(choice)
    except DetectorError as error:
        raise ValueError(str(error)) from None


def _seconds(value: object) -> object:
    if value is True:  # YAML reads on and yes as true, which would be a second
        raise ValueError("expected a duration such as 10s, 5m, 1h or 2d, got true")
    return read_seconds(value) if isinstance(value, str) else value


def _silence(value: object) -> object:
    if value is False or value == "off":  # YAML reads off as false
        return 0.0
    if value == "auto":
        return None
    try:
        return _seconds(value)
    except ValueError as error:
        raise ValueError(f"{error}; or off, or auto") from None


Seconds = Annotated[float, BeforeValidator(_seconds), Field(allow_inf_nan=False)]
Detector = Annotated[Any, BeforeValidator(_detector)]


class StreamDefinition(BaseModel):
    """One stream, as a person declares it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Slug
    source: str | None = Field(None, description="source to poll; without one it is pushed to")
    detector: Detector = Field("value_gap", validate_default=True, description="online detector")
    columns: Annotated[Names, Field(min_length=1)] | None = Field(
        None, description="columns to watch; those of the source, else every numeric one"
    )
    tags: Names = Field((), description="words to find it by")
    threshold: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="a row that scores above it is an anomaly"
    )
    seed: int = Field(0, ge=0, lt=2**32, description="the same seed gives the same scores")
    learn_anomalies: bool = Field(True, description="whether the detector learns anomalies too")
    backfill: int = Field(0, ge=0, description="first rows, which are learnt and raise no alert")
    time_column: ColumnName | None = Field(None, description="column that says when a row happened")
    every: Seconds = Field(10.0, ge=0.1, le=_A_DAY, description="from one poll to the next")
    page_limit: int = Field(10_000, ge=1, le=1_000_000, description="the most rows of one poll")
    lag: Seconds = Field(0.0, ge=0, description="how far back rows may come in late")
    min_consecutive: int = Field(1, ge=1, description="so many anomalies in a row make an alert")
    cooldown: Seconds = Field(0.0, ge=0, description="after an alert, no other one for so long")
    resolve_after: int = Field(100, ge=1, description="so many quiet rows end an incident")
    keep_points: int = Field(1000, ge=0, le=1_000_000, description="recent rows that are kept")
    max_failures: int = Field(10, ge=1, description="failures in a row, until it is given up")
    missing: bool = Field(True, description="whether a column that stays empty raises an alert")
    stuck: bool = Field(True, description="whether a column whose value is stuck raises an alert")
    silence: Annotated[
        Annotated[float, Field(ge=0, allow_inf_nan=False)] | None, BeforeValidator(_silence)
    ] = Field(
        None, description="no row for so long raises an alert; auto by the pauses before, or off"
    )
    notify: str | None = Field(
        None,
        pattern=r"^[a-z0-9-]+/[a-z0-9-]+$",
        description="Prefect notification block that is told of alerts: slack-webhook/ops",
    )

    @model_validator(mode="after")
    def _polling_needs_a_source(self) -> Self:
        polling = [
            name
            for name in ("every", "page_limit", "lag", "silence")
            if name in self.model_fields_set
        ]
        if self.source is None and polling:
            raise ValueError(f"`{polling[0]}` is of polling, and there is no `source` to poll")
        return self

    def stored(self, source_id: UUID | None) -> StoredStream:
        """Return what the database keeps of it.

        Args:
            source_id: of the source named.
        """
        return StoredStream(
            name=self.name,
            source_id=source_id,
            algorithm=self.detector.algorithm,
            detector=self.detector.model_dump(mode="json"),
            tags=list(self.tags),
            columns=None if self.columns is None else list(self.columns),
            threshold=self.threshold,
            seed=self.seed,
            learn_anomalies=self.learn_anomalies,
            backfill=self.backfill,
            time_column=self.time_column,
            every_seconds=self.every,
            page_limit=self.page_limit,
            lag=self.lag,
            min_consecutive=self.min_consecutive,
            cooldown_seconds=self.cooldown,
            resolve_after=self.resolve_after,
            keep_points=self.keep_points,
            max_failures=self.max_failures,
            watch_missing=self.missing,
            watch_stuck=self.stuck,
            silence_seconds=self.silence,
            notify_block=self.notify,
        )


def parse_stream_definition(fields: Mapping[str, object]) -> StreamDefinition:
    """Return the stream these fields declare.

    Raises:
        SourceError: a field is missing, unknown or not allowed; the message names each.
    """
    try:
        return StreamDefinition.model_validate(fields)
    except ValidationError as error:
        problems = describe_problems(error, tuple(StreamDefinition.model_fields))
    raise SourceError("; ".join(problems))


def find_source_id(session: "Session", definition: StreamDefinition) -> UUID | None:
    """Return the id of the source that a stream is to poll; None if it polls none.

    Raises:
        UnknownSourceError: it is not registered.
        SourceError: it cannot be polled as it is registered; the message names the way out.
    """
    if definition.source is None:
        return None
    from models.queries.sources import get_source
    from tasks.database import utc_now
    from tasks.streams.open_source import open_stream_source

    source, now = get_source(session, definition.source), utc_now()
    stream = Stream(**vars(definition.stored(source.id)), created_at=now, updated_at=now)
    try:
        # Nothing is read: a source that cannot be polled says so here, and not in the first run.
        open_stream_source(stream, source).close()
    except SourceError as error:
        raise SourceError(f"source {source.name} cannot be polled: {error}") from None
    return source.id
