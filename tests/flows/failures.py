"""Make a source fail, and look at what is left of it."""

import pytest

from detectors.batch.statistical import StatisticalConfig
from detectors.detection import prepare_table
from detectors.errors import DetectorError
from detectors.threshold import FalseAlarm
from flows.detect import detect
from models.queries.detections import DetectionFilter, list_detections
from models.queries.findings import get_fitted_detector, list_anomalies, list_column_summaries
from models.queries.sources import add_source, get_source
from models.session import session_scope
from models.status import Status
from models.tables.source import SourceDefinition
from sources.errors import SourceError
from tasks.database import open_engine, utc_now
from tasks.detection_request import DetectionRequest
from tasks.read_source import read_source
from tasks.record_failure import source_named

SECRET = "pa55-w0rd%"


def register(name, kind, roles=None, **config):
    definition = SourceDefinition(name=name, kind=kind, config=config, **roles or {})
    with session_scope(open_engine()) as session:
        return add_source(session, definition, utc_now())


def register_file(home, name, content, roles=None):
    path = home / f"{name}.csv"
    if content is not None:
        path.write_bytes(content)
    register(name, "csv", roles, path=str(path))
    return str(path)


def everything_of(name):
    with session_scope(open_engine(), writes=False) as session:
        source = get_source(session, name)
        [detection] = list_detections(session, DetectionFilter(source.id)).items
        return {
            "source": source.model_dump(),
            "detection": detection.model_dump(),
            "anomalies": [
                row.model_dump() for row in list_anomalies(session, detection.id, limit=99).items
            ],
            "columns": [row.model_dump() for row in list_column_summaries(session, detection.id)],
            "fitted": (
                get_fitted_detector(session, detection.id).payload
                if detection.status is Status.SUCCESS
                else None
            ),
        }


def failure_of_flow(good, name):
    """Return what the flow says of a source it cannot score, once that is in order."""
    state = detect(name, return_state=True)
    assert state.is_failed()
    error = state.result(raise_on_failure=False)
    left = everything_of(name)
    detection = left["detection"]
    assert detection["status"] is Status.ERROR
    assert (detection["error_type"], detection["error_message"]) == (
        type(error).__name__,
        str(error),
    )
    assert str(error) in state.message
    assert (left["anomalies"], left["columns"], detection["threshold"]) == ([], [], None)
    assert everything_of("good") == good
    assert SECRET not in str(error)
    return error


def failure_of_reading(name):
    """Return what reading and preparing a source says, without Prefect around it."""
    with session_scope(open_engine(), writes=False) as session:
        source = get_source(session, name)
    request = DetectionRequest(
        detector=StatisticalConfig(),
        threshold=FalseAlarm(),
        columns=None,
        sample_size=None,
        missing="impute",
        seed=0,
    )
    roles = request.roles(source)
    with pytest.raises((SourceError, DetectorError)) as raised, source_named(name):
        prepare_table(read_source(source, roles.needed), roles)
    return raised.value
