"""Write down a comparison before it is begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from models.queries.comparison_life import start_comparison
from models.queries.comparisons import create_comparison as insert_comparison
from models.queries.sources import get_source
from models.session import session_scope
from tasks.comparison_request import label_apart
from tasks.create_batch import current_flow_run
from tasks.database import open_engine, utc_now
from tasks.detection_request import DetectionRequest


@dataclass(frozen=True)
class ComparisonWork:
    """What a comparison has to do.

    Attributes:
        detectors: label of each detector, by its pending detection.
    """

    comparison_id: UUID
    detectors: dict[UUID, str]


@task(cache_policy=NO_CACHE)
def create_comparison(source: str, requests: Sequence[DetectionRequest]) -> ComparisonWork:
    """Create a comparison with a pending detection a request, and start it.

    Args:
        source: name of a registered source.
        requests: one a detector, alike in all but the detector.

    Raises:
        UnknownSourceError: no source has this name; nothing was created.
    """
    flow_run_id = current_flow_run()
    labels = label_apart([request.detector for request in requests])
    now = utc_now()
    with session_scope(open_engine()) as session:
        source_id = get_source(session, source).id
        comparison, detections = insert_comparison(
            session,
            requests[0].stored_comparison(source_id, flow_run_id),
            [
                request.stored(source_id, flow_run_id, label)
                for request, label in zip(requests, labels, strict=True)
            ],
            now,
        )
        start_comparison(session, comparison.id, now)
    by_id = zip(detections, labels, strict=True)
    return ComparisonWork(comparison.id, {detection.id: label for detection, label in by_id})
