import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.threshold import Fixed
from flows.batch import batch
from flows.detect import detect
from flows.explain import explain
from models.queries.batches import list_batch_results
from models.queries.detections import get_detection
from models.session import session_scope
from models.status import Status
from settings import get_settings
from tasks.database import open_engine
from tests.flows.failures import register
from tests.tasks.planted_orders import (
    PLANTED,
    SHARE,
    detect_orders,
    explanations_of,
    plant_orders,
    write_orders,
)

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")


@pytest.fixture
def orders(vigil_home, tmp_path):
    return plant_orders(tmp_path)


@pytest.fixture
def unstorable(monkeypatch):
    """Detectors are too large to be stored."""
    monkeypatch.setenv("VIGIL_FITTED_MAX_BYTES", "100")
    get_settings.cache_clear()


def report_of(source):
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[f"explanation-{source}"]))
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=wanted)
    return str(max(artifacts, key=lambda artifact: artifact.created).data)


def test_explained_rows_are_kept_and_reported(orders):
    found = detect_orders(IsolationForestConfig(n_estimators=50))
    explained = explain(found[:8], top=3)
    assert str(explained.detection_id) == found
    assert set(explanations_of(found)) == set(explained.rows) == set(PLANTED)
    report = report_of("orders")
    assert found in report
    assert "order-17" in report
    assert "data:image/png;base64," in report


def test_a_report_says_what_was_left_out_and_that_the_detector_was_fitted_again(
    orders, unstorable, tmp_path, caplog
):
    orders.loc[5, "amount"] = None
    write_orders(orders, tmp_path)
    found = detect_orders(StatisticalConfig(), missing="drop_rows")
    explain(found, rows=[5, 17])
    report = report_of("orders")
    assert "row 5 was not scored" in report
    assert "too large to be stored" in report
    assert any("too large to store" in message for message in caplog.messages)


def test_a_flow_run_that_cannot_explain_fails_with_the_reason(orders):
    state = explain("ffffffff", return_state=True)
    assert state.is_failed()
    assert "no detection has the id ffffffff" in state.message


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rows": []}, "at least 1 item"),
        ({"rows": list(range(1001))}, "at most 1000 items"),
        ({"keys": []}, "at least 1 item"),
        ({"top": 0}, "greater than or equal to 1"),
        ({"top": 1001}, "less than or equal to 1000"),
        ({"background": 9}, "greater than or equal to 10"),
        ({"background": 501}, "less than or equal to 500"),
        ({"max_features": 0}, "greater than or equal to 1"),
    ],
)
def test_parameters_are_bounded(parameters, message):
    state = explain("ffffffff", **parameters, return_state=True)
    assert state.is_failed()
    assert message in state.message


def test_a_detection_explains_its_strongest_anomalies_when_asked(orders):
    found = detect("orders", StatisticalConfig(), threshold=SHARE, explain_top=2)
    assert len(explanations_of(found)) == 2
    assert str(found) in report_of("orders")


def test_a_detection_without_anomalies_explains_none(orders):
    found = detect("orders", StatisticalConfig(), threshold=Fixed(score=1e9), explain_top=2)
    assert explanations_of(found) == {}


@pytest.fixture
def changing(orders, unstorable, http_server):
    """A source that holds something else the second time it is read."""
    numbers = orders[["amount", "items"]]
    for frame in (numbers, numbers + 1):
        http_server.answer("/changing", frame.to_dict("records"))
    register("changing", "http", url=f"{http_server.url}/changing")


def test_an_explanation_that_fails_leaves_the_detection_as_it_is(changing, caplog):
    state = detect("changing", StatisticalConfig(), explain_top=2, return_state=True)
    assert state.is_completed()
    with session_scope(open_engine(), writes=False) as session:
        assert get_detection(session, state.result()).status is Status.SUCCESS
    assert any("changing are not explained" in message for message in caplog.messages)
    report = report_of("changing")
    assert "has changed since detection" in report
    assert f"vigil explain {state.result()}" in report


def test_a_batch_explains_every_source_it_can_and_says_how_many_it_cannot(changing):
    state = batch(
        ["orders", "changing"],
        detector=StatisticalConfig(),
        threshold=SHARE,
        source_reports=1,
        explain_top=2,
        return_state=True,
    )
    assert state.is_completed()
    assert "success: 2 of 2 sources" in state.message
    assert state.message.endswith("; 1 could not be explained, see their reports")
    with session_scope(open_engine(), writes=False) as session:
        results = list_batch_results(session, state.result()).items
    explained = {one.source_name: len(explanations_of(one.id)) for one in results}
    assert explained == {"orders": 2, "changing": 0}
