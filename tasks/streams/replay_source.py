"""Replay the rows of a source through an online detector, as if they came in one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import BaseModel, ConfigDict

from detectors.detection import read_labels
from detectors.errors import DetectorError
from detectors.online.alerts import AlertMemory, AlertPolicy, judge
from detectors.online.backtest import grade_alerts, other_thresholds
from detectors.online.monitor import Monitor, Sight
from detectors.online.rows import StreamColumns
from detectors.registry import OnlineConfig, build_online_detector
from detectors.roles import ColumnRoles
from detectors.validation import Matrix, Vector
from models.queries.sources import get_source
from models.session import session_scope
from models.tables.source import Source
from reports.backtest_facts import BacktestResult, Grade, ThresholdStep
from reports.stream_facts import AlertedValue, AlertFacts, RowSeries
from tasks.database import open_engine, utc_now
from tasks.read_source import open_source
from tasks.rows import row_keys
from tasks.streams.process_rows import moment, number

_ROWS_AT_ONCE = 50_000
_ALERTS_KEPT = 1000


class BacktestRequest(BaseModel):
    """What a caller asks of a backtest, apart from the source; see the flow for the fields."""

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

    def roles(self, source: Source) -> ColumnRoles:
        """Return which column of ``source`` is what in this backtest."""
        chosen = self.columns or source.columns
        return ColumnRoles(
            features=None if chosen is None else tuple(chosen),
            keys=tuple(source.key_columns),
            cursor=source.cursor_column,
            label=source.label_column,
        )


@dataclass(frozen=True)
class Replay:
    """A backtest that was run.

    Attributes:
        started: when.
        result: what would have been raised.
        series: every row.
        labels: 1, 0 or NaN where unknown, shape (n,); None if the source has no label column.
    """

    started: datetime
    result: BacktestResult
    series: RowSeries
    labels: Vector | None


@task(cache_policy=NO_CACHE)
def replay_source(name: str, request: BacktestRequest) -> Replay:
    """Read a source from its beginning, in chunks, and score its rows in their order.

    Raises:
        UnknownSourceError: there is no source of this name.
        SourceError: it cannot be read.
        DetectorError: its rows do not fit.
    """
    with session_scope(open_engine(), writes=False) as session:
        source = get_source(session, name)
    begun = perf_counter()
    replaying = _Replaying(source, request)
    for frame in replaying.chunks():
        replaying.observe(frame)
    return replaying.end(perf_counter() - begun)


class _Replaying:
    """Collects what is seen, chunk by chunk."""

    def __init__(self, source: Source, request: BacktestRequest) -> None:
        self._started = utc_now()
        self._source = source
        self._request = request
        self._roles = request.roles(source)
        self._columns: StreamColumns | None = None
        self._monitor: Monitor | None = None
        self._values: list[Matrix] = []
        self._times: list[Vector] = []
        self._labels: list[Vector] = []
        self._sights: list[Sight] = []
        self._alerts: list[AlertFacts] = []

    def chunks(self) -> Iterator[pd.DataFrame]:
        needed = self._roles.needed
        others = (self._source.cursor_column, self._request.time_column)
        if needed is not None:
            needed = tuple(dict.fromkeys((*needed, *(one for one in others if one))))
        return open_source(self._source).read_chunks(_ROWS_AT_ONCE, needed)

    def observe(self, frame: pd.DataFrame) -> None:
        if self._columns is None or self._monitor is None:
            self._columns = StreamColumns.choose(frame, self._roles, self._request.time_column)
            self._monitor = self._build(len(self._columns.watched))
        X, times = self._columns.matrix(frame), self._columns.times(frame)
        sight = self._monitor.observe(X, times)
        self._values.append(X)
        self._times.append(times)
        self._sights.append(sight)
        if self._source.label_column is not None:
            self._labels.append(read_labels(frame[self._source.label_column]))
        self._keep_alerts(frame, X, times, sight)

    def end(self, seconds: float) -> Replay:
        if self._columns is None or self._monitor is None:
            raise DetectorError(f"source {self._source.name} has no rows to replay")
        scored = np.concatenate([sight.scored for sight in self._sights])
        scores = np.concatenate([sight.observations.scores for sight in self._sights])
        times = np.concatenate(self._times)
        labels = np.concatenate(self._labels) if self._labels else None
        silent = self._monitor.silent_rows
        counted = scored & (np.arange(len(scores)) >= silent)
        policy = self._monitor.policy
        rows = _Rows(scores, counted, times, labels, silent)
        steps = {
            threshold: rows.step(replace(policy, threshold=threshold))
            for threshold in other_thresholds(scores[counted], policy.threshold)
        }
        result = BacktestResult(
            source=self._source.name,
            algorithm=self._request.detector.algorithm,
            columns=self._columns.watched,
            rows=len(scores),
            rows_scored=int(np.count_nonzero(scored)),
            silent_rows=silent,
            seconds=seconds,
            chosen=steps[policy.threshold],
            steps=tuple(steps.values()),
            alerts=tuple(self._alerts),
        )
        series = RowSeries(
            first=0,
            times=times,
            values=np.concatenate(self._values),
            scores=np.where(scored, scores, np.nan),
            low=np.concatenate([sight.observations.expected_low for sight in self._sights]),
            high=np.concatenate([sight.observations.expected_high for sight in self._sights]),
        )
        return Replay(self._started, result, series, labels)

    def _build(self, n_columns: int) -> Monitor:
        request = self._request
        detector = build_online_detector(
            request.detector,
            n_columns,
            threshold=request.threshold,
            learn_anomalies=request.learn_anomalies,
            seed=request.seed,
        )
        policy = AlertPolicy(
            threshold=detector.threshold,
            min_consecutive=request.min_consecutive,
            cooldown_seconds=request.cooldown_seconds,
            resolve_after=request.resolve_after,
        )
        return Monitor(detector, policy, request.backfill)

    def _keep_alerts(self, frame: pd.DataFrame, X: Matrix, times: Vector, sight: Sight) -> None:
        assert self._columns is not None
        assert self._monitor is not None
        judgement = sight.judgement
        room = _ALERTS_KEPT - len(self._alerts)
        kept = judgement.alerts[:room]
        driving = self._monitor.driving(sight.observations)
        seen = sight.observations
        keys = row_keys(frame, self._source.key_columns, kept)
        for place, (position, key) in enumerate(zip(kept.tolist(), keys, strict=True)):
            values = tuple(
                AlertedValue(
                    column=name,
                    value=number(X[position, column]),
                    low=number(seen.expected_low[position, column]),
                    high=number(seen.expected_high[position, column]),
                    driving=bool(driving[position, column]),
                )
                for column, name in enumerate(self._columns.watched)
            )
            self._alerts.append(
                AlertFacts(
                    row=sight.first + position,
                    time=moment(times[position]),
                    key=key,
                    score=float(seen.scores[position]),
                    incident=int(judgement.incidents[place]),
                    values=values,
                )
            )


@dataclass(frozen=True)
class _Rows:
    """All rows, and what a threshold would do to them."""

    scores: Vector
    counted: NDArray[np.bool_]
    times: Vector
    labels: Vector | None
    silent_rows: int

    def step(self, policy: AlertPolicy) -> ThresholdStep:
        found = judge(policy, AlertMemory(), self.scores, self.counted, self.times)
        grade = None
        if self.labels is not None:
            grade = Grade(**vars(grade_alerts(found.alerts, self.labels, self.silent_rows)))
        return ThresholdStep(
            threshold=policy.threshold,
            anomalies=int(np.count_nonzero(found.anomalies)),
            alerts=len(found.alerts),
            incidents=found.memory.incidents,
            grade=grade,
        )
