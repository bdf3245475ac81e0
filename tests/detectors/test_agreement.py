from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from detectors.agreement import AgreementLevel, Opinion, find_agreement

NAMES = ("a", "b", "c", "d", "e")


@st.composite
def opinions(draw, max_detectors=5):
    n_rows = draw(st.integers(2, 12))
    names = NAMES[: draw(st.integers(1, max_detectors))]
    scores = arrays(np.float64, n_rows, elements=st.integers(0, 5).map(float))
    flags = arrays(np.bool_, n_rows)
    return {name: Opinion(draw(scores), draw(flags)) for name in names}


@given(opinions())
def test_levels_are_exclusive_and_sum_to_the_distinct_flagged_rows(given_opinions):
    agreement = find_agreement(given_opinions)
    flagged = np.any([opinion.flags for opinion in given_opinions.values()], axis=0)
    assert sum(agreement.levels.values()) == len(agreement.rows) == flagged.sum()
    assert {row.row for row in agreement.rows} == set(np.flatnonzero(flagged))


@given(opinions())
def test_each_row_has_the_level_of_its_count(given_opinions):
    k = len(given_opinions)
    for row in find_agreement(given_opinions).rows:
        count = sum(bool(opinion.flags[row.row]) for opinion in given_opinions.values())
        assert len(row.detectors) == count
        assert row.confidence == count / k
        expected = (
            "all"
            if count == k
            else "one"
            if count == 1
            else "majority"
            if count > k / 2
            else "some"
        )
        assert row.level == expected


@given(opinions(max_detectors=4))
def test_the_order_of_detectors_does_not_matter(given_opinions):
    agreement = find_agreement(given_opinions)
    as_sets = [(row.row, set(row.detectors), row.level) for row in agreement.rows]
    for names in permutations(given_opinions):
        other = find_agreement({name: given_opinions[name] for name in names})
        assert [(row.row, set(row.detectors), row.level) for row in other.rows] == as_sets
        assert other.levels == agreement.levels
        assert {_pair(pair) for pair in other.pairs} == {_pair(pair) for pair in agreement.pairs}


def _pair(pair):
    return frozenset((pair.first, pair.second)), pair.both, pair.either, round(pair.spearman, 12)


@given(opinions(max_detectors=1))
def test_a_detector_agrees_with_itself_entirely(given_opinions):
    opinion = given_opinions["a"]
    [pair] = find_agreement({"a": opinion, "again": opinion}).pairs
    assert pair.jaccard == (1.0 if opinion.flags.any() else None)
    assert pair.both == pair.either == opinion.flags.sum()
    constant = np.ptp(opinion.scores) == 0
    assert pair.spearman == pytest.approx(0.0 if constant else 1.0)


@given(opinions())
def test_rows_are_ordered_by_count_and_then_by_mean_rank(given_opinions):
    rows = find_agreement(given_opinions).rows
    keys = [(-len(row.detectors), row.mean_rank) for row in rows]
    assert keys == sorted(keys)


def test_spearman_is_scipys():
    random = np.random.default_rng(0)
    first, second = random.integers(0, 9, (2, 200)).astype(float)
    nothing = np.zeros(200, dtype=bool)
    [pair] = find_agreement({"a": Opinion(first, nothing), "b": Opinion(second, nothing)}).pairs
    assert pair.spearman == pytest.approx(spearmanr(first, second).statistic)


def test_two_detectors_that_flag_nothing_have_no_jaccard():
    nothing = Opinion(np.arange(9.0), np.zeros(9, dtype=bool))
    [pair] = find_agreement({"a": nothing, "b": nothing}).pairs
    assert pair.jaccard is None


@pytest.mark.parametrize(
    ("count", "of", "level"),
    [
        (1, 1, "all"),
        (1, 2, "one"),
        (2, 2, "all"),
        (2, 3, "majority"),
        (2, 4, "some"),
        (3, 4, "majority"),
        (3, 6, "some"),
        (4, 6, "majority"),
    ],
)
def test_a_majority_is_more_than_half_but_not_all(count, of, level):
    assert AgreementLevel.of(count, of) == level


def test_there_is_nothing_to_agree_on_without_a_detector():
    with pytest.raises(ValueError, match="no detector succeeded"):
        find_agreement({})


def test_detectors_must_have_scored_the_same_rows():
    short, long = (Opinion(np.zeros(n), np.zeros(n, dtype=bool)) for n in (2, 3))
    with pytest.raises(ValueError, match="different numbers of rows"):
        find_agreement({"a": short, "b": long})
