from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.errors import DetectorError
from detectors.features import FeatureEncoder
from detectors.notation import find_notation
from detectors.roles import ColumnRoles
from detectors.series import first_odd_text, is_number_text


def encode(frame, roles=None, missing="impute"):
    encoder = FeatureEncoder.fit(frame, roles or ColumnRoles(), missing)
    return encoder, encoder.encode(frame)


def test_every_numeric_and_boolean_column_is_watched_but_key_cursor_and_label():
    frame = pd.DataFrame(
        {
            "id": [1, 2, 3],
            "at": [10, 20, 30],
            "amount": [1.5, 2.5, 9.0],
            "paid": [True, False, True],
            "city": ["a", "b", "a"],
            "fraud": [0, 0, 1],
        }
    )
    encoder, rows = encode(frame, ColumnRoles(keys=("id",), cursor="at", label="fraud"))
    assert encoder.names == ("amount", "paid")
    assert rows.X.tolist() == [[1.5, 1.0], [2.5, 0.0], [9.0, 1.0]]
    assert "name it" in encoder.left_out["city"]


def test_a_missing_value_becomes_the_median():
    _, rows = encode(pd.DataFrame({"x": [1.0, np.nan, 3.0, 8.0]}))
    assert rows.X[:, 0].tolist() == [1.0, 3.0, 3.0, 8.0]


def test_infinities_stay_extreme_and_finite():
    _, rows = encode(pd.DataFrame({"x": [1.0, np.inf, 3.0, -np.inf]}))
    assert rows.X[:, 0].tolist() == [1.0, 5.0, 3.0, -1.0]


def test_infinities_beside_the_largest_floats_stay_finite():
    _, rows = encode(pd.DataFrame({"x": [1.7e308, -1.7e308, np.inf, -np.inf]}))
    assert np.isfinite(rows.X).all()
    assert rows.X[2, 0] >= 1.7e308
    assert rows.X[3, 0] <= -1.7e308


def test_rows_with_missing_values_can_be_dropped_and_the_positions_say_which():
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0], "y": [1.0, 2.0, 3.0]})
    _, rows = encode(frame, missing="drop_rows")
    assert rows.positions.tolist() == [0, 2]
    assert rows.X.tolist() == [[1.0, 1.0], [3.0, 3.0]]


def test_missing_values_can_be_refused():
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0]})
    with pytest.raises(DetectorError, match=r"'x' has 1 missing values \(first at row 1\)"):
        encode(frame, missing="error")


def test_constant_and_empty_columns_are_left_out_with_the_reason():
    frame = pd.DataFrame({"x": [1, 2, 3], "same": [7, 7, 7], "void": [None, None, None]})
    encoder, _ = encode(frame)
    assert encoder.names == ("x",)
    assert encoder.left_out == {"same": "the same value in every row", "void": "no values"}


def test_a_named_category_is_the_share_of_its_rows_and_an_unseen_one_is_zero():
    frame = pd.DataFrame({"city": ["a", "a", "b", None]})
    encoder, rows = encode(frame, ColumnRoles(features=("city",)))
    assert rows.X[:, 0].tolist() == [0.5, 0.5, 0.25, 0.25]
    assert encoder.encode(pd.DataFrame({"city": ["z", "a"]})).X[:, 0].tolist() == [0.0, 0.5]


def test_a_named_datetime_becomes_places_in_the_day_and_in_the_week():
    moments = pd.Series(pd.to_datetime(["2024-01-01T00:00", "2024-01-01T06:00", None]))
    encoder, rows = encode(pd.DataFrame({"at": moments}), ColumnRoles(features=("at",)))
    assert encoder.names == ("at:hour_sin", "at:hour_cos", "at:weekday_sin", "at:weekday_cos")
    assert rows.X[0, :2] == pytest.approx([0.0, 1.0])
    assert rows.X[1, :2] == pytest.approx([1.0, 0.0])
    assert rows.X[2].tolist() == [0.0] * 4


def test_text_in_iso_form_is_read_as_dates_when_named():
    frame = pd.DataFrame({"at": ["2024-01-01T05:00:00Z", "2024-01-02T05:00:00Z"]})
    encoder, _ = encode(frame, ColumnRoles(features=("at",)))
    assert encoder.names == ("at:weekday_sin", "at:weekday_cos")


def test_monday_follows_sunday_without_a_step():
    moments = pd.to_datetime(["2024-01-07T23:59", "2024-01-08T00:01", "2024-01-10T12:00"])
    _, rows = encode(pd.DataFrame({"at": moments}), ColumnRoles(features=("at",)))
    assert np.abs(rows.X[0] - rows.X[1]).max() < 0.02


