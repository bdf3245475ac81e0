import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from detectors.errors import DetectorError
from detectors.series import (
    as_datetimes,
    first_odd_text,
    is_constant,
    is_number,
    is_number_text,
    read_numbers,
    to_floats,
)

DAYS = [dt.date(2024, 1, 1), dt.date(2024, 1, 2), None]
SECONDS = [dt.timedelta(seconds=1), dt.timedelta(seconds=2), None]


def arrow(values, kind):
    return pd.Series(values, dtype=pd.ArrowDtype(kind))


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1, 2, None], dtype="Int64"),
        pd.Series([1, 2, None], dtype="UInt8"),
        pd.Series([1, 2, None], dtype="Float32"),
        pd.Series([1, 2, None], dtype="float16"),
        pd.Series([1, 2, None], dtype=object),
        pd.Series([1, 2.0, pd.NA], dtype=object),
        pd.Series([True, np.int8(2), None], dtype=object).replace(True, np.float32(1)),
        pd.Series([Decimal(1), Decimal("2.0"), None]),
        pd.Series(pd.to_timedelta(["1s", "2s", None])),
        pd.Series(pd.arrays.SparseArray([1.0, 2.0, np.nan])),
        arrow([1, 2, None], pa.int32()),
        arrow([1, 2, None], pa.float64()),
        arrow([Decimal(1), Decimal(2), None], pa.decimal128(10, 2)),
        arrow(SECONDS, pa.duration("us")),
    ],
    ids=lambda series: str(series.dtype),
)
def test_numbers_are_numbers_whatever_type_holds_them(series):
    assert is_number(series)
    assert to_floats(series)[:2].tolist() == [1.0, 2.0]
    assert np.isnan(to_floats(series)[2])


@pytest.mark.parametrize("kind", ["boolean", "bool[pyarrow]", object])
def test_booleans_with_gaps_are_numbers(kind):
    series = pd.Series([True, False, None], dtype=kind)
    assert is_number(series)
    assert to_floats(series)[:2].tolist() == [1.0, 0.0]


def test_integers_of_any_size_become_floats():
    assert to_floats(pd.Series([2**64 - 1], dtype="uint64"))[0] == 2.0**64
    huge = to_floats(pd.Series([10**400, -(10**400), 3, None], dtype=object))
    assert huge[:3].tolist() == [np.inf, -np.inf, 3.0]
    assert np.isnan(huge[3])


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(["a", "1"]),
        pd.Series([1 + 2j, 3]),
        pd.Series([[1], [2]]),
        pd.Series([{"a": 1}, None]),
        pd.Series(pd.Categorical([1, 2])),
        pd.Series(pd.period_range("2024", periods=2, freq="Y")),
        pd.Series(pd.interval_range(0, 2)),
        pd.Series(pd.to_datetime(["2024-01-01", None])),
        pd.Series([None, None], dtype=object),
    ],
    ids=lambda series: str(series.dtype),
)
def test_nothing_else_is_a_number(series):
    assert not is_number(series)


def test_text_counts_as_numbers_when_half_of_it_is():
    assert is_number_text(pd.Series(["1", " 2.5 ", "1e3", None, "-"]))
    assert is_number_text(pd.Series([1, 2, "three"], dtype=object))
    assert not is_number_text(pd.Series(["1", "b", "c"]))
    assert not is_number_text(pd.Series([None, None], dtype="str"))
    assert not is_number_text(pd.Series(pd.Categorical(["1", "2"])))


def test_text_that_is_all_numbers_is_read():
    assert read_numbers(pd.Series(["1", " 2.5 ", "-1e3"])).tolist() == [1.0, 2.5, -1000.0]
    assert np.isnan(read_numbers(pd.Series(["1", None]))[1])


def test_the_first_value_that_is_no_number_is_named_by_its_place():
    series = pd.Series(["1", None, "n.v.", "?"], index=[90, 80, 70, 60], name="amount")
    assert first_odd_text(series) == (2, "n.v.")
    with pytest.raises(DetectorError, match=r"'amount'.*row 2 .*'n\.v\.': correct the value"):
        read_numbers(series)


def test_in_a_part_of_a_table_rows_keep_their_numbers():
    series = pd.Series(["1", None, "n.v.", "?"], index=pd.RangeIndex(60, 64), name="amount")
    assert first_odd_text(series) == (62, "n.v.")


def test_an_odd_value_is_not_quoted_at_length():
    with pytest.raises(DetectorError) as caught:
        read_numbers(pd.Series(["1", "x" * 10_000]))
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02", None])),
        pd.Series(["2024-01-01", "2024-01-02T00:00:00Z", None]),
        pd.Series(DAYS, dtype=object),
        arrow(DAYS, pa.date32()),
        arrow(pd.to_datetime(["2024-01-01", "2024-01-02", None]), pa.timestamp("us", "UTC")),
    ],
    ids=lambda series: str(series.dtype),
)
def test_dates_are_dates_whatever_type_holds_them(series):
    moments = as_datetimes(series)
    assert moments is not None
    assert moments.dt.day.tolist()[:2] == [1, 2]
    assert moments.isna().tolist() == [False, False, True]


def test_the_hour_of_a_zone_is_that_of_its_clocks():
    series = pd.Series(pd.to_datetime(["2024-07-01T10:00Z"]).tz_convert("Europe/Berlin"))
    assert as_datetimes(series).dt.hour.tolist() == [12]


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(["01/02/2024"]),
        pd.Series(["2024-01-01", ""]),
        pd.Series([20240101]),
        pd.Series(pd.Categorical([1, 2])),
        pd.Series([1, "a"], dtype=object),
        pd.Series([None], dtype=object),
    ],
)
def test_nothing_else_is_a_date(series):
    assert as_datetimes(series) is None


def test_lists_and_objects_are_compared_as_a_whole():
    assert is_constant(pd.Series([[1, 2], [1, 2], None]))
    assert not is_constant(pd.Series([[1], [1, 2]]))
    assert is_constant(pd.Series([{"a": 1}, {"a": 1}]))
    assert not is_constant(pd.Series([None, None]))
