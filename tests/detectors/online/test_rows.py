import numpy as np
import pandas as pd
import pytest

from detectors.errors import DetectorError
from detectors.online.rows import StreamColumns
from detectors.roles import ColumnRoles

ROWS = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "at": ["2026-03-01T00:00:00Z", "2026-03-01T01:00:00+01:00", None],
        "load": [1.0, np.nan, 3.0],
        "city": ["Köln", "Bonn", None],
        "empty": [np.nan, np.nan, np.nan],
        "odd": [0.0, 1.0, 0.0],
    }
)
ROLES = ColumnRoles(keys=("id",), cursor="at", label="odd")
MIDNIGHT = pd.Timestamp("2026-03-01", tz="UTC").timestamp()


def choose(frame=ROWS, roles=ROLES, time=None):
    return StreamColumns.choose(frame, roles, time)


def test_every_column_of_numbers_is_watched_unless_it_is_something_else():
    assert choose() == StreamColumns(watched=("load",), time="at")


def test_columns_asked_for_are_watched_in_their_order():
    roles = ColumnRoles(features=("odd", "load", "odd"))
    assert choose(roles=roles) == StreamColumns(watched=("odd", "load"), time=None)
    assert choose(roles=roles).matrix(ROWS)[:, 0].tolist() == [0.0, 1.0, 0.0]


def test_a_column_that_is_empty_so_far_is_watched_if_it_is_asked_for():
    columns = choose(roles=ColumnRoles(features=("empty", "load")))
    assert np.isnan(columns.matrix(ROWS)[:, 0]).all()


def test_text_is_refused_with_the_way_out():
    with pytest.raises(
        DetectorError, match=r"'city' holds .*'Köln'.* streams watch numbers: .* name other"
    ):
        choose(roles=ColumnRoles(features=("city",)))
    with pytest.raises(DetectorError, match="no column with numbers to watch among id, at, city"):
        choose(ROWS[["id", "at", "city", "empty"]])


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(DetectorError, match="no column 'speed', expected one of id, at, load"):
        choose(roles=ColumnRoles(features=("speed",)))
    with pytest.raises(DetectorError, match=r"no column 'load'.*renamed"):
        choose().matrix(ROWS.drop(columns="load"))


def test_times_are_seconds_since_1970_in_whatever_form_they_come():
    expected = [MIDNIGHT, MIDNIGHT, np.nan]
    for at in (ROWS["at"], pd.to_datetime(ROWS["at"], utc=True), pd.Series(expected)):
        frame = ROWS.assign(when=at)
        columns = choose(frame, ColumnRoles(features=("load",)), time="when")
        np.testing.assert_array_equal(columns.times(frame), expected)


def test_one_odd_time_does_not_take_theirs_from_the_others():
    frame = ROWS.assign(at=["2026-03-01T00:00:00Z", "yesterday", None])
    np.testing.assert_array_equal(choose(frame).times(frame), [MIDNIGHT, np.nan, np.nan])


def test_a_cursor_that_counts_tells_no_time_unless_it_is_named():
    roles = ColumnRoles(features=("load",), cursor="odd")
    assert choose(roles=roles).time is None
    assert choose(roles=roles, time="odd").time == "odd"
    assert np.isnan(choose(roles=roles).times(ROWS)).all()


def test_a_time_column_without_times_is_refused():
    with pytest.raises(
        DetectorError, match=r"'city' holds .* no times: expected dates in ISO 8601"
    ):
        choose(time="city")
