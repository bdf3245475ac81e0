import numpy as np
import pytest

from detectors.errors import DetectorError
from detectors.online.base import OnlineDetector
from detectors.online.value_gap import ValueGap
from detectors.registry import build_online_detector, online_algorithms
from tests.detectors.online.feeds import noise

NAMES = [info.name for info in online_algorithms()]


def trained(choice: str | dict[str, object] = "ewma", **options: int) -> OnlineDetector:
    detector = build_online_detector(choice, 2, **options)
    detector.score_learn_many(noise(300))
    return detector


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state[:-1],
        lambda state: state[: len(state) // 2],
        lambda state: state[:30],
        lambda state: state + b"\0",
        lambda state: state[:40] + bytes([state[40] ^ 1]) + state[41:],
        lambda state: state[:-20] + bytes([state[-20] ^ 1]) + state[-19:],
    ],
    ids=["a byte short", "half", "a few bytes", "a byte long", "header", "content"],
)
def test_bytes_that_are_not_as_they_were_are_refused(damage) -> None:
    detector = trained()
    before = detector.state()
    with pytest.raises(DetectorError, match="cut off or damaged"):
        detector.restore(damage(before))
    assert detector.state() == before


@pytest.mark.parametrize("foreign", [b"", b"\x80\x04]\x94.", b"PK\x03\x04" + bytes(100)])
def test_bytes_of_something_else_are_refused(foreign: bytes) -> None:
    with pytest.raises(DetectorError, match="not the state of an online detector"):
        trained().restore(foreign)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (trained("rolling_zscore"), "its parameters is .*rolling_zscore"),
        (trained({"algorithm": "ewma", "alpha": 0.2}), r"its parameters is .*0\.2"),
        (trained(seed=5), "its seed is 5, expected 0"),
        (build_online_detector("ewma", 3), "its n_features is 3, expected 2"),
    ],
)
def test_the_state_of_another_detector_is_refused(other: OnlineDetector, message: str) -> None:
    detector = trained()
    before = detector.state()
    with pytest.raises(DetectorError, match=message):
        detector.restore(other.state())
    assert detector.state() == before


def test_a_state_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    state = trained().state()
    monkeypatch.setattr("detectors.online.state.VERSION", 99)
    with pytest.raises(DetectorError, match="its version is 1, expected 99"):
        trained().restore(state)


def test_the_threshold_may_change_between_two_runs() -> None:
    detector = build_online_detector("ewma", 2, threshold=9.0, learn_anomalies=False)
    detector.restore(trained().state())
    assert detector.n_seen == 300


@pytest.mark.parametrize("algorithm", NAMES)
def test_a_detector_that_has_learnt_can_go_back_to_knowing_nothing(algorithm: str) -> None:
    detector = build_online_detector(algorithm, 2)
    start = detector.state()
    rows = noise(600)
    scores = detector.score_learn_many(rows)
    detector.restore(start)
    assert detector.n_seen == 0
    np.testing.assert_array_equal(detector.score_learn_many(rows), scores)


def test_a_state_of_the_first_edition_of_value_gap_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ValueGap, "edition", 1)
    state = trained("value_gap").state()
    monkeypatch.undo()
    detector = trained("value_gap")
    before = detector.state()
    with pytest.raises(
        DetectorError, match=r"edition 1 .* this is edition 2.*vigil streams reset NAME"
    ):
        detector.restore(state)
    assert detector.state() == before
