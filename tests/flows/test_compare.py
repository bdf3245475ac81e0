from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata, spearmanr

from detectors.batch.dbscan import DbscanConfig
from detectors.batch.hbos import HbosConfig
from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.knn import KnnConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.registry import build_detector
from detectors.threshold import Contamination
from flows.compare import AllDetectorsFailedError, compare
from models.queries.comparisons import (
    get_comparison,
    list_agreement_records,
    list_comparison_results,
    list_comparisons,
)
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.tables.source import SourceDefinition
from sources.errors import SourceError
from tasks.database import open_engine, utc_now

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

PLANTED = [3, 77, 150]
FEATURES = ["a", "b", "c"]


def register(name, path, **roles):
    definition = SourceDefinition(name=name, kind="csv", config={"path": str(path)}, **roles)
    with session_scope(open_engine()) as session:
        add_source(session, definition, utc_now())


@pytest.fixture
def orders(tmp_path) -> pd.DataFrame:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 3)), columns=FEATURES)
    frame.loc[PLANTED, FEATURES] = [[9, 9, 9], [-8, 8, 7], [0, 12, -9]]
    frame.insert(0, "id", range(1000, 1200))
    frame["fraud"] = frame.index.isin(PLANTED).astype(int)
    frame.to_csv(tmp_path / "orders.csv", index=False)
    register("orders", tmp_path / "orders.csv", key_columns=["id"], label_column="fraud")
    return frame


def stored(comparison_id):
    with session_scope(open_engine(), writes=False) as session:
        comparison = get_comparison(session, comparison_id)
        return (
            comparison,
            list_comparison_results(session, comparison),
            list_agreement_records(session, comparison_id, limit=1000).items,
        )


def test_everything_is_right_when_recomputed_by_hand(orders):
    configs = [IsolationForestConfig(), KnnConfig(), HbosConfig(), StatisticalConfig()]
    share = Contamination(share=0.05)
    comparison, detections, records = stored(compare("orders", configs, threshold=share))
    X = orders[FEATURES].to_numpy()
    scores = {c.algorithm: build_detector(c, 0).fit(X).decision_scores_ for c in configs}
    flags = {name: s > np.sort(s)[-11] for name, s in scores.items()}
    counts = sum(flag.astype(int) for flag in flags.values())

    assert comparison.status is Status.SUCCESS
    assert [detection.label for detection in detections] == list(scores)
    assert [detection.anomaly_count for detection in detections] == [
        int(flag.sum()) for flag in flags.values()
    ]
    assert comparison.flagged_rows == (counts > 0).sum() == len(records)
    assert comparison.flagged_by_all == (counts == 4).sum()
    assert comparison.flagged_by_majority == (counts == 3).sum()
    assert comparison.flagged_by_some == (counts == 2).sum()
    assert comparison.flagged_by_one == (counts == 1).sum()
    ranks = np.mean([rankdata(-s) for s in scores.values()], axis=0)
    for record in records:
        row = record.row_index
        assert set(record.detectors) == {name for name, flag in flags.items() if flag[row]}
        assert record.mean_rank == pytest.approx(ranks[row])
        assert record.confidence == counts[row] / 4
        assert record.row_key == str(1000 + row)
        assert record.values == pytest.approx(orders.loc[row, FEATURES].to_dict())
        assert record.label == (row in PLANTED)
    pairs = {(pair["first"], pair["second"]): pair for pair in comparison.pairs}
    assert set(pairs) == set(combinations(scores, 2))
    for (first, second), pair in pairs.items():
        assert pair["both"] == (flags[first] & flags[second]).sum()
        assert pair["either"] == (flags[first] | flags[second]).sum()
        assert pair["jaccard"] == pytest.approx(pair["both"] / pair["either"])
        assert pair["spearman"] == pytest.approx(spearmanr(scores[first], scores[second]).statistic)
    graded = comparison.level_grades["all"]
    found = sum(counts[row] == 4 for row in PLANTED)
    assert graded["found"] == found
    assert graded["precision"] == pytest.approx(found / comparison.flagged_by_all)
    assert graded["recall"] == pytest.approx(found / 3)


def test_the_planted_rows_come_first(orders):
    _, _, records = stored(compare("orders"))
    assert {record.row_index for record in records[:3]} == set(PLANTED)
    assert [record.rank for record in records] == list(range(1, len(records) + 1))
    assert records[0].level == "all"


def test_the_same_algorithm_twice_is_labelled_apart(orders):
    twice = [KnnConfig(), KnnConfig(n_neighbors=50), KnnConfig(n_neighbors=50)]
    comparison, _, _ = stored(compare("orders", twice))
    assert comparison.labels == ["knn", "knn n_neighbors=50 (1)", "knn n_neighbors=50 (2)"]
    assert comparison.pairs[2]["jaccard"] == comparison.pairs[2]["spearman"] == 1.0


def test_a_detector_that_fails_changes_nothing_for_the_others(tmp_path):
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(12, 3)), columns=FEATURES)
    frame.to_csv(tmp_path / "short.csv", index=False)
    register("short", tmp_path / "short.csv")
    both = [KnnConfig(), StatisticalConfig()]
    alone, _, alone_records = stored(compare("short", both))
    failing = DbscanConfig(min_samples=50)
    comparison, detections, records = stored(compare("short", [*both, failing]))
    assert [run.status.value for run in detections] == ["success", "success", "error"]
    assert detections[2].error_message
    assert comparison.status is Status.PARTIAL
    assert comparison.succeeded == 2
    assert comparison.pairs == alone.pairs
    assert [(r.row_index, r.level, r.confidence) for r in records] == [
        (r.row_index, r.level, r.confidence) for r in alone_records
    ]


def test_when_all_detectors_fail_so_does_the_flow_run(tmp_path):
    pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 5.0]}).to_csv(tmp_path / "tiny.csv", index=False)
    register("tiny", tmp_path / "tiny.csv")
    with pytest.raises(AllDetectorsFailedError, match="all 2 detectors failed"):
        compare("tiny", [DbscanConfig()] * 2)
    with session_scope(open_engine(), writes=False) as session:
        [comparison] = list_comparisons(session).items
    assert comparison.status is Status.ERROR


def test_a_source_that_cannot_be_read_is_said_in_the_comparison(tmp_path):
    register("gone", tmp_path / "gone.csv")
    with pytest.raises(SourceError) as raised:
        compare("gone")
    with session_scope(open_engine(), writes=False) as session:
        [comparison] = list_comparisons(session).items
    assert comparison.status is Status.ERROR
    assert comparison.error_message == str(raised.value)
    assert "gone.csv" in comparison.error_message


def test_the_number_of_detectors_is_bounded(orders):
    with pytest.raises(Exception, match="at least 2 items"):
        compare("orders", [KnnConfig()])
    with pytest.raises(Exception, match="at most 12 items"):
        compare("orders", [KnnConfig()] * 13)
