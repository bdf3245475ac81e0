"""Rows without a value to score are skipped, and every command says so."""

import numpy as np
import pandas as pd
import pytest

from models.tables.stream_point import StreamPoint
from tasks.database import utc_now

EMPTY = range(390, 395)


@pytest.fixture
def gaps(vigil, tmp_path) -> str:
    """Name of a stream over 400 rows; ``mem`` is empty from row 200 on, and five rows are."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"load": random.normal(40, 3, 400), "mem": random.normal(7, 1, 400)})
    frame.loc[200:, "mem"] = np.nan
    frame.loc[EMPTY, "load"] = np.nan
    frame.loc[300, "load"] = 400
    frame.to_csv(tmp_path / "gaps.csv", index=False)
    added = vigil("sources", "add", "gaps", "--kind", "csv", "--set", f"path={tmp_path}/gaps.csv")
    assert added.code == 0, added.err
    words = ("--source", "gaps", "-a", "rolling_zscore", "--column", "load", "--column", "mem")
    assert vigil("streams", "create", "gaps", *words).code == 0
    return "gaps"


def test_a_skipped_row_has_neither_a_score_nor_an_answer_whether_it_is_an_anomaly(
    vigil, gaps, poll
):
    poll(gaps)
    rows = vigil("streams", "data", gaps, "--limit", "400", "--json").json["items"]
    answers = {row["sequence"]: (row["anomaly_score"], row["is_anomaly"]) for row in rows}
    assert len(answers) == 400
    for row in EMPTY:
        assert answers[row] == (None, None)
    for row in set(answers) - set(EMPTY):
        score, is_anomaly = answers[row]
        assert score is not None
        assert is_anomaly is (row == 300)
    shown = vigil("streams", "data", gaps, "--limit", "10").out
    assert shown.count("skipped") == len(EMPTY)


def test_show_statistics_and_backtests_count_skipped_rows_apart(vigil, gaps, poll, prefect_server):
    poll(gaps)
    shown = vigil("streams", "show", gaps, "--json").json
    assert (shown["total_points"], shown["scored_points"], shown["skipped_points"]) == (400, 395, 5)
    counts = {one["column"]: (one["count"], one["missing"]) for one in shown["statistics"]}
    assert counts == {"load": (395, 5), "mem": (200, 200)}
    replayed = vigil("backtest", gaps, "-a", "rolling_zscore", "--json").json
    assert (replayed["scored_points"], replayed["skipped_points"]) == (395, 5)


@pytest.mark.parametrize(
    ("score", "flagged", "expected"), [(None, False, None), (1.0, False, False), (9.0, True, True)]
)
def test_a_row_is_an_anomaly_only_where_it_has_a_score(score, flagged, expected):
    point = StreamPoint(sequence=0, values={}, score=score, flagged=flagged, stored_at=utc_now())
    assert point.is_anomaly is expected
