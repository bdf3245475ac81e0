from collections.abc import Iterator
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from detectors.batch.knn import KnnConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.errors import DetectorError
from detectors.kernels.cache import cache_folder
from detectors.threshold import Contamination, FalseAlarm
from flows.detect import detect
from models.errors import UnknownSourceError
from models.queries.detections import get_detection, list_detections
from models.queries.findings import (
    get_fitted_detector,
    list_anomalies,
    list_column_summaries,
)
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.tables.source import SourceDefinition
from sources.errors import SourceError
from tasks.database import open_engine, utc_now

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

N_ROWS, PLANTED = 400, [17, 230, 391]


@pytest.fixture
def orders(tmp_path) -> str:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": [f"order-{i}" for i in range(N_ROWS)],
            "amount": random.normal(50, 5, N_ROWS),
            "items": random.integers(1, 6, N_ROWS),
            "same": 1,
            "city": random.choice(["Bonn", "Köln"], N_ROWS),
        }
    )
    frame.loc[PLANTED, "amount"] = [500.0, -300.0, 900.0]
    frame.loc[5, "items"] = None
    frame["fraud"] = frame.index.isin(PLANTED).astype(int)
    path = tmp_path / "orders.csv"
    frame.to_csv(path, index=False)
    register("orders", path, key_columns=["id"], label_column="fraud")
    return "orders"


def register(name, path, **roles):
    definition = SourceDefinition(name=name, kind="csv", config={"path": str(path)}, **roles)
    with session_scope(open_engine()) as session:
        add_source(session, definition, utc_now())


def stored(detection_id: UUID):
    with session_scope(open_engine(), writes=False) as session:
        return (
            get_detection(session, detection_id),
            list_anomalies(session, detection_id, limit=1000).items,
            {summary.column: summary for summary in list_column_summaries(session, detection_id)},
        )


def report_of(source: str) -> str:
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[f"detection-{source}"]))
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=wanted)
    return str(max(artifacts, key=lambda artifact: artifact.created).data)


def test_planted_rows_are_the_strongest_anomalies_and_everything_is_kept(orders):
    detection, anomalies, columns = stored(detect(orders))
    assert detection.status is Status.SUCCESS
    assert {row.row_index for row in anomalies[:3]} == set(PLANTED)
    assert [row.rank for row in anomalies] == list(range(1, len(anomalies) + 1))
    assert detection.anomaly_count == len(anomalies)
    assert all(row.score > detection.threshold for row in anomalies)
    strongest = anomalies[0]
    assert strongest.row_key == f"order-{strongest.row_index}"
    assert strongest.label is True
    assert set(strongest.values) == {"amount", "items"}
    assert "amount" in strongest.standouts
    assert strongest.p_value < 1 / detection.clean_rows
    assert (detection.total_rows, detection.scored_rows) == (N_ROWS, N_ROWS)
    assert detection.features == ["amount", "items"]
    assert set(detection.left_out) == {"same", "city"}
    assert detection.auroc == 1.0
    assert (detection.known_anomalies, detection.found_anomalies) == (3, 3)
    assert columns["items"].missing == 1
    assert columns["same"].constant
    assert sum(detection.score_histogram["counts"]) == N_ROWS
    assert detection.flow_run_id is not None


def test_a_column_counts_the_anomalies_that_are_extreme_in_it(orders, tmp_path):
    _, anomalies, columns = stored(detect(orders, threshold=Contamination(share=0.05)))
    assert len(anomalies) == 20
    amount = pd.read_csv(tmp_path / "orders.csv")["amount"]
    deviation = (amount - amount.median()).abs()
    extreme = 0.6745 * deviation / deviation.median() > 3.5
    expected = int(extreme[[row.row_index for row in anomalies]].sum())
    assert columns["amount"].extreme_anomalies == expected < 20
    assert columns["items"].extreme_anomalies == 0
    assert not columns["city"].watched


def test_the_report_is_an_artifact_of_the_source(orders):
    detection_id = detect(orders)
    report = report_of(orders)
    assert str(detection_id) in report
    assert "data:image/png;base64," in report
    assert "order-17" in report


def test_the_same_seed_gives_the_same_result(orders):
    first, rows, _ = stored(detect(orders, seed=3, sample_size=100))
    second, again, _ = stored(detect(orders, seed=3, sample_size=100))
    assert first.threshold == second.threshold
    assert first.fingerprint == second.fingerprint
    assert [row.score for row in rows] == [row.score for row in again]


def test_a_sample_is_fitted_and_every_row_scored_under_its_own_number(orders):
    detection, anomalies, _ = stored(detect(orders, KnnConfig(), sample_size=50))
    assert detection.scored_rows == N_ROWS
    assert {row.row_index for row in anomalies[:3]} == set(PLANTED)


def test_named_columns_are_the_only_ones_watched(orders):
    detection, _, _ = stored(detect(orders, columns=["items", "city"]))
    assert detection.features == ["items", "city"]


def test_rows_with_missing_values_can_be_left_unscored(orders):
    detection, anomalies, _ = stored(detect(orders, missing="drop_rows"))
    assert (detection.total_rows, detection.scored_rows) == (N_ROWS, N_ROWS - 1)
    assert {row.row_index for row in anomalies[:3]} == set(PLANTED)


def test_a_stricter_rate_flags_fewer_rows(orders):
    loose, _, _ = stored(detect(orders, threshold=FalseAlarm(rate=0.05)))
    strict, _, _ = stored(detect(orders, threshold=FalseAlarm(rate=0.001)))
    assert strict.anomaly_count <= loose.anomaly_count
    assert strict.threshold >= loose.threshold


def test_the_fitted_detector_is_kept(orders):
    detection_id = detect(orders, StatisticalConfig())
    with session_scope(open_engine(), writes=False) as session:
        fitted = get_fitted_detector(session, detection_id)
    assert fitted.algorithm == "statistical"
    assert fitted.size_bytes == len(fitted.payload) > 0
    assert "numpy" in fitted.libraries


@pytest.fixture
def nothing_compiled(tmp_path, monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    cache_folder.cache_clear()
    yield
    cache_folder.cache_clear()


@pytest.mark.usefixtures("nothing_compiled")
def test_the_log_says_why_the_first_detection_takes_longer(orders, caplog):
    detect(orders)
    detect(orders, StatisticalConfig())
    said = [message for message in caplog.messages if message.startswith("compiling")]
    assert said == ["compiling the kernels of Isolation forest, once, about 5 s"]


def test_a_failure_is_kept_in_the_words_of_the_flow_run(tmp_path):
    register("gone", tmp_path / "gone.csv")
    with pytest.raises(SourceError) as raised:
        detect("gone")
    with session_scope(open_engine(), writes=False) as session:
        [detection] = list_detections(session).items
    assert detection.status is Status.ERROR
    assert detection.error_type == "SourceError"
    assert detection.error_message == str(raised.value)
    assert "no such file" in report_of("gone")


def test_the_flow_run_fails_with_the_message(tmp_path):
    (tmp_path / "flat.csv").write_text("x\n1\n1\n1\n")
    register("flat", tmp_path / "flat.csv")
    state = detect("flat", return_state=True)
    assert state.is_failed()
    assert "no column is left" in state.message
    with pytest.raises(DetectorError, match="the same value in every row"):
        state.result()


def test_an_unknown_source_is_said_before_anything_is_written(orders):
    with pytest.raises(UnknownSourceError, match=r"'order'.*did you mean 'orders'"):
        detect("order")
    with session_scope(open_engine(), writes=False) as session:
        assert list_detections(session).total == 0
