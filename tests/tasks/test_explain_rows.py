import re

import pytest
from sqlalchemy import event, update

import tasks.explain_rows
from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.knn import KnnConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.registry import algorithms, parse_config
from detectors.threshold import Fixed
from models.errors import (
    FittedDetectorError,
    RunStatusError,
    UnknownDetectionError,
    UnknownRowError,
)
from models.queries.detections import get_detection, list_detections
from models.queries.findings import list_anomalies
from models.queries.sources import delete_source
from models.session import session_scope
from models.tables.anomaly import Anomaly
from models.tables.fitted_detector import FittedDetector
from settings import get_settings
from sources.errors import SourceError
from tasks.database import open_engine
from tasks.explain_rows import explain_rows
from tasks.explanation_request import ExplanationRequest
from tests.tasks.planted_orders import (
    N_ROWS,
    PLANTED,
    detect_orders,
    explanations_of,
    plant_orders,
    register_orders,
    run_step,
    strongest,
    total,
    write_orders,
)

pytestmark = pytest.mark.usefixtures("vigil_home")


def explain(detection_id, **request):
    return run_step(explain_rows, detection_id, ExplanationRequest(**request))


@pytest.fixture
def orders(vigil_home, tmp_path):
    return plant_orders(tmp_path)


@pytest.fixture
def found(orders):
    """The id of a detection of them."""
    return detect_orders(IsolationForestConfig(n_estimators=50))


@pytest.fixture
def ordinary(found):
    """The number of a row that is no anomaly."""
    with session_scope(open_engine(), writes=False) as session:
        detection_id = get_detection(session, found).id
        anomalies = {one.row_index for one in list_anomalies(session, detection_id).items}
    return next(row for row in range(N_ROWS) if row not in anomalies)


@pytest.fixture
def computed(monkeypatch):
    """How many rows each computation is asked for."""
    counts = []
    share_out = tasks.explain_rows.share_out

    def counting(detector, X, *rest):
        counts.append(len(X))
        return share_out(detector, X, *rest)

    monkeypatch.setattr(tasks.explain_rows, "share_out", counting)
    return counts


@pytest.fixture
def too_large(monkeypatch):
    """From now on, detectors are too large to be stored."""

    def begin():
        monkeypatch.setenv("VIGIL_FITTED_MAX_BYTES", "100")
        get_settings.cache_clear()

    return begin


def test_the_planted_feature_contributes_most_and_everything_is_kept(found, orders):
    explained = explain(found, top=3)
    assert (set(explained.rows), explained.computed) == (set(PLANTED), explained.rows)
    kept = explanations_of(found)
    assert set(kept) == set(PLANTED)
    for row, feature in PLANTED.items():
        one, most = kept[row], strongest(kept[row])
        assert (one.row_key, one.is_anomaly) == (f"order-{row}", True)
        assert most["feature"] == feature
        assert most["value"] == most["encoded"] == orders.loc[row, feature]
        low, high = orders[feature].quantile([0.05, 0.95])
        assert low - 2 < most["typical_low"] < most["typical_high"] < high + 2
        assert (one.quantity, one.method) == ("score", "forest scores")
        assert total(one) == pytest.approx(one.score)
        assert abs(one.residual) < 1e-12
        assert (one.seed, one.background_size, one.refitted) == (0, 100, False)
        assert one.percentile > 98
    assert strongest(kept[291])["direction"] == "unusually low"
    assert "amount -300 is unusually low" in kept[291].sentence
    assert "high" not in kept[291].sentence
    assert "amount 500 is unusually high" in kept[17].sentence


def test_a_category_is_explained_by_its_name(found, orders):
    explain(found, top=3)
    city = {one["feature"]: one for one in explanations_of(found)[17].contributions}["city"]
    assert city["value"] == orders.loc[17, "city"]
    assert city["encoded"] == pytest.approx((orders["city"] == city["value"]).mean())


def test_a_category_too_long_to_be_shown_is_explained_as_it_was_scored(orders, tmp_path):
    orders["city"] = ["x" * 600 + str(i % 7 == 0) for i in range(N_ROWS)]
    write_orders(orders, tmp_path)
    found = detect_orders(IsolationForestConfig(n_estimators=50))
    explain(found, top=3)
    for row, one in explanations_of(found).items():
        city = {share["feature"]: share for share in one.contributions}["city"]
        assert len(city["value"]) == 500
        assert city["encoded"] == pytest.approx((orders["city"] == orders.loc[row, "city"]).mean())
        assert total(one) == pytest.approx(one.score)


@pytest.mark.parametrize("algorithm", [info.name for info in algorithms()])
def test_the_planted_rows_are_explained_by_every_detector(orders, algorithm):
    found = detect_orders(parse_config(algorithm), columns=["amount", "items"])
    explain(found, top=1000)
    kept = explanations_of(found)
    assert set(kept) & set(PLANTED)
    for row in set(kept) & set(PLANTED):
        assert strongest(kept[row])["feature"] == PLANTED[row]
        assert total(kept[row]) == pytest.approx(kept[row].explained)


