"""Replay the rows of a source through an online detector, as if they came in one by one."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from prefect import task
from prefect.cache_policies import NO_CACHE

from detectors.detection import read_labels
from detectors.errors import DetectorError
from detectors.online.alerts import AlertMemory, AlertPolicy, judge
from detectors.online.backtest import grade_alerts, other_thresholds
from detectors.validation import Vector
from models.queries.sources import get_source
from models.session import session_scope
from models.tables.alert import AlertRow
from models.tables.source import Source
from reports.backtest_facts import BacktestResult, Grade, ThresholdStep
from reports.stream_facts import RowSeries
from sources.open_table import OpenTable
from tasks.database import open_engine, utc_now
from tasks.read_source import bad_rows, log_notices, open_source
from tasks.rows import row_keys
from tasks.streams.alert_facts import alert_facts
from tasks.streams.backtest_request import BacktestRequest
from tasks.streams.checkpoint import Knowledge, begin
from tasks.streams.open_source import choose_columns, column_roles
from tasks.streams.process_rows import IncomingRows, SeenRows, watched_kinds
from tasks.streams.replayed_values import ReplayedValues

_ROWS_AT_ONCE = 50_000
_ALERTS_KEPT = 1000


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
    with replaying.open() as table:
        for frame in table.chunks(_ROWS_AT_ONCE):
            replaying.observe(frame)
    log_notices(replaying.notices)
    return replaying.end(perf_counter() - begun)


class _Replaying:
    """Collects what is seen, chunk by chunk."""

    def __init__(self, source: Source, request: BacktestRequest) -> None:
        self._started = utc_now()
        self._source = source
        self._stream = request.stream(source)
        self._roles = column_roles(self._stream, source)
        self._bad = bad_rows(source)
        self._values = ReplayedValues(
            source, self._roles, self._stream.time_column, self._stream.page_limit
        )
        self._knowledge: Knowledge | None = None
        self._seen: list[SeenRows] = []
        self._times: list[Vector] = []
        self._labels: list[Vector] = []
        self._alerts: list[AlertRow] = []
        self._conditions: list[AlertRow] = []

    def open(self) -> AbstractContextManager[OpenTable]:
        needed = self._roles.needed
        others = (self._source.cursor_column, self._stream.time_column)
        if needed is not None:
            needed = tuple(dict.fromkeys((*needed, *(one for one in others if one))))
        return open_source(self._source, needed, self._bad)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know of the rows."""
        return (*self._bad.notices, *self._values.notices)

    def observe(self, frame: pd.DataFrame) -> None:
        frame = self._values.read(frame)
        if self._knowledge is None:
            self._knowledge = begin(self._stream, choose_columns(self._stream, self._source, frame))
        rows = IncomingRows(
            frame=frame,
            times=self._knowledge.columns.times(frame),
            keys=partial(row_keys, frame, self._source.key_columns),
        )
        seen = SeenRows(self._knowledge, rows, self._stream.backfill)
        self._seen.append(seen)
        self._times.append(rows.times)
        if self._source.label_column is not None:
            self._labels.append(read_labels(frame[self._source.label_column]))
        self._alerts += seen.alerts(_ALERTS_KEPT - len(self._alerts))
        found = seen.conditions(watched_kinds(self._stream))
        self._conditions += found[: _ALERTS_KEPT - len(self._conditions)]

    def end(self, seconds: float) -> Replay:
        if self._knowledge is None:
            raise DetectorError(f"source {self._source.name} has no rows to replay")
        monitor = self._knowledge.monitor
        sights = [seen.sight for seen in self._seen]
        observed = [sight.observations for sight in sights]
        scored = np.concatenate([sight.scored for sight in sights])
        rows = _Rows(
            scores=np.concatenate([each.scores for each in observed]),
            counted=scored & (np.arange(len(scored)) >= monitor.silent_rows),
            times=np.concatenate(self._times),
            labels=np.concatenate(self._labels) if self._labels else None,
            silent_rows=monitor.silent_rows,
        )
        chosen = monitor.policy.threshold
        steps = {
            threshold: rows.step(replace(monitor.policy, threshold=threshold))
            for threshold in other_thresholds(rows.scores[rows.counted], chosen)
        }
        result = BacktestResult(
            source=self._source.name,
            algorithm=self._stream.algorithm,
            columns=self._knowledge.columns.watched,
            rows=len(scored),
            rows_scored=monitor.rows_scored,
            silent_rows=monitor.silent_rows,
            seconds=seconds,
            chosen=steps[chosen],
            steps=tuple(steps.values()),
            alerts=tuple(map(alert_facts, self._alerts)),
            conditions=tuple(map(alert_facts, self._conditions)),
            notices=self.notices,
        )
        series = RowSeries(
            first=0,
            times=rows.times,
            values=np.concatenate([seen.X for seen in self._seen]),
            scores=np.where(scored, rows.scores, np.nan),
            low=np.concatenate([each.expected_low for each in observed]),
            high=np.concatenate([each.expected_high for each in observed]),
        )
        return Replay(self._started, result, series, rows.labels)


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
