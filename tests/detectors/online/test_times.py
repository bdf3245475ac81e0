from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from detectors.errors import DetectorError
from detectors.online.alerts import AlertPolicy
from detectors.online.monitor import Monitor
from detectors.online.times import to_seconds
from detectors.registry import build_online_detector

N = 2000
SECONDS = 1.7e9 + 600.0 * np.arange(N)
STAMPS = SECONDS.astype(np.int64).astype("datetime64[s]")
INDEX = pd.DatetimeIndex(STAMPS)

FORMS = {
    **{
        f"datetime64[{unit}]": STAMPS.astype(f"datetime64[{unit}]")
        for unit in ("s", "ms", "us", "ns")
    },
    "datetime64[10m]": STAMPS.astype("datetime64[10m]"),
    "index": INDEX,
    "index of a zone": INDEX.tz_localize("UTC").tz_convert("Europe/Berlin"),
    "series": pd.Series(INDEX),
    "series of a zone": pd.Series(INDEX.tz_localize("UTC").tz_convert("America/New_York")),
    "whole numbers": SECONDS.astype(np.int64),
    "nullable numbers": pd.Series(SECONDS.astype(np.int64), dtype="Int64"),
    "datetimes": [datetime.fromtimestamp(each, UTC) for each in SECONDS],
    "datetimes without a zone": [
        datetime.fromtimestamp(each, UTC).replace(tzinfo=None) for each in SECONDS
    ],
    "datetimes of a zone": [
        datetime.fromtimestamp(each, timezone(timedelta(hours=5))) for each in SECONDS
    ],
    "pandas timestamps": list(INDEX),
    "decimals": [Decimal(int(each)) for each in SECONDS],
    "objects": np.array(list(STAMPS), dtype=object),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_moment_may_come_in_any_form(form: str) -> None:
    moments = FORMS[form]
    tolerance = 600 if form == "datetime64[10m]" else 1e-6
    np.testing.assert_allclose(to_seconds(moments), SECONDS[: len(moments)], rtol=0, atol=tolerance)


@pytest.mark.parametrize("algorithm", ["value_gap", "ewma"])
@pytest.mark.parametrize("form", ["datetime64[ns]", "series of a zone", "datetimes"])
def test_scores_do_not_depend_on_the_form_of_the_timestamps(algorithm: str, form: str) -> None:
    rhythm = np.sin(SECONDS * 2 * np.pi / 86_400)
    X = (40 + 10 * rhythm + np.random.default_rng(0).normal(size=N))[:, None]
    expected = build_online_detector(algorithm, 1).score_learn_many(X, SECONDS)
    scores = build_online_detector(algorithm, 1).score_learn_many(X, FORMS[form])
    np.testing.assert_array_equal(scores, expected)
    if algorithm == "value_gap":
        untimed = build_online_detector(algorithm, 1).score_learn_many(X)
        assert not np.array_equal(untimed, expected)


def test_one_row_may_have_a_date_as_its_timestamp() -> None:
    X = np.random.default_rng(0).normal(size=(N, 1))
    detector = build_online_detector("value_gap", 1)
    detector.score_learn_many(X[:-1], SECONDS[:-1])
    expected = detector.score_one(X[-1], SECONDS[-1])
    for moment in (STAMPS[-1], INDEX[-1], datetime.fromtimestamp(SECONDS[-1], UTC)):
        assert detector.score_one(X[-1], moment) == expected


def test_a_monitor_counts_its_cooldown_by_dates() -> None:
    X = np.random.default_rng(0).normal(size=(600, 1))
    X[[400, 404, 500]] = 60.0
    found = []
    for moments in (SECONDS[:600], STAMPS[:600], INDEX[:600]):
        detector = build_online_detector("rolling_zscore", 1)
        monitor = Monitor(detector, AlertPolicy(detector.threshold, cooldown_seconds=7200))
        found.append(monitor.observe(X, moments).judgement.alerts.tolist())
    assert found == [[400, 500]] * 3


def test_a_moment_that_is_missing_is_none() -> None:
    assert np.isnan(to_seconds([None, pd.NaT, np.nan, np.datetime64("NaT")])).all()
    assert np.isnan(to_seconds(np.array(["2026-01-01", "NaT"], "datetime64[s]"))[1])
    assert np.isnan(to_seconds(pd.Series([1, None], dtype="Int64"))[1])
    assert to_seconds([]).shape == (0,)


def test_dates_far_away_do_not_wrap_around() -> None:
    far = np.array(["9999-01-01", "0001-01-01"], "datetime64[D]")
    np.testing.assert_array_equal(to_seconds(far), [253370764800.0, -62135596800.0])
    np.testing.assert_array_equal(to_seconds([date(9999, 1, 1), date(1, 1, 1)]), to_seconds(far))


@pytest.mark.parametrize(
    ("moments", "shown"),
    [
        (["2026-01-01T00:00"], "2026-01-01T00:00"),
        (np.array(["noon"]), "noon"),
        ([1.7e9, "noon"], "noon"),
        ([True], "True"),
        (np.array([5], "timedelta64[s]"), "timedelta64"),
        ([timedelta(hours=1)], "timedelta"),
        ([1j], "complex"),
        (pd.Series(["noon"]), "noon"),
        (pd.Series([True]), "bool"),
    ],
)
def test_what_is_no_time_is_refused(moments, shown: str) -> None:
    with pytest.raises(DetectorError, match=f"{shown}.* is no time: pass seconds since 1970"):
        build_online_detector("value_gap", 1).score_learn_many(np.zeros((1, 1)), moments)


def test_nanoseconds_as_numbers_are_refused_instead_of_ignored() -> None:
    nanoseconds = STAMPS.astype("datetime64[ns]").astype(np.int64)
    with pytest.raises(DetectorError, match="no seconds since 1970: divide nanoseconds by 1e9"):
        build_online_detector("value_gap", 1).score_learn_many(np.zeros((N, 1)), nanoseconds)


def test_one_impossible_time_costs_a_stream_nothing() -> None:
    detector = build_online_detector("ewma", 1)
    monitor = Monitor(detector, AlertPolicy(detector.threshold))
    assert monitor.observe(np.ones((1, 1)), np.array([1e18])).scored.all()
