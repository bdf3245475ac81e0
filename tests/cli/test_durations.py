from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.durations import duration_option, moment_option, read_seconds, write_seconds
from cli.group import CommandError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("5m", 300), ("1h", 3600), ("2d", 172_800), ("90", 90), ("1.5 H", 5400)],
)
def test_a_duration_is_read_as_people_write_it(text, seconds):
    assert read_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5m", "5 weeks", "1e3", "nan", "9999999d", "1h30m"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="expected a duration such as 10s"):
        read_seconds(text)


@given(st.integers(0, 10_000_000) | st.floats(0.001, 1e6))
def test_a_duration_that_was_written_is_read_again(seconds):
    assert read_seconds(write_seconds(seconds)) == pytest.approx(seconds, rel=1e-9)


def test_a_moment_is_a_time_or_so_long_ago():
    assert moment_option("2h", "--since", NOW) == NOW - timedelta(hours=2)
    assert moment_option("2026-03-01", "--since", NOW) == NOW.replace(hour=0)
    assert moment_option("2026-03-01T12:00+02:00", "--since", NOW) == NOW - timedelta(hours=2)
    with pytest.raises(CommandError, match="--since noon: expected so long ago"):
        moment_option("noon", "--since", NOW)


def test_no_time_at_all_is_no_duration_for_an_option():
    with pytest.raises(CommandError, match="--for 0s: expected more than nothing"):
        duration_option("0s", "--for")
