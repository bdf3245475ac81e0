import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detectors.explanation.maximum import maximum_contributions
from detectors.validation import Matrix, Vector
from tests.detectors.explanation.enumeration import shapley_by_definition

# Few distinct values, so that ties are common.
TERMS = st.integers(-4, 4).map(lambda value: value / 2)


def largest(terms: Matrix) -> Vector:
    return terms.max(axis=1)


@given(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            arrays(np.float64, (1, n), elements=TERMS),
            arrays(np.float64, st.tuples(st.integers(1, 4), st.just(n)), elements=TERMS),
        )
    )
)
@settings(max_examples=150, deadline=None)
def test_a_maximum_is_shared_out_by_definition(tables: tuple[Matrix, Matrix]) -> None:
    terms, background = tables
    np.testing.assert_allclose(
        maximum_contributions(terms, background)[0],
        shapley_by_definition(largest, terms[0], background),
        atol=1e-12,
    )


def test_any_number_of_columns_adds_up() -> None:
    terms = np.random.default_rng(0).normal(size=(120, 1000))
    contributions = maximum_contributions(terms[:20], terms[20:])
    expected = largest(terms[:20]) - largest(terms[20:]).mean()
    np.testing.assert_allclose(contributions.sum(axis=1), expected, atol=1e-12)


def test_only_the_column_that_is_largest_in_the_row_raises_the_maximum() -> None:
    contributions = maximum_contributions(np.array([[5.0, 1.0, 0.0]]), np.zeros((1, 3)))
    np.testing.assert_allclose(contributions, [[4.5, 0.5, 0.0]])
