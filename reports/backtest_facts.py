"""What the report of a backtest is made from, and what its flow returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reports.stream_facts import AlertFacts, RowSeries


@dataclass(frozen=True)
class Grade:
    """How alerts compare with the labels of the source.

    Labelled rows that follow one another are one event: an alert anywhere in it finds it.

    Attributes:
        events: known, past the rows that raise no alert.
        found: those of them with an alert.
        right: alerts on labelled rows.
    """

    events: int
    found: int
    right: int

    @property
    def recall(self) -> float | None:
        """Share of the events that were found; None if there are none."""
        return self.found / self.events if self.events else None

    def precision(self, alerts: int) -> float | None:
        """Return the share of ``alerts`` that are right; None if there are none."""
        return self.right / alerts if alerts else None


@dataclass(frozen=True)
class ThresholdStep:
    """What a threshold would do.

    Attributes:
        threshold: a row is an anomaly when its score is greater.
        anomalies: rows above it.
        alerts: that would be raised.
        incidents: that these belong to.
        grade: against the labels; None where the source has none.
    """

    threshold: float
    anomalies: int
    alerts: int
    incidents: int
    grade: Grade | None = None


@dataclass(frozen=True)
class BacktestResult:
    """What an online detector would have raised; a backtest keeps nothing else.

    Attributes:
        source: its name.
        algorithm: name of the online detector.
        columns: watched, in their order.
        rows: replayed.
        rows_scored: those of them with a value to score.
        silent_rows: the first rows, which would have raised no alert: warm-up or backfill.
        seconds: how long the replay took.
        chosen: what the threshold asked for would do.
        steps: what others would do, ``chosen`` among them, by rising threshold.
        alerts: by the threshold asked for, in the order of their rows; at most the first thousand.
        conditions: columns that stayed empty or were stuck, which no threshold decides; likewise.
        notices: rows of the source that were left out, and values that were taken as missing.
    """

    source: str
    algorithm: str
    columns: tuple[str, ...]
    rows: int
    rows_scored: int
    silent_rows: int
    seconds: float
    chosen: ThresholdStep
    steps: tuple[ThresholdStep, ...]
    alerts: tuple[AlertFacts, ...]
    conditions: tuple[AlertFacts, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class BacktestReport:
    """A backtest that has ended.

    Attributes:
        result: what would have been raised.
        detector: display name of the algorithm.
        series: every row replayed.
        labels: numbers of the first and the last row of each labelled event; None where the source
            has no labels.
        started: when, with a time zone.
        create: command line that creates such a stream.
        rerun: command line that runs this backtest again.
        learns_anomalies: whether anomalies are learnt; if not, scores depend on the threshold, and
            what another one would do is approximate.
        parameters: of the detector, by name.
        versions: of the software, by package.
    """

    result: BacktestResult
    detector: str
    series: RowSeries
    labels: tuple[tuple[int, int], ...] | None
    started: datetime
    create: str
    rerun: str
    learns_anomalies: bool = True
    parameters: Mapping[str, object] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
