import re

from hypothesis import example, given
from hypothesis import strategies as st

from tasks.artifact_key import artifact_key

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
ALIKE = st.text("aA-_ ", min_size=1, max_size=6)


def test_a_name_that_prefect_takes_is_in_the_key_as_it_is():
    assert artifact_key("detection", "orders-eu-2") == "detection-orders-eu-2"


@given(NAMES)
@example("İ")
@example("\n")
@example("-")
def test_a_key_of_any_name_is_one_that_prefect_takes(name):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", artifact_key("detection", name))


@given(NAMES | ALIKE, NAMES | ALIKE)
@example("orders eu", "orders-eu")
@example("Orders", "orders")
@example("größe", "gr-e")
def test_sources_never_share_a_key(one, other):
    assert (artifact_key("detection", one) == artifact_key("detection", other)) == (one == other)
