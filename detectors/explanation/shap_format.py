"""Contributions in the form that shap's plots take."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from detectors.explanation.contributions import Contributions
from detectors.validation import Matrix

if TYPE_CHECKING:
    import shap


def to_shap(
    contributions: Contributions, X: Matrix, feature_names: Sequence[str]
) -> "shap.Explanation":
    """Return the contributions of the rows ``X`` as shap's explanation; one row is ``[i]`` of it.

    shap takes two seconds to import, so it is imported here and not with the module.
    """
    import shap

    return shap.Explanation(
        values=contributions.values,
        base_values=np.full(len(X), contributions.base),
        data=X,
        feature_names=list(feature_names),
    )
