import threading

import numpy as np
import pytest

from detectors.batch.autoencoder import Activation, Autoencoder, AutoencoderConfig
from detectors.validation import Matrix, Vector


@pytest.fixture
def curve() -> Matrix:
    """Five columns that follow one hidden value along a curve, in different units."""
    t = np.random.default_rng(0).uniform(-1, 1, 800)
    columns = np.column_stack([t, t**2, t**3, np.sin(3 * t), np.cos(3 * t)])
    return (columns + np.random.default_rng(1).normal(0, 0.02, columns.shape)) * 10.0 ** np.arange(
        5
    )


def score(X: Matrix, **parameters: int) -> Vector:
    return Autoencoder(**parameters).fit(X).decision_scores_


def test_a_row_that_breaks_the_relation_outranks_rows_that_keep_it(curve: Matrix) -> None:
    # Every value is an ordinary one, only not beside the others.
    odd = np.column_stack([curve[:, :2].max(axis=0), curve[:, 2:4].min(axis=0)]).ravel()
    X = np.vstack([curve, [*odd, curve[0, 4]]])
    assert np.argmax(score(X)) == len(curve)


def test_a_crowd_of_extremes_is_not_learnt_as_normal() -> None:
    X = np.random.default_rng(0).normal(size=(2000, 10))
    X[:5] += 8
    assert set(np.argsort(-score(X, epochs=20))[:5]) == set(range(5))


def test_more_epochs_fit_the_data_better(curve: Matrix) -> None:
    means = [score(curve, epochs=epochs).mean() for epochs in (1, 10, 60)]
    assert means[0] > means[1] > means[2]


def test_a_narrower_bottleneck_lets_less_through() -> None:
    X = np.random.default_rng(0).normal(size=(500, 6))
    means = [score(X, bottleneck=width).mean() for width in (1, 3, 6)]
    assert means[0] > means[1] > means[2]


def test_the_layers_are_those_asked_for(curve: Matrix) -> None:
    detector = Autoencoder(hidden_units=7, bottleneck=2, epochs=1).fit(curve)
    assert [weights.shape for weights in detector.network_.coefs_] == [
        (5, 7),
        (7, 2),
        (2, 7),
        (7, 5),
    ]
    assert Autoencoder(epochs=1).fit(curve).network_.coefs_[1].shape == (32, 2)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
def test_the_error_grows_with_the_distance_from_the_data(
    curve: Matrix, activation: Activation
) -> None:
    detector = AutoencoderConfig(activation=activation, epochs=20).build(seed=0).fit(curve)
    errors = detector.decision_function(curve[:1] * [[1.0], [30.0], [1e9], [1e90]])
    assert (np.diff(errors) > 0).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (40, 1), (3, 200)])
def test_tables_smaller_than_a_batch_are_learnt_too(shape: tuple[int, int]) -> None:
    X = np.random.default_rng(0).normal(size=shape)
    assert score(X, epochs=3).shape == (shape[0],)


def test_a_seed_sets_the_first_weights(curve: Matrix) -> None:
    first, again, other = (score(curve, epochs=2, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.filterwarnings("ignore:Training interrupted by user")
def test_an_interruption_ends_the_training(curve: Matrix) -> None:
    import _thread

    timer = threading.Timer(0.5, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        Autoencoder(epochs=10_000).fit(curve)
    timer.join()
