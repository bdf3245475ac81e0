"""What a caller asks of a backtest, apart from the source."""

from pydantic import BaseModel, ConfigDict

from detectors.registry import OnlineConfig
from models.tables.source import Source
from models.tables.stream import Stream, StreamDefinition
from tasks.database import utc_now


class BacktestRequest(BaseModel):
    """An online detector with all that decides its alerts; see the flow for the fields."""

    model_config = ConfigDict(frozen=True)

    detector: OnlineConfig
    columns: list[str] | None
    threshold: float | None
    time_column: str | None
    learn_anomalies: bool
    backfill: int
    min_consecutive: int
    cooldown_seconds: float
    resolve_after: int
    seed: int

    def stream(self, source: Source) -> Stream:
        """Return the stream that would do the same; it is stored nowhere."""
        definition = StreamDefinition(
            name=source.name,
            source_id=source.id,
            algorithm=self.detector.algorithm,
            **self.model_dump(mode="json"),
        )
        return Stream(**vars(definition), created_at=utc_now(), updated_at=utc_now())
