import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.explanation_facts import ContributionFacts
from reports.reasons import explanation_sentence


def share(feature, contribution, direction="usual", value=50.0, typical=(41.7, 58.2)):
    encoded = {"unusually high": 500.0, "unusually low": -300.0}.get(direction, 50.0)
    return ContributionFacts(feature, value, encoded, typical, direction, contribution)


def sentence(*shares, **changes):
    known = {"is_anomaly": True, "score": 0.716, "threshold": 0.6015, "percentile": 99.75}
    return explanation_sentence(shares, **known | changes)


def test_the_values_that_raise_the_score_are_named_with_what_is_typical():
    said = sentence(
        share("items", 0.05),
        share("amount", 0.3, "unusually high", 500.0),
        share("total", 0.2, "unusually low", -300.0),
        share("age", -0.4, "unusually high", 500.0),
    )
    assert said == (
        "Its score of 0.716 is above the threshold of 0.6015; 99.75 % of rows score no more. What "
        "raises it most: amount 500 is unusually high (typically 41.7 to 58.2) and total -300 is "
        "unusually low (typically 41.7 to 58.2)."
    )


def test_a_rare_category_is_called_rare():
    assert "city Ulm is rare." in sentence(share("city", 0.3, "rare", "Ulm"))


def test_usual_values_are_said_to_be_odd_together():
    said = sentence(share("a", 0.3), share("b", 0.25), share("c", 0.01))
    assert said.endswith("No single value is unusual; together a 50 and b 50 raise it.")


def test_one_usual_value_is_said_to_be_odd_beside_the_others():
    said = sentence(share("a", 0.3), share("b", -0.25))
    assert said.endswith("What raises it most is a 50, usual by itself but not beside the others.")


def test_a_usual_value_beside_an_unusual_one_is_not_called_unusual():
    said = sentence(share("a", 0.3), share("b", 0.25, "unusually low", -300.0))
    assert said.endswith("(typically 41.7 to 58.2), together with a 50, usual by itself.")


def test_a_row_that_is_no_anomaly_is_said_to_be_none():
    said = sentence(share("a", -0.1), is_anomaly=False, score=0.5, percentile=40)
    assert "not above the threshold of 0.6015, so this row is no anomaly" in said
    assert said.endswith("No single value raises it.")


def test_a_missing_value_and_a_long_text_are_said_in_few_words():
    said = sentence(share("a", 0.3, "usual", None), share("b", 0.2, "rare", "x\n" * 300))
    assert "a (missing)" in said
    assert "\n" not in said
    assert len(said) < 400


def test_contributions_of_any_size_are_compared():
    said = sentence(*(share(name, 1.7e308, "rare") for name in "abcd"))
    assert said.count("is rare") == 3


@given(
    st.lists(
        st.tuples(
            st.floats(-1, 1),
            st.sampled_from(["usual", "rare", "unusually high", "unusually low"]),
        ),
        max_size=8,
    )
)
def test_high_and_low_are_said_of_no_other_values(shares):
    said = sentence(*(share(f"f{i}", *one) for i, one in enumerate(shares)))
    for i, (_, direction) in enumerate(shares):
        for word in ("high", "low"):
            if direction != f"unusually {word}":
                assert f"f{i} 50 is unusually {word}" not in said


@pytest.mark.parametrize("percentile", [0.0, 12.0, 100.0])
def test_the_percentile_is_a_percentage(percentile):
    assert f"{percentile:g} % of rows" in sentence(percentile=percentile)