def test_numbers_and_booleans_with_gaps_count_as_numbers_whatever_holds_them():
    frame = pd.DataFrame(
        {
            "flag": [True, None, False],
            "price": [Decimal("1.5"), None, Decimal("2.5")],
            "wait": pd.to_timedelta(["1s", "3s", None]),
            "count": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    encoder, rows = encode(frame)
    assert encoder.names == ("flag", "price", "wait", "count")
    assert rows.X.tolist() == [[1.0, 1.5, 1.0, 1.0], [0.5, 2.0, 3.0, 2.0], [0.0, 2.5, 2.0, 3.0]]


def test_text_in_a_named_numeric_column_names_the_row_and_the_value():
    frame = pd.DataFrame({"amount": ["1", "2", "n.v.", "4"]})
    with pytest.raises(DetectorError, match=r"'amount' should hold numbers, row 2 .*'n\.v\.'"):
        encode(frame, ColumnRoles(features=("amount",)))


def test_text_in_a_numeric_column_that_nobody_named_is_reported():
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "amount": ["1", "2", "n.v.", "4"]})
    encoder, _ = encode(frame)
    assert encoder.left_out["amount"] == (
        "numbers, but for text such as 'n.v.' in row 2: correct it, or name it in `null_values` of "
        "the source"
    )


def test_numbers_written_as_text_are_numbers_when_named():
    frame = pd.DataFrame({"year": ["2021", "2022", None, "2030"], "row": range(4)})
    encoder, _ = encode(frame)
    assert encoder.left_out["year"] == "numbers written as text; name it to use it"
    _, rows = encode(frame, ColumnRoles(features=("year",)))
    assert rows.X[:, 0].tolist() == [2021.0, 2022.0, 2022.0, 2030.0]


def test_a_category_whose_values_are_equally_frequent_says_nothing():
    frame = pd.DataFrame({"city": ["a", "b", "b", "a"], "x": [1, 2, 3, 4]})
    encoder, _ = encode(frame, ColumnRoles(features=("city", "x")))
    assert encoder.names == ("x",)
    assert encoder.left_out == {"city": "every value is as frequent as the others"}


def test_a_declared_category_is_one_even_if_its_values_are_numbers():
    frame = pd.DataFrame({"grade": pd.Categorical([1, 1, 2, None])})
    _, rows = encode(frame, ColumnRoles(features=("grade",)))
    assert rows.X[:, 0].tolist() == [0.5, 0.5, 0.25, 0.25]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"x": pd.Series(dtype=float)}), "no rows, expected at least two"),
        (pd.DataFrame(), "no rows, expected at least two"),
        (pd.DataFrame({"x": [1.0]}), "one row, expected at least two"),
        (pd.DataFrame({"x": [2.0, 2.0]}), "no column is left .*the same value in every row"),
        (pd.DataFrame({"x": ["a", "b"]}), "no column is left .*not numeric"),
        (pd.DataFrame({"x": [np.nan, np.nan]}), "no column is left .*no values"),
        (pd.DataFrame({"x": [np.inf, -np.inf]}), "no column is left .*no finite values"),
    ],
)
def test_a_table_without_anything_to_watch_says_why(frame, message):
    with pytest.raises(DetectorError, match=message):
        encode(frame)


def test_a_column_that_is_gone_later_is_named():
    encoder, _ = encode(pd.DataFrame({"x": [1, 2], "y": [3, 4]}))
    with pytest.raises(DetectorError, match="'y' is gone"):
        encoder.encode(pd.DataFrame({"x": [1, 2]}))


@pytest.mark.parametrize(
    ("fitted", "later", "problem"),
    [
        ([1.0, 2.0], ["a", "2"], "'x' should hold numbers, row 0 .* holds 'a'"),
        ([1.0, 2.0], pd.to_datetime(["2024-01-01"] * 2), "'x' should hold numbers, row 0"),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]), [5, 6], "held dates .* now it holds int64"),
    ],
)
def test_a_column_that_changes_its_type_later_is_named(fitted, later, problem):
    encoder, _ = encode(pd.DataFrame({"x": fitted}), ColumnRoles(features=("x",)))
    with pytest.raises(DetectorError, match=problem):
        encoder.encode(pd.DataFrame({"x": later}))


def test_a_column_without_any_value_later_is_missing_throughout():
    encoder, _ = encode(pd.DataFrame({"x": [1, 2, 4]}))
    assert encoder.encode(pd.DataFrame({"x": [None, None]})).X.tolist() == [[2.0], [2.0]]


@given(
    st.lists(
        st.one_of(st.none(), st.floats(), st.integers(-(2**60), 2**60).map(float)),
        min_size=2,
        max_size=30,
    )
)
def test_numbers_of_any_kind_become_finite_or_are_left_out(values):
    frame = pd.DataFrame({"x": pd.Series(values, dtype=float), "row": range(len(values))})
    _, rows = encode(frame)
    assert np.isfinite(rows.X).all()
    assert len(rows.X) == len(values)


@given(st.lists(st.text(max_size=5), min_size=2, max_size=20))
def test_text_of_any_kind_is_encoded_or_refused_by_name(values):
    frame = pd.DataFrame({"x": values, "row": range(len(values))})
    roles = ColumnRoles(features=("x", "row"))
    is_read = not is_number_text(frame["x"]) or first_odd_text(frame["x"]) is None
    if is_read and find_notation(frame["x"]) is None:
        assert np.isfinite(encode(frame, roles)[1].X).all()
    else:
        with pytest.raises(DetectorError, match="'x'"):
            encode(frame, roles)
