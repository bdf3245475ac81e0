"""What a stream knows: in memory as a monitor, in the database as a checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from detectors.online.alerts import AlertMemory, AlertPolicy
from detectors.online.arrivals import Arrivals
from detectors.online.health import ColumnHealth
from detectors.online.monitor import Monitor
from detectors.online.rows import StreamColumns
from detectors.online.statistics import RunningStatistics
from detectors.registry import build_online_detector
from models.tables.checkpoint import Checkpoint, CheckpointState
from models.tables.stream import Stream
from models.tables.stream_statistic import ColumnRecord, StreamStatistic
from tasks.versions import software_versions

FORMAT_VERSION = 1


class CheckpointError(Exception):
    """A checkpoint cannot be gone on from; the message says what to do."""


@dataclass
class Knowledge:
    """What a stream knows.

    Attributes:
        columns: that it watches.
        monitor: what it has learnt of them.
        health: which of them are empty or stuck.
        arrivals: when polls brought rows.
        rows_unscored: rows without a score up to now, in a row.
    """

    columns: StreamColumns
    monitor: Monitor
    health: ColumnHealth
    arrivals: Arrivals = field(default_factory=Arrivals)
    rows_unscored: int = 0


def begin(stream: Stream, columns: StreamColumns) -> Knowledge:
    """Return what a stream knows before its first row.

    Raises:
        DetectorError: the detector cannot be built.
    """
    detector = build_online_detector(
        stream.detector,
        len(columns.watched),
        threshold=stream.threshold,
        learn_anomalies=stream.learn_anomalies,
        seed=stream.seed,
    )
    policy = AlertPolicy(
        threshold=detector.threshold,
        min_consecutive=stream.min_consecutive,
        cooldown_seconds=stream.cooldown_seconds,
        resolve_after=stream.resolve_after,
    )
    return Knowledge(
        columns,
        Monitor(detector, policy, stream.backfill),
        ColumnHealth(len(columns.watched)),
    )


def restore(
    stream: Stream, checkpoint: Checkpoint, statistics: Sequence[StreamStatistic]
) -> Knowledge:
    """Return what a stream knew at its checkpoint, to the bit.

    Raises:
        CheckpointError: it was written in a layout that this version does not read.
        DetectorError: its detector is built otherwise now.
    """
    if checkpoint.format_version != FORMAT_VERSION:
        raise CheckpointError(
            f"the checkpoint of stream {stream.name} has layout {checkpoint.format_version}, this "
            f"version of Vigil reads {FORMAT_VERSION}: go on with the version that wrote it "
            f"({checkpoint.libraries}), or `vigil streams reset {stream.name}`"
        )
    columns = StreamColumns(tuple(checkpoint.columns), checkpoint.time_column)
    knowledge = begin(stream, columns)
    monitor = knowledge.monitor
    monitor.detector.restore(checkpoint.payload)
    monitor.memory = AlertMemory.load(checkpoint.alert_memory)
    monitor.rows_scored = checkpoint.rows_scored
    monitor.statistics = RunningStatistics.of(
        count=[column.count for column in statistics],
        missing=[column.missing for column in statistics],
        mean=[column.mean for column in statistics],
        squares=[column.m2 for column in statistics],
        low=[inf if column.minimum is None else column.minimum for column in statistics],
        high=[-inf if column.maximum is None else column.maximum for column in statistics],
    )
    if checkpoint.health is None:  # an earlier version of Vigil wrote it
        knowledge.health.skip(checkpoint.rows_seen)
    else:
        knowledge.health.restore(checkpoint.health)
    if checkpoint.arrivals is not None:
        knowledge.arrivals = Arrivals.load(checkpoint.arrivals)
    knowledge.rows_unscored = checkpoint.rows_unscored
    monitor.anomaly_counts[:] = [column.anomaly_count for column in statistics]
    return knowledge


def checkpoint_state(stream: Stream, knowledge: Knowledge, cursor: str | None) -> CheckpointState:
    """Return what ``restore`` takes, and where the next page begins."""
    monitor = knowledge.monitor
    return CheckpointState(
        cursor=cursor,
        columns=list(knowledge.columns.watched),
        time_column=knowledge.columns.time,
        format_version=FORMAT_VERSION,
        algorithm=stream.algorithm,
        libraries=software_versions(),
        payload=monitor.detector.state(),
        warm_up_left=monitor.silent_rows_left,
        rows_seen=monitor.rows_seen,
        rows_scored=monitor.rows_scored,
        rows_skipped=monitor.rows_seen - monitor.rows_scored,
        incidents=monitor.memory.incidents,
        alert_memory=monitor.memory.dump(),
        rows_unscored=knowledge.rows_unscored,
        health=knowledge.health.state(),
        arrivals=knowledge.arrivals.dump(),
    )


def column_records(knowledge: Knowledge) -> list[ColumnRecord]:
    """Return the statistics of each watched column, in their order."""
    monitor = knowledge.monitor
    known = monitor.statistics
    return [
        ColumnRecord(
            column=name,
            count=int(known.count[place]),
            missing=int(known.missing[place]),
            mean=float(known.mean[place]),
            m2=float(known.squares[place]),
            minimum=float(known.low[place]) if known.count[place] else None,
            maximum=float(known.high[place]) if known.count[place] else None,
            anomaly_count=int(monitor.anomaly_counts[place]),
            empty_rows=int(knowledge.health.gap[place]),
            same_rows=int(knowledge.health.run[place]),
        )
        for place, name in enumerate(knowledge.columns.watched)
    ]
