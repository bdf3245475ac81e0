"""Pruning as a flow: its report, its event, and what interrupts it."""

from datetime import timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from flows.prune import prune
from models.queries.detections import list_detections
from models.queries.pruning import delete_detections
from models.queries.runs import create_detections, finish_detection, start_detection
from models.queries.sources import add_source
from models.session import session_scope
from tasks import prune_history
from tasks.database import open_engine, utc_now
from tests.models.examples import definition, request_for, result

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")


@pytest.fixture
def history(vigil_home):
    """Detections of today, of a hundred days ago, and of two years ago."""
    with session_scope(open_engine()) as session:
        source = add_source(session, definition(), utc_now())
        for days in (0, 100, 730):
            at = utc_now() - timedelta(days=days)
            [detection] = create_detections(session, [request_for(source)], at)
            start_detection(session, detection.id, at)
            finish_detection(session, detection.id, result(20), at)


def ages():
    with session_scope(open_engine(), writes=False) as session:
        return [(utc_now() - one.created_at).days for one in list_detections(session).items]


def report():
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["prune-report"]))
    with get_client(sync_client=True) as client:
        return max(client.read_artifacts(artifact_filter=wanted), key=lambda one: one.created)


def test_without_more_being_said_nothing_is_removed(history):
    found = prune(keep_last=0)
    assert {table.name: table.rows for table in found.tables} == {
        "detection": 2,
        "anomaly": 40,
        "column_summary": 4,
        "fitted_detector": 2,
    }
    assert found.dry_run
    assert found.bytes > 1000
    assert ages() == [0, 100, 730]
    assert "would be removed" in report().data
    assert "vigil prune --older-than 90d --keep-last 0 --no-dry-run" in report().data


@pytest.mark.parametrize(
    ("age", "left"), [("90d", [0]), ("14w", [0]), ("15w", [0, 100]), ("1y", [0, 100])]
)
def test_what_is_older_is_removed_and_reported(history, age, left):
    found = prune(age, keep_last=0, dry_run=False)
    assert ages() == left
    assert found.rows == (3 - len(left)) * 24
    assert f"| detection | {3 - len(left)} |" in report().data
    assert "`vigil db vacuum` gives it back" in report().data


def test_the_last_ones_stay_whatever_their_age(history):
    assert prune(dry_run=False).rows == 0
    assert ages() == [0, 100, 730]
    assert "Nothing was removed" in report().data


def test_a_run_that_is_cancelled_has_removed_what_it_has_and_the_next_goes_on(history, monkeypatch):
    calls = []

    def interrupted(session, ids, limit):
        calls.append(ids)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return delete_detections(session, ids, 5)

    with monkeypatch.context() as patched:
        patched.setattr(prune_history, "delete_detections", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prune(keep_last=0, dry_run=False)
    assert ages() == [0, 100, 730]
    found = prune("50y", keep_last=100, dry_run=False)
    assert {table.name: table.rows for table in found.tables} == {
        "detection": 2,
        "anomaly": 35,
        "column_summary": 4,
        "fitted_detector": 2,
    }
    assert ages() == [0]


@pytest.mark.parametrize("age", ["90", "90 days", "0d", "-1d", "1.5y", "99999d"])
def test_what_is_no_age_is_refused_before_anything_is_removed(history, age):
    state = prune(age, dry_run=False, return_state=True)
    assert state.is_failed()
    assert "older_than" in state.message
    assert ages() == [0, 100, 730]
