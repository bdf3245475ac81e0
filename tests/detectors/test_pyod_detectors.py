"""The detectors that PyOD also has: equal to it where it is right, and better where it is not."""

import numpy as np
import pytest
from pyod.models.base import BaseDetector
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.gmm import GMM
from pyod.models.hbos import HBOS
from pyod.models.inne import INNE
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from pyod.models.pca import PCA
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from detectors.base import Detector
from detectors.batch.cblof import Cblof
from detectors.batch.copod import Copod
from detectors.batch.ecod import Ecod
from detectors.batch.gmm import Gmm
from detectors.batch.hbos import Hbos
from detectors.batch.inne import Inne
from detectors.batch.knn import Knn
from detectors.batch.lof import Lof
from detectors.batch.mcd import Mcd
from detectors.batch.pca import Pca
from detectors.per_column import PerColumnDetector
from detectors.scaling import ColumnScaler, Scaling
from detectors.validation import Matrix


@pytest.fixture
def rows() -> Matrix:
    rng = np.random.default_rng(0)
    skewed = np.column_stack([rng.exponential(size=500), -rng.exponential(size=500)])
    return np.column_stack([rng.normal(size=(500, 2)), skewed])


@pytest.mark.parametrize(
    ("ours", "theirs", "scaling"),
    [
        (Ecod(), ECOD(), "none"),
        (Copod(), COPOD(), "none"),
        (Hbos(), HBOS(n_bins="auto"), "standard"),
        (Knn(n_neighbors=7), KNN(n_neighbors=7), "robust"),
        (Knn(n_neighbors=7, method="mean"), KNN(n_neighbors=7, method="mean"), "robust"),
        (Lof(), LOF(), "robust"),
        (Gmm(n_components=1), GMM(n_components=1, reg_covar=0.01), "standard"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_training_rows_score_as_in_pyod(
    ours: Detector, theirs: BaseDetector, scaling: Scaling, rows: Matrix
) -> None:
    scaled = ColumnScaler.fit(rows, scaling).transform(rows)
    expected = theirs.fit(scaled).decision_scores_
    np.testing.assert_allclose(ours.fit(rows).decision_scores_, expected, rtol=1e-9, atol=1e-9)


def test_inne_ranks_as_pyod_does(rows: Matrix) -> None:
    scaled = ColumnScaler.fit(rows, "robust").transform(rows)
    theirs = INNE(n_estimators=1000, random_state=0).fit(scaled).decision_scores_
    ours = Inne(n_estimators=1000).fit(rows).decision_scores_
    assert spearmanr(ours, theirs).statistic > 0.98


@pytest.mark.parametrize("detector", [Ecod(), Copod(), Hbos()], ids=lambda d: type(d).__name__)
def test_terms_add_up_to_the_score(detector: PerColumnDetector, rows: Matrix) -> None:
    detector.fit(rows)
    terms = detector.terms(rows)
    assert terms.shape == rows.shape
    np.testing.assert_allclose(terms.sum(axis=1), detector.decision_scores_)


@pytest.mark.parametrize("detector", [Ecod(), Copod(), Hbos()], ids=lambda d: type(d).__name__)
def test_the_term_of_the_odd_column_stands_out(detector: PerColumnDetector, rows: Matrix) -> None:
    odd = np.median(rows, axis=0)
    odd[2] = 30.0
    assert detector.fit(rows).terms(odd[None])[0].argmax() == 2


@pytest.mark.parametrize("detector", [Ecod(), Copod()], ids=lambda d: type(d).__name__)
def test_beyond_the_training_range_is_rarer_than_at_its_end(
    detector: Detector, rows: Matrix
) -> None:
    end = np.max(rows, axis=0, keepdims=True)
    detector.fit(rows)
    assert detector.decision_function(end + 1.0) > detector.decision_function(end)


@pytest.mark.parametrize("detector", [Ecod(), Copod(), Hbos()], ids=lambda d: type(d).__name__)
def test_a_training_row_scores_the_same_when_it_comes_again(
    detector: Detector, rows: Matrix
) -> None:
    detector.fit(rows)
    np.testing.assert_array_equal(detector.decision_function(rows), detector.decision_scores_)


@pytest.mark.parametrize("detector", [Knn(n_neighbors=1), Lof()], ids=lambda d: type(d).__name__)
def test_a_new_row_leaves_out_the_row_it_equals_and_no_other(
    detector: Detector, rows: Matrix
) -> None:
    detector.fit(rows)
    assert (detector.decision_scores_ > 0).all()
    np.testing.assert_array_equal(detector.decision_function(rows), detector.decision_scores_)
    near = detector.decision_function(rows + 1e-9)
    assert near.sum() < 0.999 * detector.decision_scores_.sum()


def test_repeated_rows_do_not_make_outliers_of_their_neighbours(rows: Matrix) -> None:
    rows[:100] = rows[0]
    near = rows[:1] + 0.01
    assert Lof().fit(rows).decision_function(near) < 3
    scaled = ColumnScaler.fit(rows, "robust")
    theirs = LOF().fit(scaled.transform(rows))
    assert theirs.decision_function(scaled.transform(near)) > 1000


@pytest.mark.parametrize("detector", [Pca(), Mcd(), Gmm()], ids=lambda d: type(d).__name__)
def test_rows_that_break_a_relation_between_columns_stand_out(detector: Detector) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 2)) @ rng.normal(size=(2, 6)) + 0.1 * rng.normal(size=(2000, 6))
    broken = np.arange(2000) < 20
    X[broken] = np.column_stack([rng.permutation(column)[:20] for column in X.T])
    assert roc_auc_score(broken, detector.fit(X).decision_scores_) > 0.97
    assert roc_auc_score(broken, PCA().fit(X).decision_scores_) < 0.75


def test_a_fifth_of_the_rows_does_not_move_the_robust_centre() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 3))
    anomalies = np.arange(1000) < 200
    X[anomalies] = 5 + 0.1 * rng.normal(size=(200, 3))
    assert roc_auc_score(anomalies, Mcd().fit(X).decision_scores_) == 1
    assert roc_auc_score(anomalies, Pca().fit(X).decision_scores_) < 0.9


def test_a_component_on_a_single_row_does_not_call_it_normal(rows: Matrix) -> None:
    rows[17, 2] = 1e6
    assert Gmm(n_components=5).fit(rows).decision_scores_.argmax() == 17


def test_plain_normal_rows_are_clustered_like_any_others() -> None:
    X = np.random.default_rng(0).normal(size=(1000, 5))
    scores = Cblof().fit(X).decision_scores_
    assert spearmanr(scores, np.linalg.norm(X, axis=1)).statistic > 0.3
