"""The contract of an online detector, and of the configuration that builds it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from detectors.config import AlgorithmConfig
from detectors.errors import DetectorError
from detectors.online.state import pack, unpack
from detectors.online.times import Moment, Moments
from detectors.online.validation import check_observations
from detectors.validation import Matrix, Vector


@dataclass(frozen=True)
class Observations:
    """What a detector says of n rows of d columns.

    Attributes:
        scores: how odd each row is, shape (n,); NaN for a row without any value, which is skipped,
            and finite for all others. 0 as long as nothing is known to score it by.
        column_scores: what each column has to do with it, shape (n, d). Detectors that judge each
            column on its own give its score, of which the row has the largest, and NaN where the
            value is missing. Detectors that take the columns together give the part that each has
            in the score, NaN where the value is missing; ``windowed_isolation_forest`` and
            ``half_space_trees`` only for rows that score above the threshold, and 0 for the others.
        expected_low: the values that the column was expected to have, shape (n, d); NaN as long as
            too little is known to say.
        expected_high: see ``expected_low``.
        learnt: whether anything of the row was learnt, shape (n,).
    """

    scores: Vector
    column_scores: Matrix
    expected_low: Matrix
    expected_high: Matrix
    learnt: NDArray[np.bool_]

    @classmethod
    def empty(cls, n_rows: int, n_features: int) -> "Observations":
        """Return the observations of rows of which nothing is known yet."""
        shape = (n_rows, n_features)
        return cls(
            scores=np.zeros(n_rows),
            column_scores=np.full(shape, np.nan),
            expected_low=np.full(shape, np.nan),
            expected_high=np.full(shape, np.nan),
            learnt=np.zeros(n_rows, np.bool_),
        )


@dataclass(frozen=True)
class OnlineSetup:
    """What an online detector is built for, beside its own parameters.

    Attributes:
        n_features: columns of each row.
        threshold: a row is labelled when it scores above.
        learn_anomalies: whether rows that score above the threshold are learnt.
        seed: of everything random.
    """

    n_features: int
    threshold: float
    learn_anomalies: bool
    seed: int


class OnlineDetector(ABC):
    """Scores an observation, then learns it; a higher score is more anomalous, always.

    Rows are scored by what was learnt before them, never by what comes after. How rows are cut into
    calls does not matter, to the bit: one at a time, all at once, or with ``state`` and
    ``restore`` between any two of them. The state has a size that does not grow.

    A missing value (NaN) is not scored and not learnt: a row is scored by the values it has. A row
    without any is skipped: its score is NaN. Values beyond 1e150, and infinite ones, count as
    1e150. Where each column is judged on its own, one whose values begin late scores 0 until it has
    had as many as the warm-up.

    Without ``learn_anomalies``, a row that scores above the threshold is not learnt, once the
    warm-up is over, so that it does not become normal. When more than ``config.patience`` such rows
    follow one another the level has shifted for good: the detector learns them, and adapts.

    Attributes:
        edition: of what is learnt; a state of another edition is refused.
        config: the parameters of the algorithm.
        n_features: columns of each row.
        threshold: a row is labelled when it scores above.
        learn_anomalies: whether rows that score above the threshold are learnt.
        seed: of everything random.
    """

    edition: ClassVar[int] = 1

    def __init__(self, config: "OnlineDetectorConfig", setup: OnlineSetup) -> None:
        if setup.n_features < 1:
            raise DetectorError(f"nothing to score: {setup.n_features} columns, choose at least 1")
        self.config = config
        self.n_features = setup.n_features
        self.threshold = setup.threshold
        self.learn_anomalies = setup.learn_anomalies
        self.seed = setup.seed
        # Rows seen, and how many rows in a row, up to now, scored above the threshold.
        self._progress = np.zeros(2, np.int64)

    @property
    @abstractmethod
    def warm_up(self) -> int:
        """Observations before scores count: no alert should be raised for the first ``warm_up``."""

    @property
    def n_seen(self) -> int:
        """Rows observed, whether learnt or not."""
        return int(self._progress[0])

    def score_one(self, x: ArrayLike, timestamp: Moment | None = None) -> float:
        """Score a row, shape (n_features,), and change nothing.

        Args:
            x: the row; NaN is missing.
            timestamp: its time, as ``detectors.online.times.to_seconds`` takes it; None for none.

        Raises:
            DetectorError: another number of columns, or the timestamp is no time.
        """
        return float(self._observe_one(x, timestamp, learn=False).scores[0])

    def learn_one(self, x: ArrayLike, timestamp: Moment | None = None) -> None:
        """Observe a row: learn it, unless it is an anomaly and those are not to be learnt.

        Args:
            x: the row, shape (n_features,); NaN is missing.
            timestamp: its time, as ``detectors.online.times.to_seconds`` takes it; None for none.

        Raises:
            DetectorError: another number of columns, or the timestamp is no time.
        """
        self._observe_one(x, timestamp, learn=True)

    def score_learn_many(self, X: ArrayLike, timestamps: Moments | None = None) -> Vector:
        """Score and learn rows one after the other, and return the scores, shape (n,).

        Args:
            X: rows, shape (n, n_features); n may be 0.
            timestamps: their times, shape (n,), as ``detectors.online.times.to_seconds`` takes
                them; None if they have none.

        Raises:
            DetectorError: another number of columns, or of timestamps, or these are no times.
        """
        return self.observe_many(X, timestamps).scores

    def observe_many(self, X: ArrayLike, timestamps: Moments | None = None) -> Observations:
        """Score and learn as ``score_learn_many``, and return all there is to say of each row."""
        return self._check_and_observe(X, timestamps, learn=True)

    def state(self) -> bytes:
        """Return all that was learnt; ``restore`` of a detector built alike goes on from there."""
        return pack(self._identity(), self._kept())

    def restore(self, state: bytes) -> None:
        """Go on from what ``state`` returned; threshold and ``learn_anomalies`` may be others.

        Raises:
            DetectorError: these bytes are cut off, damaged, or of a detector built otherwise; what
                this one has learnt is then as before.
        """
        unpack(state, self._identity(), self._kept())
        self._rebuild()

    @property
    def _patience(self) -> int:
        """Rows above the threshold that are left out before the next such row is learnt."""
        return 0 if self.learn_anomalies else self.config.patience

    def _observe_one(self, x: ArrayLike, timestamp: Moment | None, *, learn: bool) -> Observations:
        row = np.asarray(x, dtype=np.float64)[None]
        times = None if timestamp is None else [timestamp]
        return self._check_and_observe(row, times, learn=learn)

    def _check_and_observe(
        self, X: ArrayLike, timestamps: Moments | None, *, learn: bool
    ) -> Observations:
        rows, times = check_observations(X, timestamps, self.n_features)
        found = self._observe(rows, times, learn=learn)
        found.scores[np.isnan(rows).all(axis=1)] = np.nan
        return found

    def _identity(self) -> dict[str, Any]:
        """What must be the same for a state to be that of this detector."""
        identity = {
            "parameters": self.config.model_dump(mode="json"),
            "n_features": self.n_features,
            "seed": self.seed,
        }
        # States of the first edition do not name it.
        return identity if self.edition == 1 else {**identity, "edition": self.edition}

    @abstractmethod
    def _observe(self, X: Matrix, timestamps: Vector, *, learn: bool) -> Observations:
        """Score the rows one after the other, and if ``learn`` learn each before the next.

        Without ``learn``, nothing in ``_kept`` changes. ``X`` holds no infinities and is not used
        elsewhere; a timestamp is NaN where there is none.
        """

    @abstractmethod
    def _kept(self) -> Mapping[str, NDArray[Any]]:
        """The arrays that hold all that was learnt, which ``restore`` fills in place."""

    def _rebuild(self) -> None:  # noqa: B027 - most detectors keep all they need
        """Derive from the kept arrays, just filled, whatever else the detector needs."""


class OnlineDetectorConfig(AlgorithmConfig):
    """Parameters of one online detector.

    Attributes:
        default_threshold: the score above which a row is labelled if nothing else is chosen.
    """

    default_threshold: ClassVar[float]

    patience: int = Field(
        default=50,
        ge=1,
        le=10_000,
        description="When anomalies are not learnt: how many in a row are left out before it is "
        "taken that the level has shifted for good, and they are learnt after all.",
    )

    @abstractmethod
    def build(self, setup: OnlineSetup) -> OnlineDetector:
        """Return a detector with these parameters that has seen nothing."""
