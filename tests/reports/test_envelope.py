import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reports.charts.envelope import STRETCHES, envelope, visible_range

values_of = arrays(
    np.float64, st.integers(1, 3000), elements=st.floats(-1e6, 1e6) | st.just(float("nan"))
)


@given(values_of)
def test_no_extreme_is_lost_however_many_rows_there_are(values):
    x = np.arange(len(values), dtype=np.float64)
    drawn = envelope(x, values, values)
    assert len(drawn.x) == min(len(values), STRETCHES)
    assert (np.diff(drawn.x) > 0).all()
    if np.isfinite(values).any():
        assert np.nanmin(drawn.low) == np.nanmin(values)
        assert np.nanmax(drawn.high) == np.nanmax(values)
    else:
        assert np.isnan(drawn.low).all()


@given(values_of)
def test_nearly_all_values_are_in_the_range_that_is_drawn(values):
    low, high = visible_range(values)
    assert low < high
    finite = values[np.isfinite(values)]
    if len(finite):
        assert ((finite >= low) & (finite <= high)).mean() >= 0.97


def test_one_giant_value_leaves_room_for_the_others():
    values = np.append(np.linspace(0, 10, 500), 1e9)
    assert visible_range(values)[1] < 100
