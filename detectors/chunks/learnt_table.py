"""Between the two passes: learn from the sampled rows all that scoring takes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.base import Detector, DetectorConfig
from detectors.chunks.column_tally import NumberTally
from detectors.chunks.table_tally import TableTally
from detectors.columns import CONSTANT, FeatureColumn, NumericColumn
from detectors.detection import check_complete
from detectors.errors import DetectorError
from detectors.explanation.background import draw_background
from detectors.extremes import RobustScale
from detectors.features import FeatureEncoder, MissingPolicy, fit_column
from detectors.profile import ColumnProfile
from detectors.roles import ColumnRoles, check_table
from detectors.scaling import column_median
from detectors.threshold import ThresholdDecision, ThresholdPolicy, decide_threshold
from detectors.validation import Matrix, Vector


@dataclass(frozen=True)
class LearntTable:
    """A detector fitted on a sample of a table, with all it takes to score the whole.

    Attributes:
        encoder: how columns become features; extremes are those of the whole table.
        rows: numbers of the rows it was fitted on, ascending.
        scale: of the features, by the sample.
        background: rows it was fitted on, in random order.
        decision: the threshold, by the sample and its reference.
        dtypes: the types that hold all values of a column, where not all parts have them.
        label: the column of ground truth; None without one.
    """

    encoder: FeatureEncoder
    detector: Detector
    rows: NDArray[np.int64]
    scale: RobustScale
    background: Matrix
    decision: ThresholdDecision
    dtypes: dict[str, str]
    label: str | None


def learn_table(
    tally: TableTally,
    roles: ColumnRoles,
    missing: MissingPolicy,
    config: DetectorConfig,
    policy: ThresholdPolicy,
    seed: int,
) -> LearntTable:
    """Fit a detector on the sampled rows of a table, and choose the threshold.

    Args:
        tally: of the whole table.
        roles: which column is what.
        missing: what is done with rows in which a value is missing.
        config: the detector to build.
        policy: how the threshold is chosen.
        seed: of the detector and the threshold.

    Raises:
        DetectorError: there is nothing to detect anomalies in, or the detector cannot be fitted.
    """
    sample = tally.sample
    encoder = _fit_encoder(tally, sample, roles, missing)
    encoded = encoder.encode(sample)
    check_complete(len(encoded.X))
    detector = config.build(seed).fit(encoded.X)
    decision = decide_threshold(policy, detector, encoded.X, detector.decision_scores_, seed)
    return LearntTable(
        encoder=encoder,
        detector=detector,
        rows=sample.index.to_numpy(np.int64)[encoded.positions],
        scale=RobustScale.fit(encoded.X, encoded.imputed),
        background=draw_background(encoded.X, seed),
        decision=decision,
        dtypes={name: column.dtype for name, column in tally.columns.items()},
        label=roles.label,
    )


def profile_tally(tally: TableTally) -> tuple[ColumnProfile, ...]:
    """Return the profile of each column: exact, but for medians, which a sample estimates."""
    sample = tally.sample
    estimated = len(sample) < tally.n_rows
    return tuple(
        column.profile(
            name,
            _median(sample[name]) if isinstance(column, NumberTally) else None,
            estimated=estimated,
        )
        for name, column in tally.columns.items()
    )


def _fit_encoder(
    tally: TableTally, sample: pd.DataFrame, roles: ColumnRoles, missing: MissingPolicy
) -> FeatureEncoder:
    check_table(sample, roles)
    fitted = {name: _fit_column(tally, sample[name], roles) for name in roles.candidates(sample)}
    encoder = FeatureEncoder.of(fitted, missing)
    if missing == "error":
        for column in encoder.columns:
            _refuse_missing(column.name, tally.columns[column.name].missing)
    return encoder


def _fit_column(tally: TableTally, series: pd.Series, roles: ColumnRoles) -> FeatureColumn | str:
    """Return how to encode a column, or why it is left out: numbers by the whole of it."""
    name = str(series.name)
    column = tally.columns[name]
    if isinstance(column, NumberTally):
        return _fit_numbers(name, column, _median(series))
    named = roles.features is not None
    fitted = fit_column(series, named)
    # What holds of a whole column is said of the sample where it may hold of no other row.
    sampled = isinstance(fitted, str) and (named or not series.count())
    return f"{fitted} sampled" if sampled else fitted


def _fit_numbers(name: str, column: NumberTally, median: float | None) -> FeatureColumn | str:
    if not column.moments.count:
        return "no finite values" if column.infinite else "no values"
    if column.minimum == column.maximum and not column.infinite:
        return CONSTANT
    if median is None:
        return "no finite values in the rows sampled"
    return NumericColumn.spanning(name, median, column.minimum, column.maximum)


def _median(series: pd.Series) -> float | None:
    values: Vector = series.to_numpy(np.float64)
    finite = values[np.isfinite(values)]
    return float(column_median(finite)) if finite.size else None


def _refuse_missing(name: str, missing: int) -> None:
    if missing:
        raise DetectorError(
            f"column {name!r} has {missing:,} missing values: fill them, or choose missing=impute "
            "or missing=drop_rows"
        )
