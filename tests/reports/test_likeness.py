from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from reports.comparison_facts import PairFacts
from reports.level_words import flagged_by, flagging
from reports.likeness import REDUNDANT, Likeness, other_of


def likeness_of(**spearman: float) -> Likeness:
    """Pairs named by their two letters."""
    return Likeness(
        [PairFacts(name[0], name[1], 1, 2, 0.5, value) for name, value in spearman.items()]
    )


def test_a_pair_is_found_in_either_order():
    likeness = likeness_of(ab=0.3)
    assert likeness.pair("a", "b") is likeness.pair("b", "a")
    assert other_of(likeness.pair("a", "b"), "a") == "b"
    assert other_of(likeness.pair("a", "b"), "b") == "a"


def test_the_closest_is_the_one_with_the_highest_spearman():
    likeness = likeness_of(ab=0.3, ac=0.7, bc=0.9)
    assert other_of(likeness.closest("a"), "a") == "c"
    assert other_of(likeness.closest("b"), "b") == "c"


def test_of_two_redundant_detectors_the_preferred_one_is_kept():
    likeness = likeness_of(ab=0.97, ac=0.2, bc=0.2)
    assert likeness.redundant(["b", "a", "c"]) == {"b": ["a"]}
    assert likeness.redundant(["a", "b", "c"]) == {"a": ["b"]}


def test_nobody_is_redundant_by_way_of_a_third():
    likeness = likeness_of(ab=0.97, bc=0.97, ac=0.93)
    assert likeness.redundant(["a", "b", "c"]) == {"a": ["b"]}


def test_a_spearman_of_just_the_limit_is_not_redundant():
    assert likeness_of(ab=REDUNDANT).redundant(["a", "b"]) == {}


@given(st.data(), st.integers(2, 8))
def test_whoever_is_left_out_is_like_the_one_that_is_kept_and_those_kept_differ(data, n):
    labels = list("abcdefgh"[:n])
    likeness = likeness_of(
        **{first + second: data.draw(st.floats(-1, 1)) for first, second in combinations(labels, 2)}
    )
    groups = likeness.redundant(labels)
    left_out = [label for others in groups.values() for label in others]
    assert len(left_out) == len(set(left_out))
    for kept, others in groups.items():
        assert all(likeness.pair(kept, other).spearman > REDUNDANT for other in others)
    kept = [label for label in labels if label not in left_out]
    assert all(likeness.pair(a, b).spearman <= REDUNDANT for a, b in combinations(kept, 2))


@given(st.integers(1, 12))
def test_levels_in_words_cover_every_count_once(n):
    counts = [i for level in ("one", "some", "majority", "all") for i in flagging(level, n)]
    assert counts == list(range(1, n + 1))


def test_levels_are_said_by_their_counts():
    assert [flagged_by(level, 6) for level in ("all", "majority", "some", "one")] == [
        "all 6",
        "4 or 5 of 6",
        "2 or 3 of 6",
        "1 of 6",
    ]
    assert flagged_by("all", 2) == "both"
    assert flagged_by("majority", 12) == "7 to 11 of 12"
