"""What the detectors have in common that fit a forest anew after every so many rows."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.online.base import Observations, OnlineDetector, OnlineDetectorConfig, OnlineSetup
from detectors.validation import Matrix, Vector

_OUTSIDE = 0.005

# A column with fewer values in a window is not judged by it: too little is known of it.
_FEWEST_VALUES = 30


class RowScorer(Protocol):
    """What was fitted to some rows: it scores a row by these, and by no other."""

    def score(self, X: Matrix) -> Vector:
        """Return the scores of rows, shape (n_rows,); a value that is NaN takes no part."""


class RefittedDetector(OnlineDetector):
    """Fits to the last ``window`` rows learnt, whenever ``refit_every`` more have been.

    Rows in between are scored alike, by the fit before them, so they can be scored together. What
    was fitted is kept as the rows that it was fitted to, and fitted again by ``restore``.
    Before the first fit all rows score 0.

    A row with gaps is scored by the values it has, and learnt. For a fit, each gap takes a value
    drawn from those that its column has in the window, so that the gap itself says nothing. A
    column that has nearly none takes no part until a window knows it.

    A column's part in a score is the mean of two: by how much the score rises when all columns are
    at their medians and this one takes its value, and by how much it falls when this one alone goes
    to its median. For two columns that is the Shapley value.
    """

    def __init__(
        self, config: OnlineDetectorConfig, setup: OnlineSetup, window: int, refit_every: int
    ) -> None:
        super().__init__(config, setup)
        self._window = window
        self._refit_every = refit_every
        # The rows of the last fit, and those learnt since.
        self._ring = np.zeros((window + refit_every, self.n_features))
        self._total = np.zeros(1, np.int64)
        self._fitted: RowScorer | None = None
        self._low, self._median, self._high = np.full((3, self.n_features), np.nan)

    @property
    def warm_up(self) -> int:
        """Nothing is scored before the first fit."""
        return self._refit_every

    @abstractmethod
    def _fit(self, rows: Matrix, seed: int) -> RowScorer:
        """Fit to ``rows``, which have no gaps; ``seed`` is another one for each fit."""

    def _observe(self, X: Matrix, timestamps: Vector, *, learn: bool) -> Observations:
        found = Observations.empty(*X.shape)
        missing = np.isnan(X)
        found.column_scores[~missing] = 0.0
        present = np.asarray(~missing.all(axis=1))
        start = 0
        while start < len(X):
            stop = start + self._refit_every - int(self._total[0]) % self._refit_every
            part = slice(start, stop) if learn else slice(None)
            self._judge(X[part], present[part], found, part)
            if not learn:
                break
            self._learn(X[part], present[part], found, part)
            start = stop
        return found

    def _judge(
        self, X: Matrix, present: NDArray[np.bool_], found: Observations, part: slice
    ) -> None:
        found.expected_low[part], found.expected_high[part] = self._low, self._high
        if self._fitted is None or not present.any():
            return
        scores, column_scores = found.scores[part], found.column_scores[part]
        judged = np.where(np.isnan(self._median), np.nan, X)
        present = present & ~np.isnan(judged).all(axis=1)
        scores[present] = self._fitted.score(judged[present])
        for row in np.flatnonzero(scores > self.threshold):
            parts = self._contributions(self._fitted, judged[row])
            there = ~np.isnan(judged[row])
            column_scores[row, there] = parts[there]

    def _contributions(self, fitted: RowScorer, row: Vector) -> Vector:
        n = self.n_features
        own = np.eye(n, dtype=bool)
        middle = np.where(np.isnan(row), np.nan, self._median)
        alone = np.where(own, row, middle)
        without = np.where(own, middle, row)
        scores = fitted.score(np.vstack([alone, without, row, middle]))
        contributions: Vector = (scores[:n] - scores[-1] + scores[-2] - scores[n : 2 * n]) / 2
        return contributions

    def _learn(
        self, X: Matrix, present: NDArray[np.bool_], found: Observations, part: slice
    ) -> None:
        from detectors.kernels.learning import decide_rows

        learnt = found.learnt[part]
        decide_rows(
            self._progress, found.scores[part], present,
            self.threshold, self.warm_up, self._patience, learnt,
        )  # fmt: skip
        rows = X[learnt]
        self._ring[(self._total[0] + np.arange(len(rows))) % len(self._ring)] = rows
        self._total += len(rows)
        if len(rows) and self._total[0] % self._refit_every == 0:
            self._refit()

    def _refit(self) -> None:
        number = int(self._total[0]) // self._refit_every
        last = number * self._refit_every
        places = np.arange(max(0, last - self._window), last) % len(self._ring)
        rows = self._ring[places]
        for column, values in enumerate(rows.T):
            there = ~np.isnan(values)
            known = values[there]
            ranges = np.full(3, np.nan)
            if len(known) >= min(_FEWEST_VALUES, len(rows)):
                ranges = np.quantile(known, [_OUTSIDE, 0.5, 1 - _OUTSIDE])
            self._low[column], self._median[column], self._high[column] = ranges
            if len(known) < len(rows):
                random = np.random.default_rng([self.seed % 2**64, number, column])
                rows[~there, column] = random.choice(known, (~there).sum()) if len(known) else 0.0
        self._fitted = self._fit(rows, self.seed + number)

    def _kept(self) -> Mapping[str, NDArray[Any]]:
        return {"progress": self._progress, "ring": self._ring, "total": self._total}

    def _rebuild(self) -> None:
        if self._total[0] >= self._refit_every:
            self._refit()
        else:
            self._fitted = None
            self._low, self._median, self._high = np.full((3, self.n_features), np.nan)
