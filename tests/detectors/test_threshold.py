import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import TypeAdapter, ValidationError

from detectors.batch.isolation_forest import IsolationForest
from detectors.batch.statistical import Statistical
from detectors.threshold import (
    Contamination,
    FalseAlarm,
    Fixed,
    ThresholdDecision,
    ThresholdPolicy,
    decide_threshold,
)
from detectors.validation import Matrix, Vector
from tests.detectors.clean_shapes import clean_shapes

policies: TypeAdapter[ThresholdPolicy] = TypeAdapter(ThresholdPolicy)

# Few distinct values, so that ties are common.
scores_with_ties = arrays(np.float64, st.integers(1, 60), elements=st.integers(0, 8).map(float))
twin_scores = arrays(np.float64, 2000, elements=st.integers(0, 50).map(float), fill=st.just(3.0))
rates = st.floats(0.0005, 0.5)


def decide(policy: ThresholdPolicy, X: Matrix, seed: int = 0) -> tuple[ThresholdDecision, Vector]:
    detector = IsolationForest(seed=seed).fit(X)
    scores = detector.decision_scores_
    return decide_threshold(policy, detector, X, scores, seed), scores


@pytest.mark.parametrize("shape", list(clean_shapes(2, 0)))
def test_few_rows_of_clean_data_are_labelled(shape: str) -> None:
    X = clean_shapes(5000, 0)[shape]
    decision, scores = decide(FalseAlarm(rate=0.01), X)
    assert decision.labels(scores).mean() <= 0.015


@pytest.mark.parametrize(("share", "gap"), [(0.5, 10.0), (0.4, 8.0), (0.4, 20.0), (0.3, 5.0)])
def test_scores_in_two_heaps_do_not_make_one_heap_anomalous(share: float, gap: float) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 2)) + gap * (rng.random((5000, 1)) < share)
    detector = Statistical().fit(X)
    scores = detector.decision_scores_
    decision = decide_threshold(FalseAlarm(rate=0.01), detector, X, scores, 0)
    assert decision.labels(scores).mean() <= 0.015


def test_planted_anomalies_are_labelled_however_many_there_are() -> None:
    X = clean_shapes(2000, 1)["normal"]
    for n_planted in (1, 20, 100):
        X[:n_planted] = 6.0
        decision, scores = decide(FalseAlarm(rate=0.01), X)
        labels = decision.labels(scores)
        assert labels[:n_planted].all()
        assert labels[n_planted:].mean() < 0.015


def test_a_table_of_equal_rows_has_no_anomaly() -> None:
    for policy in (FalseAlarm(), Contamination()):
        decision, scores = decide(policy, np.ones((100, 3)))
        assert not decision.labels(scores).any()
        np.testing.assert_array_equal(decision.p_values(scores), 1.0)


def test_one_row_is_no_anomaly() -> None:
    for policy in (FalseAlarm(), Contamination()):
        decision, scores = decide(policy, np.ones((1, 3)))
        assert not decision.labels(scores).any()


def test_a_seed_gives_one_decision() -> None:
    X = clean_shapes(500, 0)["two factors"]
    (first, _), (again, _) = decide(FalseAlarm(), X), decide(FalseAlarm(), X)
    assert first.threshold == again.threshold
    np.testing.assert_array_equal(first.twin_scores, again.twin_scores)


@pytest.mark.parametrize("policy", [FalseAlarm(), Contamination(), Fixed(score=0.5)])
def test_p_values_come_with_every_policy_and_fall_as_scores_rise(policy: ThresholdPolicy) -> None:
    decision, scores = decide(policy, clean_shapes(500, 0)["exponential"])
    p_values = decision.p_values(np.sort(scores))
    assert (np.diff(p_values) <= 0).all()
    assert p_values.max() <= 1
    assert decision.p_values(np.array([np.inf]))[0] == 1 / 2001
    assert (np.diff(decision.twin_scores) >= 0).all()


def test_p_values_of_clean_rows_are_about_uniform() -> None:
    decision, scores = decide(FalseAlarm(), clean_shapes(5000, 0)["normal"])
    p_values = np.sort(decision.p_values(scores))
    np.testing.assert_allclose(p_values, np.arange(1, 5001) / 5000, atol=0.06)


@given(scores_with_ties, twin_scores, rates)
@settings(max_examples=50, deadline=None)
def test_a_row_is_labelled_if_and_only_if_its_p_value_is_within_the_rate(
    scores: Vector, twin: Vector, rate: float
) -> None:
    twin = np.sort(twin)
    decision = ThresholdDecision(FalseAlarm(rate=rate).choose(scores, twin), twin)
    np.testing.assert_array_equal(decision.labels(scores), decision.p_values(scores) <= rate)


@given(scores_with_ties, twin_scores, rates, rates)
@settings(max_examples=50, deadline=None)
def test_a_stricter_policy_never_labels_more(
    scores: Vector, twin: Vector, one: float, other: float
) -> None:
    twin, (strict, lax) = np.sort(twin), sorted((one, other))
    for policy, parameter in ((FalseAlarm, "rate"), (Contamination, "share")):
        low, high = (policy(**{parameter: p}).choose(scores, twin) for p in (strict, lax))
        assert low >= high


@given(scores_with_ties, rates)
@settings(max_examples=50, deadline=None)
def test_contamination_labels_at_most_the_share_and_never_part_of_a_tie(
    scores: Vector, share: float
) -> None:
    labels = scores > Contamination(share=share).choose(scores, np.zeros(2000))
    assert labels.sum() <= share * len(scores) + 1e-6
    assert not set(scores[labels]) & set(scores[~labels])


def test_contamination_labels_the_share_exactly_where_scores_differ() -> None:
    scores = np.random.default_rng(0).permutation(1000).astype(float)
    threshold = Contamination(share=0.1).choose(scores, np.zeros(2000))
    assert sorted(scores[scores > threshold]) == list(range(900, 1000))


def test_a_fixed_score_is_the_threshold() -> None:
    decision, scores = decide(Fixed(score=0.55), clean_shapes(500, 0)["normal"])
    np.testing.assert_array_equal(decision.labels(scores), scores > 0.55)


def test_a_policy_is_told_by_its_method() -> None:
    assert policies.validate_python({"method": "false_alarm"}) == FalseAlarm(rate=0.01)
    assert policies.validate_python({"method": "contamination", "share": 0.2}).share == 0.2
    assert policies.validate_python({"method": "fixed", "score": -3}).score == -3.0


@pytest.mark.parametrize(
    "policy",
    [
        {"method": "false_alarm", "rate": 0.0001},  # less than one in the 2,000 rows of a twin
        {"method": "false_alarm", "rate": 0.6},
        {"method": "contamination", "share": 0},
        {"method": "fixed"},
        {"method": "fixed", "score": float("nan")},
        {"method": "fixed", "score": 1, "rate": 0.1},
        {"method": "guess"},
    ],
)
def test_parameters_out_of_bounds_are_refused(policy: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        policies.validate_python(policy)


def test_the_form_has_a_tab_for_each_policy_and_says_what_each_field_means() -> None:
    schema = policies.json_schema()
    tabs = schema["$defs"].values()
    assert [tab["title"] for tab in tabs] == ["Contamination", "False alarm", "Fixed score"]
    for tab in tabs:
        assert tab["description"]
        assert all(
            "description" in field for name, field in tab["properties"].items() if name != "method"
        )
