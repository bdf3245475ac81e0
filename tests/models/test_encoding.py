import json
from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.encoding import dump_json, storable_text

texts = st.text(st.characters(codec=None))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(scalars, lambda v: st.lists(v) | st.dictionaries(texts, v), max_leaves=10)


def refuse(constant):
    raise AssertionError(f"{constant} is not JSON")


@given(values)
def test_any_value_becomes_json_that_utf8_and_postgresql_can_hold(value):
    text = dump_json(value)
    text.encode("utf-8")
    json.loads(text, parse_constant=refuse)
    assert "\x00" not in str(json.loads(text))


@given(st.dictionaries(st.text("abcé"), st.floats(allow_nan=False, allow_infinity=False)))
def test_what_json_can_say_comes_back_unchanged(value):
    assert json.loads(dump_json(value)) == value


@given(texts)
def test_text_that_can_be_stored_is_not_changed_again(text):
    assert storable_text(storable_text(text)) == storable_text(text)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ({"x": float("nan")}, {"x": None}),
        ([float("inf"), float("-inf")], ["Infinity", "-Infinity"]),
        ({"n": np.int64(3), "b": np.bool_(True)}, {"n": 3, "b": True}),
        (np.array([[1.5, np.nan]]), [[1.5, None]]),
        ({"when": datetime(2026, 3, 1, 12)}, {"when": "2026-03-01 12:00:00"}),
        ({"price": Decimal("1.10")}, {"price": "1.10"}),
        ({"raw": b"\x00\xff"}, {"raw": "00ff"}),
        (["a\x00b", "\udcff", "\\u0000", "😀"], ["a\ufffdb", "\ufffd", "\\u0000", "😀"]),
        ({"\x00": 1, 2: 3}, {"\ufffd": 1, "2": 3}),
    ],
)
def test_what_json_cannot_say_is_stored_as_its_nearest_form(value, stored):
    assert json.loads(dump_json(value)) == stored
