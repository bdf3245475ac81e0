"""A detector with what belongs to it in a stream: alerts, and statistics of the columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.online.alerts import AlertMemory, AlertPolicy, Judgement, judge
from detectors.online.base import Observations, OnlineDetector
from detectors.online.statistics import RunningStatistics
from detectors.online.times import LAST_SECOND, Moments, to_seconds
from detectors.validation import Matrix


@dataclass(frozen=True)
class Sight:
    """What was seen in n rows of d columns.

    Attributes:
        first: number of the first row, from 0.
        observations: what the detector says.
        scored: whether each row had a value to score, shape (n,); the others are skipped, and
            their score is NaN.
        judgement: anomalies, and the alerts they raise.
    """

    first: int
    observations: Observations
    scored: NDArray[np.bool_]
    judgement: Judgement


class Monitor:
    """Watches rows as they come; however they are cut into calls, it sees the same.

    Attributes:
        detector: scores and learns.
        policy: when an anomaly raises an alert.
        memory: what alerts depend on of the rows so far.
        statistics: of every column.
        anomaly_counts: anomalies that each column drives, shape (n_features,).
        rows_scored: rows so far that had a value to score.
        silent_rows: the first rows, which raise no alert since they show what is normal.
    """

    def __init__(self, detector: OnlineDetector, policy: AlertPolicy, backfill: int = 0) -> None:
        """Watch with a detector that has seen nothing.

        Args:
            detector: scores and learns.
            policy: when an anomaly raises an alert.
            backfill: the first rows, which are learnt from and raise no alert.
        """
        self.detector = detector
        self.policy = policy
        self.memory = AlertMemory()
        self.statistics = RunningStatistics.empty(detector.n_features)
        self.anomaly_counts = np.zeros(detector.n_features, np.int64)
        self.rows_scored = 0
        self.silent_rows = max(backfill, detector.warm_up)

    @property
    def rows_seen(self) -> int:
        """Rows so far; the number of the next one."""
        return self.detector.n_seen

    @property
    def silent_rows_left(self) -> int:
        """Rows that will still raise no alert, since they only serve to learn what is normal."""
        return max(0, self.silent_rows - self.rows_seen)

    def observe(self, X: Matrix, times: Moments) -> Sight:
        """Score and learn rows, and decide which raise an alert.

        Args:
            X: rows, shape (n, n_features); NaN is missing.
            times: as ``to_seconds`` takes them, shape (n,); NaN where a row has none.

        Raises:
            DetectorError: another number of columns, or ``times`` holds something else.
        """
        times = to_seconds(times)
        # One row with an impossible time is a row without one; it must not stop the others.
        times = np.where(np.abs(times) <= LAST_SECOND, times, np.nan)
        first, silent = self.rows_seen, self.silent_rows_left
        observations = self.detector.observe_many(X, times)
        scored = np.asarray(np.isfinite(observations.scores))
        counted = scored & (np.arange(len(X)) >= silent)
        judgement = judge(self.policy, self.memory, observations.scores, counted, times)
        self.memory = judgement.memory
        self.rows_scored += int(np.count_nonzero(scored))
        self.statistics.update(X)
        driving = self.driving(observations) & judgement.anomalies[:, None]
        self.anomaly_counts += driving.sum(axis=0)
        return Sight(first, observations, scored, judgement)

    def driving(self, observations: Observations) -> NDArray[np.bool_]:
        """Return which columns drive the score of each row, shape (n, d).

        Those that score above the threshold by themselves; where none does, since the detector
        takes the columns together, those with at least half the largest part in the score.
        """
        parts = np.nan_to_num(observations.column_scores, nan=0.0)
        alone = parts > self.policy.threshold
        largest = parts.max(axis=1, keepdims=True)
        together = (parts >= largest / 2) & (largest > 0) & ~alone.any(axis=1, keepdims=True)
        return np.asarray(alone | together)
