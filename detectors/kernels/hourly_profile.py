"""What a column usually is at this hour of the day: the median of the hourly means of late.

Means are kept by hour of the day (UTC), the last 14 of each; those of the hour before and after
count too.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.kernels.cache import kernel

_HOURS = 24
_DAYS = 14
_FEWEST = 3
_NEVER = np.iinfo(np.int64).min


class HourlyProfiles(NamedTuple):
    """One profile for each of d columns; hours are counted from 1970.

    Attributes:
        means: of hours that are over, shape (d, 24, 14).
        total: hours ever completed, shape (d, 24); the next goes to ``total % 14``.
        hour: the hour of the last value learnt, shape (d,).
        n: values of that hour, shape (d,).
        mean: their mean, shape (d,).
        usual: the median for that hour, shape (d,).
    """

    means: NDArray[np.float64]
    total: NDArray[np.int64]
    hour: NDArray[np.int64]
    n: NDArray[np.int64]
    mean: NDArray[np.float64]
    usual: NDArray[np.float64]


def empty_profiles(n_columns: int) -> HourlyProfiles:
    """Return profiles that know nothing."""
    return HourlyProfiles(
        means=np.zeros((n_columns, _HOURS, _DAYS)),
        total=np.zeros((n_columns, _HOURS), np.int64),
        hour=np.full(n_columns, _NEVER),
        n=np.zeros(n_columns, np.int64),
        mean=np.zeros(n_columns),
        usual=np.full(n_columns, np.nan),
    )


@kernel()
def hour_of(timestamp):  # type: ignore[no-untyped-def]
    """Return the hour since 1970 of a time in seconds."""
    return np.int64(np.floor(timestamp / 3600.0))


@kernel()
def usual_at(profiles, c, hour):  # type: ignore[no-untyped-def]
    """Return the usual value of column ``c`` in that hour; NaN while fewer than 3 means are known.

    The hour of the last value is over when ``hour`` is a later one.
    """
    if hour == profiles.hour[c]:
        return profiles.usual[c]
    over = profiles.hour[c] % _HOURS if profiles.hour[c] < hour and profiles.n[c] > 0 else -1
    known = np.empty(3 * _DAYS)
    n = 0
    for near in (hour - 1, hour, hour + 1):
        of_day = near % _HOURS
        count = profiles.total[c, of_day]
        next_slot = count % _DAYS
        for slot in range(min(count, _DAYS)):
            if not (of_day == over and slot == next_slot):
                known[n] = profiles.means[c, of_day, slot]
                n += 1
        if of_day == over:
            known[n] = profiles.mean[c]
            n += 1
    return np.median(known[:n]) if n >= _FEWEST else np.nan


@kernel()
def learn_value(profiles, c, hour, value):  # type: ignore[no-untyped-def]
    """Add a value to the mean of its hour; one of an hour that is over comes too late for it."""
    if hour < profiles.hour[c]:
        return
    if hour > profiles.hour[c]:
        usual = usual_at(profiles, c, hour)
        if profiles.n[c] > 0:
            of_day = profiles.hour[c] % _HOURS
            profiles.means[c, of_day, profiles.total[c, of_day] % _DAYS] = profiles.mean[c]
            profiles.total[c, of_day] += 1
        profiles.hour[c] = hour
        profiles.n[c] = 0
        profiles.mean[c] = 0.0
        profiles.usual[c] = usual
    profiles.n[c] += 1
    profiles.mean[c] += (value - profiles.mean[c]) / profiles.n[c]
