from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tasks.event_labels import rate_label

FILE = Path(__file__).parents[2] / "docs/automations/high_rate.yaml"
[(LABEL, PATTERNS)] = yaml.safe_load(FILE.read_text())["trigger"]["match"].items()


@given(st.floats(min_value=0, max_value=1))
def test_the_automation_for_high_rates_matches_the_labels_from_five_percent_on(rate):
    label = rate_label(rate)[LABEL]
    matched = any(fnmatchcase(label, pattern) for pattern in PATTERNS)
    assert matched == (round(rate, 4) >= 0.05)


def test_without_a_rate_there_is_no_label():
    assert rate_label(None) == {}
