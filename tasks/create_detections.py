"""Write down what is about to be done, before it is begun."""

from collections.abc import Sequence
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from models.queries.runs import create_detections as insert_detections
from models.queries.sources import get_source
from models.session import session_scope
from tasks.database import open_engine, utc_now
from tasks.detection_request import DetectionRequest


@task(cache_policy=NO_CACHE)
def create_detections(sources: Sequence[str], request: DetectionRequest) -> list[UUID]:
    """Create one pending detection a source, in the order of ``sources``.

    Raises:
        UnknownSourceError: no source has one of these names; nothing was created.
        DatabaseError: the database cannot take them.
    """
    flow_run_id = UUID(flow_run.id) if flow_run.id else None
    with session_scope(open_engine()) as session:
        requests = [request.stored(get_source(session, name).id, flow_run_id) for name in sources]
        return [detection.id for detection in insert_detections(session, requests, utc_now())]
