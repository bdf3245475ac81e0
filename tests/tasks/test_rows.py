import json

import numpy as np
import pandas as pd

from detectors.extremes import RobustScale
from models.encoding import dump_json
from sources.columns import key_name
from tasks.rows import row_keys, row_values, standouts

FRAME = pd.DataFrame(
    {
        "id": [11, 12, 13],
        "shop": ["a", "b", None],
        "amount": [1.5, np.nan, np.inf],
        "at": pd.to_datetime(["2024-01-01", None, "2024-01-03"]),
        "paid": [True, False, True],
    }
)
LAST_FIRST = np.array([2, 0])


def test_one_key_column_gives_its_value_as_text():
    assert row_keys(FRAME, ["id"], LAST_FIRST) == ["13", "11"]


def test_several_key_columns_give_a_json_list():
    keys = row_keys(FRAME, ["shop", "id"], np.array([0]))
    assert [json.loads(key) for key in keys] == [["a", "11"]]


def test_a_key_is_the_text_that_readers_give():
    frame = pd.DataFrame({"id": ["0017", None, "1e5", "-0"], "shop": ["a", None, "b", "c"]})
    every = np.arange(4)
    assert row_keys(frame, ["id"], every) == ["0017", None, "1e5", "-0"]
    assert row_keys(frame, ["shop", "id"], every)[:2] == ['["a", "0017"]', "[null, null]"]


def test_a_key_that_is_a_value_as_well_has_its_text_beside_it():
    frame = pd.DataFrame({"id": [17.0, np.nan], key_name("id"): ["0017", None]})
    assert row_keys(frame, ["id"], np.arange(2)) == ["0017", None]


def test_without_key_columns_there_is_no_key():
    assert row_keys(FRAME, [], LAST_FIRST) == [None, None]


def test_values_keep_their_row_and_their_type():
    [last, first] = row_values(FRAME, ["id", "shop", "amount", "paid"], LAST_FIRST)
    assert first == {"id": 11, "shop": "a", "amount": 1.5, "paid": True}
    assert last == {"id": 13, "shop": None, "amount": np.inf, "paid": True}


def test_every_value_can_be_stored_as_json():
    stored = json.loads(dump_json(row_values(FRAME, list(FRAME.columns), np.array([1, 2]))))
    assert stored[0]["amount"] is None
    assert stored[0]["at"] is None
    assert stored[1]["amount"] == "Infinity"
    assert stored[1]["at"].startswith("2024-01-03")


def test_long_text_is_cut():
    frame = pd.DataFrame({"text": ["x" * 10_000]})
    [row] = row_values(frame, ["text"], np.array([0]))
    assert len(row["text"]) == 500


def test_no_rows_have_no_values():
    nothing = np.array([], dtype=np.int64)
    assert row_values(FRAME, ["id"], nothing) == []
    assert row_keys(FRAME, ["id"], nothing) == []


def test_standouts_are_the_features_far_out_in_their_own_column():
    X = np.random.default_rng(0).normal(size=(500, 4))
    X[0] = [9.0, 0.0, -20.0, 0.5]
    [odd, plain] = standouts(X[:2], RobustScale.fit(X), ["a", "b", "c", "d"])
    assert list(odd) == ["c", "a"]
    assert odd["c"] < -15
    assert plain == {}


def test_at_most_three_standouts_are_named():
    X = np.random.default_rng(0).normal(size=(500, 6))
    X[0] = 50.0
    [odd] = standouts(X[:1], RobustScale.fit(X), list("abcdef"))
    assert len(odd) == 3
