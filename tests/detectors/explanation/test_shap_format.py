import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from detectors.explanation.explain import explain_rows
from detectors.explanation.shap_format import to_shap
from tests.detectors.explanation.tables import N_FEATURES, fitted, training_rows

NAMES = [f"column {i}" for i in range(N_FEATURES)]


def test_shap_gets_values_base_data_and_names() -> None:
    import shap

    X = training_rows()[:4]
    contributions = explain_rows(fitted("ecod"), X, training_rows()[10:40])
    explanation = to_shap(contributions, X, NAMES)
    assert isinstance(explanation[0], shap.Explanation)
    np.testing.assert_array_equal(explanation.values, contributions.values)
    np.testing.assert_array_equal(explanation.data, X)
    assert explanation[1].base_values == contributions.base
    assert explanation.feature_names == NAMES


def test_shap_draws_the_contributions_of_a_row_and_of_all() -> None:
    import shap

    X = training_rows()[:4]
    explanation = to_shap(explain_rows(fitted("ecod"), X, X), X, NAMES)
    shap.plots.waterfall(explanation[0], show=False)
    assert "column" in " ".join(label.get_text() for label in plt.gca().get_yticklabels())
    plt.close("all")
    shap.plots.bar(explanation, show=False)
    plt.close("all")
