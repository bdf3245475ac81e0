import numpy as np
import pandas as pd
import pytest

from detectors.profile import profile_table


def profile_of(values, **kwargs):
    return profile_table(pd.DataFrame({"x": pd.Series(values, **kwargs)})).columns[0]


def test_missing_and_infinite_values_are_counted_and_kept_out_of_the_statistics():
    column = profile_of([1.0, 2.0, 6.0, np.nan, np.inf])
    assert (column.missing, column.infinite) == (1, 1)
    assert (column.minimum, column.median, column.mean, column.maximum) == (1.0, 2.0, 3.0, 6.0)


def test_the_standard_deviation_is_that_of_a_sample():
    assert profile_of([1.0, 2.0, 6.0, np.nan]).std == pytest.approx(np.std([1, 2, 6], ddof=1))
    assert profile_of([5.0]).std is None
    assert profile_of([-1.7e308, 1.7e308]).std == np.finfo(np.float64).max


def test_a_constant_column_is_marked_whether_numbers_or_text():
    assert profile_of([3, 3, 3]).constant
    assert profile_of(["a", "a"]).constant
    assert not profile_of([3, 4]).constant


def test_text_has_no_statistics():
    column = profile_of(["a", None])
    assert (column.missing, column.mean) == (1, None)


def test_statistics_of_huge_values_do_not_overflow():
    column = profile_of([1.6e308, -1.6e308, 1.6e308, 1.6e308])
    assert np.isfinite([column.mean, column.std, column.median]).all()


def test_calendar_dates_written_as_numbers_are_noticed():
    assert "YYYYMMDD" in str(profile_of([20240131, 20240228]).note)
    assert profile_of([20240131, 20241399]).note is None
    assert profile_of([1.5, 2.5]).note is None


def test_an_empty_table_has_a_profile():
    table = profile_table(pd.DataFrame({"x": pd.Series(dtype=float)}))
    assert (table.n_rows, table.columns[0].mean) == (0, None)
