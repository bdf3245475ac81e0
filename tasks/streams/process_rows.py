"""From rows that came in to what a tick stores."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan

import numpy as np
import pandas as pd

from detectors.online.alerts import Positions
from detectors.online.monitor import Sight
from detectors.validation import Matrix, Vector
from models.queries.ticks import TickResult
from models.tables.alert import AlertRow, ColumnDetail
from models.tables.stream import Stream
from models.tables.stream_point import PointRow
from tasks.streams.checkpoint import Knowledge, checkpoint_state, column_records

# What a datetime can say, in seconds since 1970.
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC).timestamp()
_LATEST = datetime(9999, 12, 30, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class IncomingRows:
    """Rows of a stream, before they are scored.

    Attributes:
        frame: with the watched columns.
        times: seconds since 1970, NaN where a row has none, shape (n,).
        keys: returns the keys of the rows at some positions, None where a row has none.
    """

    frame: pd.DataFrame
    times: Vector
    keys: Callable[[Positions], list[str | None]]


def process_rows(
    stream: Stream, knowledge: Knowledge, rows: IncomingRows, cursor: str | None
) -> TickResult:
    """Score and learn rows, and return what to store.

    Args:
        stream: the stream.
        knowledge: what it knows; changed, and to be thrown away if the result is not stored.
        rows: the rows.
        cursor: where the rows after these begin.

    Raises:
        DetectorError: the rows do not have the columns watched.
    """
    X = knowledge.columns.matrix(rows.frame)
    sight = knowledge.monitor.observe(X, rows.times)
    described = _Rows(knowledge, rows, X, sight)
    first_kept = max(knowledge.monitor.rows_seen - stream.keep_points, 0)
    recent = np.arange(max(first_kept - sight.first, 0), len(X))
    return TickResult(
        checkpoint=checkpoint_state(stream, knowledge, cursor),
        alerts=described.alerts(),
        resolved=sight.judgement.resolved,
        points=described.points(recent),
        first_kept=first_kept,
        statistics=column_records(knowledge),
    )


class _Rows:
    """Rows and what was seen in them, as they are stored."""

    def __init__(self, knowledge: Knowledge, rows: IncomingRows, X: Matrix, sight: Sight) -> None:
        self._columns = knowledge.columns.watched
        self._threshold = knowledge.monitor.policy.threshold
        self._driving = knowledge.monitor.driving(sight.observations)
        self._rows = rows
        self._X = X
        self._sight = sight

    def alerts(self) -> list[AlertRow]:
        judgement = self._sight.judgement
        keys = self._rows.keys(judgement.alerts)
        return [
            AlertRow(
                sequence=self._sight.first + position,
                row_key=key,
                timestamp=moment(self._rows.times[position]),
                score=float(self._sight.observations.scores[position]),
                threshold=self._threshold,
                values=self._values(position),
                columns=self._details(position),
                incident=incident,
            )
            for position, incident, key in zip(
                judgement.alerts.tolist(), judgement.incidents.tolist(), keys, strict=True
            )
        ]

    def points(self, positions: Positions) -> list[PointRow]:
        scores = np.where(self._sight.scored, self._sight.observations.scores, np.nan)
        return [
            PointRow(
                sequence=self._sight.first + position,
                timestamp=moment(self._rows.times[position]),
                row_key=key,
                values=self._values(position),
                score=number(scores[position]),
                flagged=bool(self._sight.judgement.anomalies[position]),
            )
            for position, key in zip(positions.tolist(), self._rows.keys(positions), strict=True)
        ]

    def _values(self, position: int) -> dict[str, float | None]:
        return dict(zip(self._columns, map(number, self._X[position].tolist()), strict=True))

    def _details(self, position: int) -> dict[str, ColumnDetail]:
        seen = self._sight.observations
        return {
            name: ColumnDetail(
                value=number(self._X[position, place]),
                low=number(seen.expected_low[position, place]),
                high=number(seen.expected_high[position, place]),
                score=number(seen.column_scores[position, place]),
                driving=bool(self._driving[position, place]),
            )
            for place, name in enumerate(self._columns)
        }


def number(value: float) -> float | None:
    """Return a number as it is stored: None for a missing one."""
    return None if isnan(value) else float(value)


def moment(seconds: float) -> datetime | None:
    """Return a time as it is stored: None for a missing one, or one that no date can say."""
    return datetime.fromtimestamp(seconds, UTC) if _EARLIEST < seconds < _LATEST else None
