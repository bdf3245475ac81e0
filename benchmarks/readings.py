"""Every query by which commands list and show what there is, over a long history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from benchmarks.years import NOW
from models.agreement_level import AgreementLevel
from models.queries import (
    alerts,
    batch_progress,
    batches,
    comparisons,
    detections,
    explanations,
    findings,
    points,
    sources,
    stream_progress,
    streams,
)
from models.queries.alerts import AlertFilter
from models.queries.detections import DetectionFilter
from models.status import Status
from models.stream_status import AlertState, StreamStatus
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.explanation import Explanation
from models.tables.source import Source
from models.tables.stream import Stream

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_LIMIT = 20


@dataclass(frozen=True)
class Reading:
    """One query as commands use it.

    Attributes:
        query: the function.
        variant: its filters, and which page.
        run: runs it in a session.
    """

    query: str
    variant: str
    run: Callable[[Session], Any]


def readings(session: Session) -> Iterator[Reading]:
    """Yield each query with each of its filters, for the first page and for a deep one."""
    yield from _of_detections(session)
    yield from _of_one_detection(session)
    yield from _of_batches(session)
    yield from _of_comparisons(session)
    yield from _of_sources(session)
    yield from _of_streams(session)
    yield from _of_alerts(session)


def _of_detections(session: Session) -> Iterator[Reading]:
    busy = session.exec(select(Source.id).order_by(col(Source.name))).first()
    for source_id in (None, busy):
        for status in (None, Status.SUCCESS, Status.ERROR):
            for algorithm in (None, "knn"):
                matching = DetectionFilter(source_id, status, algorithm)
                yield from _paged(session, detections.list_detections, matching)
    assert busy is not None
    yield _one(detections.latest_detection, busy)
    yield _one(detections.latest_detection, busy, Status.SUCCESS)
    some = session.exec(select(Detection.id).limit(1)).one()
    yield _one(detections.get_detection, some)
    yield _one(detections.get_detection, some.hex[:8])


def _of_one_detection(session: Session) -> Iterator[Reading]:
    largest = session.exec(
        select(Detection.id).order_by(col(Detection.anomaly_count).desc().nulls_last()).limit(1)
    ).one()
    yield from _paged(session, findings.list_anomalies, largest)
    yield _one(findings.find_anomaly, largest, 10)
    yield _one(findings.find_anomalies, largest, [10, 20, 30])
    yield _one(findings.find_anomalies, largest, [10], ["order-3"])
    yield _one(findings.list_column_summaries, largest)
    yield _one(findings.get_fitted_detector, largest)
    yield from _paged(session, explanations.list_explanations, largest)
    yield from _paged(session, explanations.list_explanations, largest, row_indices=[10, 20])
    yield _one(explanations.find_explanations, largest, [10, 20], ["order-3"])
    explained = session.exec(select(Explanation.detection_id).limit(1)).one()
    yield _one(explanations.get_explanation, explained, 10)
    yield _one(explanations.list_explainable, [largest, explained])


def _of_batches(session: Session) -> Iterator[Reading]:
    for status in (None, Status.SUCCESS):
        yield from _paged(session, batches.list_batches, status=status)
    latest = batches.list_batches(session, limit=20).items
    batch = latest[0]
    yield _one(batches.get_batch, batch.id)
    yield _one(batch_progress.batch_progress, batch.id)
    yield _one(batch_progress.batches_progress, [one.id for one in latest])
    yield from _paged(session, batches.list_batch_results, batch.id)
    yield from _paged(session, batches.list_batch_results, batch.id, status=Status.SUCCESS)
    yield from _paged(session, batches.list_notable_results, batch.id)
    assert batch.flow_run_id is not None
    yield _one(batches.find_batch_of_flow_run, batch.flow_run_id)
    yield _one(batch_progress.recent_rates, batch)


def _of_comparisons(session: Session) -> Iterator[Reading]:
    source_id = session.exec(select(Comparison.source_id).limit(1)).one()
    for source in (None, source_id):
        for status in (None, Status.SUCCESS):
            yield from _paged(
                session, comparisons.list_comparisons, source_id=source, status=status
            )
    largest = session.exec(select(Comparison).order_by(col(Comparison.flagged_rows).desc())).first()
    assert largest is not None
    yield _one(comparisons.get_comparison, largest.id)
    yield _one(comparisons.list_comparison_results, largest)
    for level in (None, *AgreementLevel):
        for min_count in (1, 2, 5):
            yield from _paged(
                session,
                comparisons.list_agreement_records,
                largest.id,
                level=level,
                min_count=min_count,
            )
    of_one = comparisons.list_comparison_results(session, largest)
    yield _one(findings.list_anomalous_rows, [detection.id for detection in of_one])


def _of_sources(session: Session) -> Iterator[Reading]:
    for tag in (None, "group-3"):
        yield from _paged(session, sources.list_sources, tag=tag)
        yield _one(sources.list_source_names, tag=tag)
    busy = session.exec(select(Source).order_by(col(Source.name))).first()
    assert busy is not None
    yield _one(sources.get_source, busy.name)
    yield _one(sources.count_dependants, busy.id)


def _of_streams(session: Session) -> Iterator[Reading]:
    for status in (None, StreamStatus.RUNNING):
        for tag in (None, "shop"):
            yield from _paged(session, streams.list_streams, status=status, tag=tag)
    ids = list(session.exec(select(Stream.id)).all())
    yield _one(streams.get_stream, ids[0])
    yield _one(stream_progress.stream_progress, ids)
    yield _one(alerts.count_alerts, ids, NOW)
    yield _one(alerts.count_alerts, ids[:1], NOW)
    yield _one(points.list_stream_statistics, ids[0])
    yield _one(points.find_checkpoint, ids[0])
    yield _one(points.known_point_keys, ids[0], ["point-7", "point-8"])
    for flagged in (None, True):
        yield from _paged(session, points.list_points, ids[0], flagged=flagged)


def _of_alerts(session: Session) -> Iterator[Reading]:
    stream_id = session.exec(select(Stream.id).limit(1)).one()
    for stream in (None, stream_id):
        yield from _paged(session, alerts.list_alerts, NOW, AlertFilter(stream))
        for state in AlertState:
            yield from _paged(session, alerts.list_alerts, NOW, AlertFilter(stream, state))
        yield from _paged(session, alerts.list_alerts, NOW, AlertFilter(stream, incident=3))
        yield from _paged(session, alerts.list_alerts, NOW, AlertFilter(stream, since=NOW - _DAY))
        yield from _paged(session, alerts.list_alerts, NOW, AlertFilter(stream, until=NOW - _DAY))
        yield _one(alerts.list_alerts_raised, NOW - _MINUTE, stream)
    some = alerts.list_alerts(session, NOW, limit=1).items[0]
    yield _one(alerts.get_alert, some.id)
    yield _one(alerts.find_alerts_by_key, stream_id, ["7", "8"])


def _one(query: Callable[..., Any], *arguments: Any, **filters: Any) -> Reading:
    return Reading(
        query.__name__, _describe(arguments, filters), partial(_call, query, arguments, filters)
    )


def _paged(
    session: Session, query: Callable[..., Any], *arguments: Any, **filters: Any
) -> Iterator[Reading]:
    """Yield the first page, and the last one, however deep that is."""
    total = query(session, *arguments, **filters, limit=1).total
    for page, offset in (("first", 0), ("last", max(total - _LIMIT, 0))):
        yield Reading(
            query.__name__,
            f"{_describe(arguments, filters)} {page}".strip(),
            partial(_call, query, arguments, filters | {"offset": offset, "limit": _LIMIT}),
        )


def _call(
    query: Callable[..., Any],
    arguments: tuple[Any, ...],
    filters: dict[str, Any],
    session: Session,
) -> Any:
    return query(session, *arguments, **filters)


def _describe(arguments: tuple[Any, ...], filters: dict[str, Any]) -> str:
    """Return the names of the filters that are set."""
    chosen = dict(filters)
    for argument in arguments:
        if isinstance(argument, DetectionFilter | AlertFilter):
            chosen |= vars(argument)
    return " ".join(name for name, value in chosen.items() if value is not None)
