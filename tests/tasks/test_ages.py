from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.ages import AGE_PATTERN, read_age


@pytest.mark.parametrize(
    ("text", "days"), [("1d", 1), ("90d", 90), ("12w", 84), ("2y", 730), ("99y", 36_135)]
)
def test_an_age_is_read(text, days):
    assert read_age(text) == timedelta(days=days)


@pytest.mark.parametrize(
    "text", ["", "90", "d", "0d", "-1d", "1.5y", "90d\n", " 90d", "100y", "3m", "99999d"]
)
def test_what_is_no_age_says_what_was_expected(text):
    with pytest.raises(ValueError, match="expected an age in days, weeks or years such as 90d"):
        read_age(text)


@given(st.from_regex(AGE_PATTERN, fullmatch=True))
def test_every_age_is_some_days_and_within_the_calendar(text):
    assert read_age(text) >= timedelta(days=1)
    assert datetime.now(UTC) - read_age(text) >= datetime(1800, 1, 1, tzinfo=UTC)
