import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.knn import KnnConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.detection import (
    draw_sample,
    fingerprint,
    fit_table,
    prepare_table,
    score_again,
    score_table,
)
from detectors.errors import DetectorError
from detectors.roles import ColumnRoles
from detectors.score_summary import summarise_scores
from detectors.threshold import Contamination, FalseAlarm, Fixed

N_ROWS, ODD = 300, 42


@pytest.fixture
def frame():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(N_ROWS, 3)), columns=["a", "b", "c"])
    frame.loc[ODD] = [9.0, -9.0, 9.0]
    return frame


def label(frame, values):
    return prepare_table(frame.assign(odd=values), ColumnRoles(label="odd")).labels


def test_a_table_is_prepared_with_its_rows_under_their_own_numbers(frame):
    frame.loc[[0, 7], "a"] = np.nan
    frame["odd"] = (frame.index == ODD).astype(float)
    frame.loc[5, "odd"] = np.nan
    frame.index = frame.index + 1000  # what the rows are called is not where they are
    table = prepare_table(frame, ColumnRoles(label="odd"), "drop_rows")
    assert table.X.shape == (N_ROWS - 2, 3)
    assert table.positions[:7].tolist() == [1, 2, 3, 4, 5, 6, 8]
    assert table.labels is not None
    assert np.isnan(table.labels[table.positions == 5]).all()
    assert table.positions[table.labels == 1].tolist() == [ODD]


def test_a_table_of_which_one_row_is_left_says_so():
    frame = pd.DataFrame({"x": [1.0, None, 3.0], "y": [None, 2.0, 3.0]})
    with pytest.raises(DetectorError, match=r"only one row .*choose missing=impute"):
        prepare_table(frame, ColumnRoles(), "drop_rows")


def test_a_table_of_which_no_row_is_left_says_so():
    frame = pd.DataFrame({"x": [1.0, np.nan, 2.0, np.nan], "y": [np.nan, 2.0, np.nan, 3.0]})
    with pytest.raises(DetectorError, match=r"every row misses a value.*choose missing=impute"):
        prepare_table(frame, ColumnRoles(), "drop_rows")


@pytest.mark.parametrize(
    ("values", "known"),
    [
        ([True, False, True], [1.0, 0.0, 1.0]),
        ([1, 0, 1], [1.0, 0.0, 1.0]),
        (["1", "0", None], [1.0, 0.0, np.nan]),
        ([1.0, None, 0.0], [1.0, np.nan, 0.0]),
        ([None, None, None], [np.nan] * 3),
        (pd.array([True, None, False], dtype="boolean"), [1.0, np.nan, 0.0]),
    ],
)
def test_labels_are_one_zero_or_unknown(values, known):
    frame = pd.DataFrame({"x": [1, 2, 3]})
    assert np.array_equal(label(frame, values), known, equal_nan=True)


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        (["yes", "no", "no"], "'yes'"),
        ([1, 2, 0], "2"),
        ([0.5, 0, 1], "0.5"),
        ([np.inf, 0, 1], "inf"),
    ],
)
def test_other_labels_are_refused_by_name(values, holds):
    frame = pd.DataFrame({"x": [1, 2, 3]})
    with pytest.raises(DetectorError, match=f"label column 'odd' holds {holds}: it should hold 1"):
        label(frame, values)


def test_labels_never_change_what_is_found(frame):
    plain = prepare_table(frame, ColumnRoles())
    labelled = prepare_table(frame.assign(odd=1), ColumnRoles(label="odd"))
    assert plain.fingerprint == labelled.fingerprint


def test_the_fingerprint_tells_values_order_shape_and_names_apart():
    X = np.arange(6.0).reshape(3, 2)
    names = ("a", "b")
    others = [
        fingerprint(X[::-1], names),
        fingerprint(X + np.eye(3, 2) * 1e-15, names),
        fingerprint(X.reshape(2, 3), names),
        fingerprint(X, ("b", "a")),
        fingerprint(X, ("ab", "")),
    ]
    assert len({fingerprint(X, names), *others}) == 6
    assert fingerprint(np.asfortranarray(X), names) == fingerprint(X.copy(), names)