def test_the_source_is_not_read_for_anomalies(found, tmp_path):
    (tmp_path / "orders.csv").unlink()
    assert explain(found, rows=(17,), keys=("order-230",)).rows == (17, 230)


def test_asking_again_computes_only_what_is_missing_in_one_query(found, computed):
    first = explain(found, top=2)
    statements = []
    event.listen(open_engine(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    again = explain(found, top=5)
    assert (len(again.rows), len(again.computed)) == (5, 3)
    assert not set(again.computed) & set(first.rows)
    assert computed == [2, 3]
    assert sum(bool(re.search(r"^SELECT.*FROM explanation", one, re.S)) for one in statements) == 1
    assert explain(found, top=5).computed == ()
    assert computed == [2, 3]


def test_a_refresh_computes_all_again_and_says_the_same(found, computed):
    explain(found, top=3)
    before = explanations_of(found)
    assert len(explain(found, top=3, refresh=True).computed) == 3
    after = explanations_of(found)
    assert computed == [3, 3]
    for row, one in before.items():
        assert after[row].created_at > one.created_at
        assert after[row].contributions == one.contributions


def test_another_seed_or_background_is_computed(orders, computed):
    found = detect_orders(KnnConfig())
    explain(found, top=2)
    explain(found, top=2, background=50)
    assert {one.background_size for one in explanations_of(found).values()} == {50}
    explain(found, top=2, background=50, seed=1)
    assert {one.seed for one in explanations_of(found).values()} == {1}
    assert computed == [2, 2, 2]


def test_few_rows_are_a_small_background_and_cached_all_the_same(orders, computed):
    found = detect_orders(StatisticalConfig(), sample_size=40)
    explain(found, top=2)
    explain(found, top=2, background=500)
    assert {one.background_size for one in explanations_of(found).values()} == {40}
    assert computed == [2]


def test_a_row_that_is_no_anomaly_is_explained_from_the_source(found, ordinary, orders):
    keys = ("order-230", f"order-{ordinary}")
    assert explain(found, rows=(ordinary, 17), keys=keys).rows == tuple(sorted({ordinary, 17, 230}))
    one = explanations_of(found)[ordinary]
    assert (one.row_key, one.is_anomaly) == (f"order-{ordinary}", False)
    assert "so this row is no anomaly" in one.sentence
    assert strongest(one)["value"] == orders.loc[ordinary, strongest(one)["feature"]]
    assert total(one) == pytest.approx(one.score)


def test_a_key_that_was_explained_before_needs_no_source(found, ordinary, tmp_path):
    explain(found, keys=(f"order-{ordinary}",))
    (tmp_path / "orders.csv").unlink()
    again = explain(found, keys=(f"order-{ordinary}",))
    assert (again.rows, again.computed) == ((ordinary,), ())


def test_rows_of_a_sampled_detection_have_the_scores_they_had(orders):
    found = detect_orders(KnnConfig(), sample_size=100)
    explain(found, rows=tuple(range(N_ROWS)))
    kept = explanations_of(found).values()
    with session_scope(open_engine(), writes=False) as session:
        detection = get_detection(session, found)
    assert len(kept) == N_ROWS
    assert sum(one.is_anomaly for one in kept) == 6
    assert all(one.is_anomaly == (one.score > detection.threshold) for one in kept)
    assert min(one.score for one in kept) == detection.score_quantiles["0"]


def test_rows_that_were_not_scored_are_left_out_with_the_reason(orders, tmp_path):
    orders.loc[5, "amount"] = None
    write_orders(orders, tmp_path)
    found = detect_orders(StatisticalConfig(), missing="drop_rows")
    explained = explain(found, rows=(5, 17))
    assert explained.rows == (17,)
    assert "row 5 was not scored" in explained.left_out[5]
    with pytest.raises(UnknownRowError, match="row 5 was not scored"):
        explain(found, rows=(5,))


def test_what_is_not_in_the_detection_is_refused_before_anything_is_computed(found, computed):
    with pytest.raises(UnknownRowError, match=r"has no row 300: rows of orders .* 0 to 299"):
        explain(found, rows=(17, 300))
    with pytest.raises(UnknownRowError, match="no row -1"):
        explain(found, rows=(-1,))
    with pytest.raises(UnknownRowError, match=r"no row of orders has the key 'x'.*value of id"):
        explain(found, keys=("x", "order-17"))
    with pytest.raises(UnknownDetectionError, match="vigil detections list"):
        explain("ffffffff")
    with pytest.raises(UnknownDetectionError, match="is no detection"):
        explain("orders")
    assert computed == []
    assert explanations_of(found) == {}


@pytest.mark.parametrize(
    ("request_", "count"),
    [
        ({"rows": ()}, "0"),
        ({"rows": (1, 2, 3), "keys": tuple(f"order-{i}" for i in range(1000))}, "1,003"),
        ({"top": 1001}, "1,001"),
    ],
)
def test_the_number_of_rows_is_bounded(found, request_, count):
    with pytest.raises(UnknownRowError, match=f"{count} rows to explain, expected 1 to 1,000"):
        explain(found, **request_)


def test_rows_that_share_a_key_are_bounded_too(tmp_path, orders):
    many = orders.loc[orders.index.repeat(5)].assign(id="same")
    write_orders(many, tmp_path)
    found = detect_orders(StatisticalConfig(), threshold=Fixed(score=1e9))
    with pytest.raises(UnknownRowError, match="1,500 rows to explain"):
        explain(found, keys=("same",))


def test_a_detection_without_anomalies_wants_rows_to_be_named(orders):
    found = detect_orders(StatisticalConfig(), threshold=Fixed(score=1e9))
    with pytest.raises(UnknownRowError, match="found no anomalies: name the rows"):
        explain(found)
    assert explain(found, rows=(17,)).rows == (17,)


def test_a_detection_that_failed_is_not_explained(orders, tmp_path):
    (tmp_path / "orders.csv").unlink()
    with pytest.raises(SourceError):
        detect_orders(StatisticalConfig())
    with session_scope(open_engine(), writes=False) as session:
        failed = list_detections(session).items[0].id
    with pytest.raises(RunStatusError, match="is error, and only one that succeeded"):
        explain(failed)


def test_with_its_source_a_detection_is_gone(found):
    with session_scope(open_engine()) as session:
        delete_source(session, "orders")
    with pytest.raises(UnknownDetectionError):
        explain(found)


def test_a_source_that_is_gone_is_said_where_it_is_needed(found, ordinary, tmp_path):
    (tmp_path / "orders.csv").unlink()
    with pytest.raises(SourceError, match="no such file"):
        explain(found, rows=(ordinary,))


def test_a_source_that_has_changed_is_said_where_it_is_needed(found, ordinary, orders, tmp_path):
    orders.loc[0, "amount"] += 1
    write_orders(orders, tmp_path)
    with pytest.raises(FittedDetectorError, match=r"orders has changed since .*detect` again"):
        explain(found, rows=(ordinary,))
    assert explain(found, rows=(17,)).rows == (17,)


def test_keys_are_of_no_use_without_key_columns(orders, tmp_path):
    register_orders("keyless", tmp_path)
    found = detect_orders(StatisticalConfig(), "keyless")
    with pytest.raises(UnknownRowError, match="keyless names no key columns"):
        explain(found, keys=("order-17",))


@pytest.mark.parametrize("sample_size", [None, 150])
def test_a_detector_too_large_to_store_is_fitted_again_and_says_so(orders, too_large, sample_size):
    usual = detect_orders(KnnConfig(), sample_size=sample_size)
    explain(usual, top=3)
    too_large()
    large = detect_orders(KnnConfig(), sample_size=sample_size)
    explain(large, top=3)
    expected = explanations_of(usual)
    for row, one in explanations_of(large).items():
        assert one.refitted
        assert not expected[row].refitted
        assert one.contributions == expected[row].contributions


def test_a_detector_too_large_to_store_is_not_fitted_on_other_rows(orders, too_large, tmp_path):
    too_large()
    found = detect_orders(StatisticalConfig())
    orders.loc[0, "amount"] += 1
    write_orders(orders, tmp_path)
    with pytest.raises(FittedDetectorError, match=r"changed .* too large .*`vigil detect` again"):
        explain(found)
    assert explanations_of(found) == {}


def test_a_detector_that_scores_otherwise_when_fitted_again_is_an_error(orders, too_large):
    too_large()
    found = detect_orders(StatisticalConfig())
    with session_scope(open_engine()) as session:
        session.execute(update(Anomaly).values(score=Anomaly.score * 1.01))
    with pytest.raises(FittedDetectorError, match="scores otherwise, as after an update"):
        explain(found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 1}, "an earlier version of Vigil"),
        ({"libraries": {"numpy": "0.1"}}, r"numpy 0\.1 \(now"),
        ({"payload": b"cos\nsystem\n"}, "was not signed with the key of this process"),
        ({"algorithm": "knn"}, "was not signed with the key of this process"),
    ],
)
def test_a_detector_stored_by_other_versions_or_by_others_says_what_to_do(found, changes, message):
    with session_scope(open_engine()) as session:
        session.execute(update(FittedDetector).values(**changes))
    with pytest.raises(FittedDetectorError, match=rf"{message}.*`vigil detect` again"):
        explain(found)
