"""A database that looks like years of use: runs row by row, what they found by a few statements."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Engine, insert

from benchmarks.found import fill_findings, fill_points
from models.metadata import metadata
from models.sqlite import WRITES
from models.status import Status
from models.storage import vacuum
from models.stream_status import AlertState, StreamStatus

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ALGORITHMS = ("isolation_forest", "consensus", "knn", "lof", "hbos")
_POLICY = {"method": "false_alarm", "rate": 0.01}
_ROWS_AT_ONCE = 5_000
_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class Years:
    """How much there is.

    Attributes:
        sources: registered ones; the first is busy and has half of the detections.
        detections: in all.
        anomalies: of each detection, as a rule.
        batches: over all sources.
        comparisons: of five detectors.
        large: anomalies of one detection, and flagged rows of one comparison.
        explained: detections of which some rows are explained.
        streams: with points and alerts.
        points: of each stream.
        alerts: of each stream.
    """

    sources: int = 200
    detections: int = 100_000
    anomalies: int = 98
    batches: int = 200
    comparisons: int = 1_000
    large: int = 200_000
    explained: int = 2_000
    streams: int = 50
    points: int = 10_000
    alerts: int = 2_000

    def shrunk(self, divisor: int) -> "Years":
        """Return the same in small."""
        return Years(
            **{one.name: max(getattr(self, one.name) // divisor, 3) for one in fields(self)}
        )


def fill(engine: Engine, years: Years) -> None:
    """Fill the empty tables of ``engine``, and let the database take note of it."""
    steps: tuple[Callable[[Connection], None], ...] = (
        lambda connection: _fill_runs(connection, years),
        lambda connection: fill_findings(connection, years.anomalies, years.large, years.explained),
        lambda connection: _fill_streams(connection, years),
        lambda connection: fill_points(connection, years.points),
    )
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        for step in steps:
            with connection.begin():
                step(connection)
    if engine.dialect.name == "postgresql":  # does so by itself within a minute
        vacuum(engine)


def _fill_runs(connection: Connection, years: Years) -> None:
    ids = _ids()
    sources = [
        {
            "id": next(ids),
            "name": f"source-{i:05}",
            "kind": "csv",
            "config": {"path": f"/data/source-{i:05}.csv"},
            "tags": ["shop", f"group-{i % 10}"],
            "key_columns": ["id"],
            "created_at": NOW,
            "updated_at": NOW,
        }
        for i in range(years.sources)
    ]
    _insert(connection, "source", iter(sources))
    _insert(connection, "detection", _lone_detections(ids, sources, years))
    for number in range(years.batches):
        created = NOW - timedelta(days=number)
        batch = _run(next(ids), created, Status.SUCCESS) | {
            "name": "nightly",
            "algorithm": _ALGORITHMS[0],
            "detector": {"algorithm": _ALGORITHMS[0], "n_estimators": 300},
            "max_workers": 4,
            "total_sources": len(sources),
        }
        _insert(connection, "batch", iter([batch]))
        found = (
            _detection(next(ids), source, created, _ALGORITHMS[0], years, batch_id=batch["id"])
            for source in sources
        )
        _insert(connection, "detection", found)
    for number in range(years.comparisons):
        created, source = NOW - _EVERY * number, sources[number % len(sources)]
        comparison = _run(next(ids), created, Status.SUCCESS) | {
            "source_id": source["id"],
            "source_name": source["name"],
            "labels": list(_ALGORITHMS),
            "flagged_rows": years.anomalies if number else years.large,
        }
        _insert(connection, "comparison", iter([comparison]))
        found = (
            _detection(
                next(ids), source, created, name, years, comparison_id=comparison["id"], label=name
            )
            for name in _ALGORITHMS
        )
        _insert(connection, "detection", found)


def _lone_detections(
    ids: Iterator[UUID], sources: list[dict[str, Any]], years: Years
) -> Iterator[dict[str, Any]]:
    count = years.detections - years.batches * years.sources - years.comparisons * len(_ALGORITHMS)
    for number in range(max(count, 1)):
        failed = number % 50 == 1
        yield _detection(
            next(ids),
            sources[0],
            NOW - _EVERY * number,
            _ALGORITHMS[number % len(_ALGORITHMS)],
            years,
            status=Status.ERROR if failed else Status.SUCCESS,
            anomaly_count=None if failed else years.anomalies if number else years.large,
            error_message="the file is gone" if failed else None,
        )


def _detection(
    identity: UUID,
    source: dict[str, Any],
    created: datetime,
    algorithm: str,
    years: Years,
    *,
    status: Status = Status.SUCCESS,
    **fields: Any,
) -> dict[str, Any]:
    columns = [f"column_{i}" for i in range(10)]
    return {
        **_run(identity, created, status),
        "batch_id": None,
        "comparison_id": None,
        "label": None,
        "pinned": False,
        "source_id": source["id"],
        "source_name": source["name"],
        "algorithm": algorithm,
        "detector": {"algorithm": algorithm, "n_estimators": 300},
        "features": columns,
        "left_out": {"city": "not numeric (str); name it to use it"},
        "threshold": 0.61,
        "clean_rows": 10_000,
        "total_rows": 10_000,
        "scored_rows": 10_000,
        "anomaly_count": years.anomalies,
        "anomaly_rate": years.anomalies / 10_000,
        "score_quantiles": {str(q / 20): q / 20 for q in range(21)},
        "score_histogram": {"edges": [i / 50 for i in range(51)], "counts": [200] * 50},
        "fingerprint": "bc6b5e63321d12717cd2c5381eb26970",
        "error_message": None,
        **fields,
    }


def _run(identity: UUID, created: datetime, status: Status) -> dict[str, Any]:
    return {
        "id": identity,
        "status": status,
        "seed": 0,
        "missing": "impute",
        "threshold_policy": _POLICY,
        "flow_run_id": identity,
        "created_at": created,
        "started_at": created,
        "completed_at": created,
        "duration_ms": 2_647,
    }


def _fill_streams(connection: Connection, years: Years) -> None:
    ids = _ids(seed=1)
    for number in range(years.streams):
        identity = next(ids)
        _insert(connection, "stream", iter([_stream(identity, number)]))
        _insert(connection, "checkpoint", iter([_checkpoint(identity, years)]))
        raised = (_alert(next(ids), identity, place) for place in range(years.alerts))
        _insert(connection, "alert", raised)


def _stream(identity: UUID, number: int) -> dict[str, Any]:
    return {
        "id": identity,
        "name": f"stream-{number:04}",
        "tags": ["shop"],
        "algorithm": "value_gap",
        "detector": {"algorithm": "value_gap"},
        "seed": 0,
        "learn_anomalies": True,
        "backfill": 0,
        "every_seconds": 10.0,
        "page_limit": 10_000,
        "lag": 0.0,
        "min_consecutive": 1,
        "cooldown_seconds": 0.0,
        "resolve_after": 100,
        "keep_points": 1_000_000,
        "max_failures": 10,
        "status": StreamStatus.RUNNING,
        "failures": 0,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _checkpoint(stream_id: UUID, years: Years) -> dict[str, Any]:
    return {
        "stream_id": stream_id,
        "columns": ["column_0"],
        "format_version": 1,
        "algorithm": "value_gap",
        "libraries": {},
        "payload": bytes(500_000),
        "warm_up_left": 0,
        "rows_seen": 1_000_000 + years.points,
        "rows_scored": 1_000_000 + years.points,
        "rows_skipped": 0,
        "alerts": years.alerts,
        "incidents": years.alerts // 2,
        "alert_memory": {},
        "updated_at": NOW,
    }


def _alert(identity: UUID, stream_id: UUID, number: int) -> dict[str, Any]:
    at = NOW - _EVERY * number
    state = {0: AlertState.OPEN, 1: AlertState.SNOOZED}.get(number % 20, AlertState.RESOLVED)
    detail = {"value": 500.0, "low": 41.7, "high": 58.2, "score": 0.7, "driving": True}
    return {
        "id": identity,
        "stream_id": stream_id,
        "deduplication_key": f"#{10 * number}",
        "sequence": 10 * number,
        "timestamp": at,
        "score": 0.7,
        "threshold": 0.5,
        "values": {"column_0": 500.0},
        "columns": {"column_0": detail},
        "incident": number // 2,
        "state": state,
        "snoozed_until": NOW + _EVERY * (number % 3 - 1) if state is AlertState.SNOOZED else None,
        "resolved_at": at if state is AlertState.RESOLVED else None,
        "created_at": at,
        "attempts": 0,
    }


def _insert(connection: Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        connection.execute(insert(metadata.tables[table]), some)


def _ids(seed: int = 0) -> Iterator[UUID]:
    random = np.random.default_rng(seed)
    while True:
        yield UUID(bytes=random.bytes(16), version=4)