@pytest.mark.parametrize("config", [IsolationForestConfig(), KnnConfig(), StatisticalConfig()])
def test_the_odd_row_is_the_strongest_of_the_flagged(frame, config):
    scored = score_table(prepare_table(frame, ColumnRoles()), config, FalseAlarm())
    assert scored.flagged[0] == ODD
    strongest_first = scored.scores[scored.flagged]
    assert (np.diff(strongest_first) <= 0).all()
    assert (strongest_first > scored.decision.threshold).all()
    assert (np.delete(scored.scores, scored.flagged) <= scored.decision.threshold).all()
    assert (np.diff(scored.p_values) >= 0).all()


@pytest.mark.parametrize("config", [IsolationForestConfig(), KnnConfig()])
def test_a_sample_is_fitted_and_every_row_scored(frame, config):
    table = prepare_table(frame, ColumnRoles())
    scored = score_table(table, config, FalseAlarm(), sample_size=60, seed=5)
    assert scored.scores.shape == (N_ROWS,)
    assert scored.flagged[0] == ODD
    sample = draw_sample(N_ROWS, 60, 5)
    fitted = config.build(5).fit(table.X[sample])
    others = np.setdiff1d(np.arange(N_ROWS), sample)
    assert np.array_equal(scored.scores[sample], fitted.decision_scores_)
    assert np.array_equal(scored.scores[others], fitted.decision_function(table.X[others]))


def test_a_sample_of_all_rows_is_no_sample(frame):
    table = prepare_table(frame, ColumnRoles())
    whole = score_table(table, KnnConfig(), FalseAlarm())
    for size in (N_ROWS, N_ROWS + 1):
        scored = score_table(table, KnnConfig(), FalseAlarm(), sample_size=size)
        assert np.array_equal(scored.scores, whole.scores)


def test_a_sample_has_each_row_once_and_follows_its_seed():
    sample = draw_sample(1000, 50, 1)
    assert len(set(sample.tolist())) == 50
    assert (np.diff(sample) > 0).all()
    assert np.array_equal(sample, draw_sample(1000, 50, 1))
    assert not np.array_equal(sample, draw_sample(1000, 50, 2))


def test_policies_choose_thresholds_and_touch_no_score(frame):
    table = prepare_table(frame, ColumnRoles())
    scored = [
        score_table(table, StatisticalConfig(), policy)
        for policy in (FalseAlarm(), Contamination(share=0.1), Fixed(score=1e9))
    ]
    assert all(np.array_equal(one.scores, scored[0].scores) for one in scored)
    assert [len(one.flagged) for one in scored[1:]] == [N_ROWS // 10, 0]
    assert scored[2].p_values.shape == (0,)


@given(
    arrays(
        np.float64,
        st.integers(1, 50),
        elements=st.floats(-1e300, 1e300) | st.sampled_from([0.0, 1.0, 1.0 + 2e-16]),
    )
)
def test_a_summary_counts_every_score_in_growing_bins(scores):
    summary = summarise_scores(scores)
    assert sum(summary.counts) == len(scores)
    assert len(summary.edges) == len(summary.counts) + 1
    assert (np.diff(summary.edges) > 0).all()
    assert summary.quantiles[0] == scores.min()
    assert summary.quantiles[-1] == scores.max()


@pytest.mark.parametrize("sample_size", [None, 60, N_ROWS])
def test_the_background_is_drawn_from_the_rows_fitted_on(frame, sample_size):
    table = prepare_table(frame, ColumnRoles())
    fitted = fit_table(table, KnnConfig(), sample_size, seed=5)
    size = sample_size or N_ROWS
    rows = table.X[draw_sample(N_ROWS, size, 5)]
    assert len(fitted.background) == size
    assert {tuple(row) for row in fitted.background} == {tuple(row) for row in rows}


@pytest.mark.parametrize("sample_size", [None, 60, N_ROWS])
def test_some_rows_are_scored_again_as_they_were(frame, sample_size):
    table = prepare_table(frame, ColumnRoles())
    fitted = fit_table(table, KnnConfig(), sample_size, seed=5)
    places = np.array([ODD, 0, N_ROWS - 1, 7])
    again = score_again(fitted.detector, table.X, places, sample_size, 5)
    assert np.array_equal(again, fitted.scores[places])
