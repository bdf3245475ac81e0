"""What the report of a ``stream`` run is made from: plain values, handed over by whoever ran it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reports.facts import Failure

StreamState = Literal["created", "running", "paused", "stopped", "error"]
AlertOf = Literal["row", "missing", "stuck", "silence"]
AlertStand = Literal["open", "acknowledged", "snoozed", "resolved"]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class RowSeries:
    """Rows of a stream in their order, n rows of d watched columns.

    Attributes:
        first: number of the first row in its stream, from 0.
        times: seconds since 1970, NaN where a row has none, shape (n,).
        values: NaN where one is missing, shape (n, d).
        scores: NaN where a row has none, shape (n,).
        low: the values that were expected, NaN where the detector could not say, shape (n, d);
            None where that was not kept.
        high: see ``low``.
    """

    first: int
    times: Numbers
    values: Numbers
    scores: Numbers
    low: Numbers | None = None
    high: Numbers | None = None


@dataclass(frozen=True)
class AlertedValue:
    """What one watched column held in a row that raised an alert.

    Attributes:
        column: its name.
        value: None if it was missing.
        low: the values that were expected; None where the detector cannot say.
        high: see ``low``.
        driving: whether the column's own score is above the threshold.
    """

    column: str
    value: float | None
    low: float | None
    high: float | None
    driving: bool


@dataclass(frozen=True)
class AlertFacts:
    """One alert.

    Attributes:
        row: number of its row in the stream, from 0.
        time: when that row happened; None if it has no time.
        key: what identifies the row; None if its source names no key columns.
        score: of the row; None for a condition.
        incident: neighbouring alerts share this number, from 1; None for a condition.
        values: of all watched columns.
        state: what has become of it; None where it was not raised in earnest.
        kind: of an anomalous row, or of a condition.
        column: that is missing or stuck.
        first_row: with which a condition began.
    """

    row: int
    time: datetime | None
    key: str | None
    score: float | None
    incident: int | None
    values: tuple[AlertedValue, ...]
    state: AlertStand | None = None
    kind: AlertOf = "row"
    column: str | None = None
    first_row: int | None = None


@dataclass(frozen=True)
class StreamColumn:
    """What a watched column has held since its stream began.

    Attributes:
        name: of the column.
        count: finite values.
        missing: rows without one.
        mean: None before the first value.
        std: None before the second.
        minimum: None before the first.
        maximum: None before the first.
        anomaly_count: anomalies in which the column's own score was above the threshold.
    """

    name: str
    count: int
    missing: int
    mean: float | None
    std: float | None
    minimum: float | None
    maximum: float | None
    anomaly_count: int


@dataclass(frozen=True)
class StreamLag:
    """How far behind the end of its source a stream is.

    Attributes:
        amount: 0 at the end.
        unit: of the amount.
    """

    amount: float
    unit: Literal["bytes", "files", "rows", "seconds", "units"]


@dataclass(frozen=True)
class ReportedStream:
    """One stream of a run, as the run left it.

    Attributes:
        name: of the stream.
        source: that it polls.
        detector: display name of the algorithm, such as "Value gap".
        threshold: a row is an anomaly when its score is greater.
        state: what is to be done with it.
        rows: read in this run.
        alerts: raised in this run.
        total_rows: since the stream began.
        total_skipped: rows that had no value to score, likewise.
        unscored: rows up to now, in a row, that had none.
        total_alerts: likewise.
        incidents: likewise.
        warm_up_left: rows that will still raise no alert.
        show: command line that prints the stream.
        list_alerts: command line that lists its alerts.
        columns: watched, in their order; empty before the first row.
        recent: the last rows; None before the first, or if the report is not to draw them.
        recent_alerts: alerts of this run, and those of the recent rows, in the order of their rows.
        lag: None if that is not known.
        failures: errors in this run.
        failure: the last error of this run; None if there was none.
        notices: what the source had to say, such as that a file was truncated.
    """

    name: str
    source: str
    detector: str
    threshold: float
    state: StreamState
    rows: int
    alerts: int
    total_rows: int
    total_alerts: int
    incidents: int
    warm_up_left: int
    show: str
    list_alerts: str
    columns: tuple[StreamColumn, ...] = ()
    recent: RowSeries | None = None
    recent_alerts: tuple[AlertFacts, ...] = ()
    lag: StreamLag | None = None
    failures: int = 0
    failure: Failure | None = None
    total_skipped: int = 0
    unscored: int = 0
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class StreamReport:
    """A run of the flow ``stream`` that has ended.

    Attributes:
        flow_run_id: of Prefect.
        started: when, with a time zone.
        seconds: how long the run took.
        streams: those it worked on, in any order.
        ended: why it ended: "time was up", "cancelled".
        list_streams: command line that lists all streams.
        versions: of the software, by package.
    """

    flow_run_id: str
    started: datetime
    seconds: float
    streams: tuple[ReportedStream, ...]
    ended: str
    list_streams: str
    versions: Mapping[str, str] = field(default_factory=dict)
