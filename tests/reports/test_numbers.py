import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.numbers import counted, duration, number, percent, signed, span


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1234, "1,234"),
        (-1234567, "-1,234,567"),
        (0.0123, "0.0123"),
        (0.5839212, "0.5839"),
        (46.2249, "46.22"),
        (999.96, "1,000"),
        (1234.56, "1,235"),
        (1e300, "1e+300"),
        (1.2e300, "1.2e+300"),
        (-1.7e13, "-1.7e+13"),
        (1e-300, "1e-300"),
        (0.1 + 0.2, "0.3"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_numbers_are_written_as_people_read_them(value, text):
    assert number(value) == text


@given(st.floats(-1e307, 1e307))
def test_a_number_is_short_and_close_to_its_value(value):
    text = number(value)
    assert len(text) <= 18
    assert float(text.replace(",", "")) == pytest.approx(value, rel=0.01)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (12 / 683, "1.8 %"),
        (0.01, "1 %"),
        (0.000123, "0.012 %"),
        (0.25, "25 %"),
        (0.9996, "99.96 %"),
        (1, "100 %"),
        (1e-9, "under 0.0001 %"),
    ],
)
def test_shares_are_written_as_percentages(share, text):
    assert percent(share) == text


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_only_nothing_is_0_percent(share):
    assert percent(share) != "0 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.00002, "under 0.001 s"),
        (0.8412, "0.84 s"),
        (9.97, "10 s"),
        (59.7, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3780, "1 h 3 min"),
    ],
)
def test_durations_are_written_in_fitting_units(seconds, text):
    assert duration(seconds) == text


def test_counts_agree_with_their_noun():
    assert [counted(n, "row") for n in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
    assert counted(2, "anomaly", "anomalies") == "2 anomalies"


def test_a_range_without_limits_is_a_dash():
    assert span((None, None)) == "–"
    assert span((6.802, 46.223), 3) == "6.8 to 46.2"


def test_a_signed_number_says_plus_too_but_not_of_zero():
    assert [signed(value, 3) for value in (0.2149, -1234.0, 0.0, 1e-9)] == [
        "+0.215",
        "-1,234",
        "0",
        "+1e-09",
    ]
