"""From rows that came in to what a tick stores."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan

import numpy as np
import pandas as pd

from detectors.online.alerts import Positions
from detectors.online.health import ColumnFault
from detectors.validation import Vector
from models.queries.ticks import TickResult
from models.stream_status import AlertKind
from models.tables.alert import AlertRow, ColumnDetail, condition_key
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
    seen = SeenRows(knowledge, rows, stream.backfill)
    first_kept = max(knowledge.monitor.rows_seen - stream.keep_points, 0)
    recent = np.arange(max(first_kept - seen.sight.first, 0), len(seen.X))
    return TickResult(
        checkpoint=checkpoint_state(stream, knowledge, cursor),
        alerts=[*seen.alerts(), *seen.conditions(watched_kinds(stream))],
        resolved=seen.sight.judgement.resolved,
        ended=seen.ended(),
        points=seen.points(recent),
        rows_scored=int(np.count_nonzero(seen.sight.scored)),
        first_kept=first_kept,
        statistics=column_records(knowledge),
    )


def watched_kinds(stream: Stream) -> set[AlertKind]:
    """Return the kinds of conditions of its columns that a stream raises alerts of."""
    wanted = {AlertKind.MISSING: stream.watch_missing, AlertKind.STUCK: stream.watch_stuck}
    return {kind for kind, is_wanted in wanted.items() if is_wanted}


class SeenRows:
    """Rows that were scored and learnt, and how they are stored.

    Attributes:
        X: the watched values, shape (n, d).
        sight: what was seen in them.
        faults: of columns, that begin or end in them.
    """

    def __init__(self, knowledge: Knowledge, rows: IncomingRows, backfill: int) -> None:
        """Score and learn rows, which changes ``knowledge``.

        Raises:
            DetectorError: the rows do not have the columns watched.
        """
        self.X = knowledge.columns.matrix(rows.frame)
        self.sight = knowledge.monitor.observe(self.X, rows.times)
        self.faults = knowledge.health.observe(self.X, rows.times, backfill)
        scored = np.flatnonzero(self.sight.scored)
        knowledge.rows_unscored = (
            len(self.X) - 1 - int(scored[-1])
            if len(scored)
            else knowledge.rows_unscored + len(self.X)
        )
        self._columns = knowledge.columns.watched
        self._threshold = knowledge.monitor.policy.threshold
        self._driving = knowledge.monitor.driving(self.sight.observations)
        self._rows = rows

    def alerts(self, limit: int | None = None) -> list[AlertRow]:
        """Return the alerts, or the first ones, in the order of their rows."""
        judgement = self.sight.judgement
        positions = judgement.alerts[:limit]
        keys = self._rows.keys(positions)
        return [
            AlertRow(
                sequence=self.sight.first + position,
                row_key=key,
                timestamp=_moment(self._rows.times[position]),
                score=float(self.sight.observations.scores[position]),
                threshold=self._threshold,
                values=self._values(position),
                columns=self._details(position),
                incident=incident,
            )
            for position, incident, key in zip(
                positions.tolist(), judgement.incidents[:limit].tolist(), keys, strict=True
            )
        ]

    def conditions(self, kinds: Collection[AlertKind]) -> list[AlertRow]:
        """Return the alerts of columns that stay empty or are stuck, of the kinds wanted."""
        return [
            self._condition(fault)
            for fault in self.faults
            if fault.row is not None and AlertKind(fault.kind) in kinds
        ]

    def ended(self) -> list[str]:
        """Return the deduplication keys of the conditions that are over."""
        return [
            condition_key(AlertKind(fault.kind), fault.first_row, self._columns[fault.place])
            for fault in self.faults
            if fault.ended_row is not None
        ]

    def _condition(self, fault: ColumnFault) -> AlertRow:
        assert fault.row is not None
        name, position = self._columns[fault.place], fault.row - self.sight.first
        held = ColumnDetail(
            value=_number(self.X[position, fault.place]),
            low=None,
            high=None,
            score=None,
            driving=True,
        )
        return AlertRow(
            kind=AlertKind(fault.kind),
            column=name,
            first_row=fault.first_row,
            sequence=fault.row,
            row_key=self._rows.keys(np.array([position]))[0],
            timestamp=_moment(self._rows.times[position]),
            score=None,
            threshold=None,
            values=self._values(position),
            columns={name: held},
            incident=None,
        )

    def points(self, positions: Positions) -> list[PointRow]:
        """Return the rows at some positions."""
        scores = np.where(self.sight.scored, self.sight.observations.scores, np.nan)
        return [
            PointRow(
                sequence=self.sight.first + position,
                timestamp=_moment(self._rows.times[position]),
                row_key=key,
                values=self._values(position),
                score=_number(scores[position]),
                flagged=bool(self.sight.judgement.anomalies[position]),
            )
            for position, key in zip(positions.tolist(), self._rows.keys(positions), strict=True)
        ]

    def _values(self, position: int) -> dict[str, float | None]:
        return dict(zip(self._columns, map(_number, self.X[position].tolist()), strict=True))

    def _details(self, position: int) -> dict[str, ColumnDetail]:
        seen = self.sight.observations
        return {
            name: ColumnDetail(
                value=_number(self.X[position, place]),
                low=_number(seen.expected_low[position, place]),
                high=_number(seen.expected_high[position, place]),
                score=_number(seen.column_scores[position, place]),
                driving=bool(self._driving[position, place]),
            )
            for place, name in enumerate(self._columns)
        }


def _number(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if _EARLIEST < seconds < _LATEST else None
