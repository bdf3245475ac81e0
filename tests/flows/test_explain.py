import re
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from sqlalchemy import event, update

import tasks.explain_rows
from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.knn import KnnConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.registry import algorithms, parse_config
from detectors.threshold import Contamination
from flows.detect import detect
from flows.explain import explain
from models.errors import (
    FittedDetectorError,
    RunStatusError,
    UnknownDetectionError,
    UnknownRowError,
)
from models.queries.detections import list_detections
from models.queries.explanations import list_explanations
from models.queries.sources import delete_source
from models.session import session_scope
from models.tables.fitted_detector import FittedDetector
from settings import get_settings
from sources.errors import SourceError
from tasks.database import open_engine
from tests.flows.failures import register

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

N_ROWS = 300
PLANTED = {17: "amount", 230: "items", 291: "amount"}
SHARE = Contamination(share=0.02)


@pytest.fixture
def table(tmp_path):
    """300 orders, of which three are planted: two in ``amount``, one in ``items``."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": [f"order-{i}" for i in range(N_ROWS)],
            "amount": random.normal(50, 5, N_ROWS),
            "items": random.normal(10, 2, N_ROWS),
            "city": random.choice(["Bonn", "Köln", "Ulm"], N_ROWS, p=[0.5, 0.45, 0.05]),
        }
    )
    frame.loc[17, "amount"] = 500.0
    frame.loc[230, "items"] = 90.0
    frame.loc[291, "amount"] = -300.0
    write(frame, tmp_path)
    register(
        "orders",
        "csv",
        {"key_columns": ["id"], "columns": ["amount", "items", "city"]},
        path=str(tmp_path / "orders.csv"),
    )
    return frame


def write(frame, folder):
    frame.to_csv(folder / "orders.csv", index=False)


@pytest.fixture
def found(table):
    """The id of a detection of it by the isolation forest; six rows are anomalies."""
    return str(detect("orders", IsolationForestConfig(n_estimators=50), threshold=SHARE))


@pytest.fixture
def computed(monkeypatch):
    """The numbers of rows that each computation was asked for."""
    counts = []
    share_out = tasks.explain_rows.share_out

    def counting(detector, X, *rest):
        counts.append(len(X))
        return share_out(detector, X, *rest)

    monkeypatch.setattr(tasks.explain_rows, "share_out", counting)
    return counts


@pytest.fixture
def too_large(monkeypatch):
    """Detectors are too large to store."""
    monkeypatch.setenv("VIGIL_FITTED_MAX_BYTES", "100")
    get_settings.cache_clear()


def stored(detection_id):
    with session_scope(open_engine(), writes=False) as session:
        found = list_explanations(session, UUID(detection_id), limit=1000).items
    return {one.row_index: one for one in found}


def shares(explanation):
    return {one["feature"]: one["contribution"] for one in explanation.contributions}


def strongest(explanation):
    return max(explanation.contributions, key=lambda one: one["contribution"])


def anomalies_of(found):
    return explain(found, top=1000).rows


def report_of(source):
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[f"explanation-{source}"]))
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=wanted)
    return str(max(artifacts, key=lambda artifact: artifact.created).data)


def test_the_planted_feature_contributes_most_and_everything_is_kept(found, table):
    explained = explain(found, top=3)
    assert (set(explained.rows), explained.computed) == (set(PLANTED), explained.rows)
    kept = stored(found)
    assert set(kept) == set(PLANTED)
    for row, feature in PLANTED.items():
        one, most = kept[row], strongest(kept[row])
        assert (one.row_key, one.is_anomaly) == (f"order-{row}", True)
        assert most["feature"] == feature
        assert most["value"] == most["encoded"] == table.loc[row, feature]
        low, high = table[feature].quantile([0.05, 0.95])
        assert low - 2 < most["typical_low"] < most["typical_high"] < high + 2
        assert (one.quantity, one.method) == ("score", "forest scores")
        assert one.base + sum(shares(one).values()) + one.residual == pytest.approx(one.score)
        assert abs(one.residual) < 1e-12
        assert (one.seed, one.background_size, one.refitted) == (0, 100, False)
        assert one.percentile > 98
        assert f"{feature} " in one.sentence
    assert strongest(kept[291])["direction"] == "unusually low"
    assert "high" not in kept[291].sentence
    assert "amount -300 is unusually low" in kept[291].sentence
    assert "amount 500 is unusually high" in kept[17].sentence


def test_a_category_is_explained_by_its_name(found, table):
    explain(found, top=3)
    city = {one["feature"]: one for one in stored(found)[17].contributions}["city"]
    assert city["value"] == table.loc[17, "city"]
    assert city["encoded"] == pytest.approx((table["city"] == city["value"]).mean())


def test_the_report_is_an_artifact_of_the_source(found):
    explain(found, top=2)
    report = report_of("orders")
    assert found in report
    assert "data:image/png;base64," in report


@pytest.mark.parametrize("algorithm", [info.name for info in algorithms()])
def test_the_planted_rows_are_explained_by_every_detector(table, algorithm):
    config, columns = parse_config(algorithm), ["amount", "items"]
    found = str(detect("orders", config, columns=columns, threshold=SHARE))
    rows = sorted(set(anomalies_of(found)) & set(PLANTED))
    assert rows
    for row in rows:
        one = stored(found)[row]
        assert strongest(one)["feature"] == PLANTED[row]
        total = one.base + sum(shares(one).values()) + one.residual
        assert total == pytest.approx(one.explained)


def test_the_source_is_not_read_for_anomalies(found, tmp_path):
    (tmp_path / "orders.csv").unlink()
    assert len(explain(found, keys=["order-17"]).rows) == 1


def test_asking_again_computes_only_what_is_missing_in_one_query(found, computed):
    first = explain(found, top=2)
    statements = []
    event.listen(open_engine(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    again = explain(found, top=5)
    assert (len(again.rows), len(again.computed)) == (5, 3)
    assert not set(again.computed) & set(first.rows)
    assert computed == [2, 3]
    cached = [
        one for one in statements if re.search(r"FROM explanation\s+WHERE.*IN.*OR", one, re.S)
    ]
    assert len(cached) == 3  # once for the rows, once for the report, once for the event
    assert explain(found, top=5).computed == ()
    assert computed == [2, 3]


def test_a_refresh_computes_all_again_and_says_the_same(found, computed):
    explain(found, top=3)
    before = stored(found)
    assert len(explain(found, top=3, refresh=True).computed) == 3
    after = stored(found)
    assert computed == [3, 3]
    for row, one in before.items():
        assert after[row].created_at > one.created_at
        assert after[row].contributions == one.contributions


def test_another_seed_or_background_is_computed(table, computed):
    found = str(detect("orders", KnnConfig(), threshold=SHARE))
    explain(found, top=2)
    explain(found, top=2, background=50)
    assert {one.background_size for one in stored(found).values()} == {50}
    explain(found, top=2, background=50, seed=1)
    assert {one.seed for one in stored(found).values()} == {1}
    assert computed == [2, 2, 2]


def test_a_small_table_has_a_small_background_and_is_cached_all_the_same(table, computed):
    found = str(detect("orders", StatisticalConfig(), sample_size=40, threshold=SHARE))
    explain(found, top=2)
    explain(found, top=2, background=500)
    assert {one.background_size for one in stored(found).values()} == {40}
    assert computed == [2]


def test_a_row_that_is_no_anomaly_is_explained_from_the_source(found, table):
    ordinary = next(row for row in range(N_ROWS) if row not in anomalies_of(found))
    explained = explain(found, rows=[ordinary, 17], keys=["order-230", f"order-{ordinary}"])
    assert explained.rows == tuple(sorted({ordinary, 17, 230}))
    one = stored(found)[ordinary]
    assert not one.is_anomaly
    assert one.row_key == f"order-{ordinary}"
    assert "no anomaly" in one.sentence
    assert strongest(one)["value"] == table.loc[ordinary, strongest(one)["feature"]]
    assert one.base + sum(shares(one).values()) == pytest.approx(one.score)
    assert explain(found, keys=[f"order-{ordinary}"]).computed == ()


def test_rows_of_a_sampled_detection_have_the_scores_they_had(table):
    found = str(detect("orders", KnnConfig(), sample_size=100, threshold=SHARE))
    everyone = explain(found, rows=list(range(N_ROWS)))
    assert len(everyone.rows) == N_ROWS
    kept = stored(found)
    with session_scope(open_engine(), writes=False) as session:
        threshold = list_detections(session).items[0].threshold
    assert sum(one.is_anomaly for one in kept.values()) == 6
    assert all(one.is_anomaly == (one.score > threshold) for one in kept.values())


def test_rows_that_were_not_scored_are_left_out_with_the_reason(table, tmp_path):
    table.loc[5, "amount"] = None
    write(table, tmp_path)
    found = str(detect("orders", StatisticalConfig(), missing="drop_rows", threshold=SHARE))
    explained = explain(found, rows=[5, 17])
    assert explained.rows == (17,)
    assert "row 5 was not scored" in explained.left_out[5]
    assert "row 5 was not scored" in report_of("orders")
    with pytest.raises(UnknownRowError, match="row 5 was not scored"):
        explain(found, rows=[5])


def test_what_is_not_in_the_detection_is_refused_before_anything_is_computed(found, computed):
    with pytest.raises(UnknownRowError, match=r"has no row 300: rows of orders .* 0 to 299"):
        explain(found, rows=[17, 300])
    with pytest.raises(UnknownRowError, match="no row -1"):
        explain(found, rows=[-1])
    with pytest.raises(UnknownRowError, match=r"no row of orders has the key 'x'.*value of id"):
        explain(found, keys=["x", "order-17"])
    with pytest.raises(UnknownDetectionError, match="vigil detections list"):
        explain("ffffffff")
    with pytest.raises(UnknownDetectionError, match="is not a detection"):
        explain("orders")
    assert computed == []
    assert stored(found) == {}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rows": []}, "at least 1 item"),
        ({"rows": list(range(1001))}, "at most 1000 items"),
        ({"top": 0}, "greater than or equal to 1"),
        ({"top": 1001}, "less than or equal to 1000"),
        ({"background": 9}, "greater than or equal to 10"),
        ({"background": 501}, "less than or equal to 500"),
        ({"max_features": 0}, "greater than or equal to 1"),
    ],
)
def test_parameters_are_bounded(parameters, message):
    with pytest.raises(Exception, match=message):
        explain("ffffffff", **parameters)


def test_rows_and_keys_together_are_bounded(found):
    with pytest.raises(UnknownRowError, match="1,003 rows to explain, expected 1 to 1,000"):
        explain(found, rows=[1, 2, 3], keys=[f"order-{i}" for i in range(1000)])


def test_a_detection_without_anomalies_wants_rows_to_be_named(table):
    found = str(detect("orders", StatisticalConfig(), threshold={"method": "fixed", "score": 1e9}))
    with pytest.raises(UnknownRowError, match="found no anomalies: name the rows"):
        explain(found)
    assert explain(found, rows=[17]).rows == (17,)


def test_a_detection_that_failed_is_not_explained(tmp_path):
    register("gone", "csv", path=str(tmp_path / "gone.csv"))
    with pytest.raises(SourceError):
        detect("gone")
    with session_scope(open_engine(), writes=False) as session:
        failed = str(list_detections(session).items[0].id)
    with pytest.raises(RunStatusError, match=r"is error, and only one that succeeded"):
        explain(failed)


def test_with_its_source_a_detection_is_gone(found):
    with session_scope(open_engine()) as session:
        delete_source(session, "orders")
    with pytest.raises(UnknownDetectionError):
        explain(found)


def test_a_source_that_is_gone_is_said_where_it_is_needed(found, tmp_path):
    ordinary = next(row for row in range(N_ROWS) if row not in anomalies_of(found))
    (tmp_path / "orders.csv").unlink()
    with pytest.raises(SourceError, match="no such file"):
        explain(found, rows=[ordinary])


def test_a_source_that_has_changed_is_said_where_it_is_needed(found, table, tmp_path):
    ordinary = next(row for row in range(N_ROWS) if row not in anomalies_of(found))
    table.loc[0, "amount"] += 1
    write(table, tmp_path)
    with pytest.raises(FittedDetectorError, match=r"orders has changed since .*detect` again"):
        explain(found, rows=[ordinary])
    assert explain(found, rows=[17]).rows == (17,)


def test_keys_are_of_no_use_without_key_columns(table, tmp_path):
    register("keyless", "csv", path=str(tmp_path / "orders.csv"))
    found = str(detect("keyless", StatisticalConfig()))
    with pytest.raises(UnknownRowError, match="keyless names no key columns"):
        explain(found, keys=["order-17"])


@pytest.mark.parametrize("sample_size", [None, 150])
def test_a_detector_too_large_to_store_is_fitted_again_and_says_so(
    table, monkeypatch, caplog, sample_size
):
    parameters = {"sample_size": sample_size, "threshold": SHARE}
    usual = str(detect("orders", KnnConfig(), **parameters))
    explain(usual, top=3)
    expected = stored(usual)
    monkeypatch.setenv("VIGIL_FITTED_MAX_BYTES", "100")
    get_settings.cache_clear()
    large = str(detect("orders", KnnConfig(), **parameters))
    assert explain(large, top=3).computed == tuple(sorted(expected))
    assert any("too large to store" in message for message in caplog.messages)
    assert "too large to be stored" in report_of("orders")
    for row, one in stored(large).items():
        assert one.refitted
        assert not expected[row].refitted
        assert one.contributions == expected[row].contributions


@pytest.mark.usefixtures("too_large")
def test_a_detector_too_large_to_store_is_not_fitted_on_other_rows(table, tmp_path):
    found = str(detect("orders", StatisticalConfig(), threshold=SHARE))
    table.loc[0, "amount"] += 1
    write(table, tmp_path)
    with pytest.raises(FittedDetectorError, match=r"changed .* too large .*`vigil detect` again"):
        explain(found)
    assert stored(found) == {}


@pytest.mark.usefixtures("too_large")
def test_a_detector_that_scores_otherwise_when_fitted_again_is_an_error(table):
    found = str(detect("orders", StatisticalConfig(), threshold=SHARE))
    with session_scope(open_engine()) as session:
        session.connection().exec_driver_sql("UPDATE anomaly SET score = score * 1.01")
    with pytest.raises(FittedDetectorError, match="scores otherwise, as after an update"):
        explain(found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 1}, "an earlier version of Vigil"),
        ({"libraries": {"numpy": "0.1"}}, r"numpy 0\.1 \(now"),
    ],
)
def test_a_detector_stored_by_other_versions_says_what_to_do(found, changes, message):
    with session_scope(open_engine()) as session:
        session.execute(update(FittedDetector).values(**changes))
    with pytest.raises(FittedDetectorError, match=rf"{message}.*`vigil detect` again"):
        explain(found)
