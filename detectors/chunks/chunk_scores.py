"""The second pass over a table in chunks: score every row, and keep the anomalies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.chunks.digests import add_digests, digest_columns
from detectors.chunks.learnt_table import LearntTable
from detectors.chunks.score_tally import ScoreTally
from detectors.detection import read_labels, score_rows
from detectors.errors import DetectorError
from detectors.flagged_rows import FlaggedRows
from detectors.grading import Grades, grade
from detectors.validation import Matrix, Vector

MOST_ANOMALIES = 1_000_000
"""More are no anomalies; they are all kept in memory until they are stored."""


@dataclass(frozen=True)
class _Part:
    """The rows above the threshold in one chunk, in its order."""

    frame: pd.DataFrame
    positions: NDArray[np.int64]
    X: Matrix
    scores: Vector
    labels: Vector


@dataclass(frozen=True)
class ChunkScores:
    """What a detector says of some rows; those of two parts of a table add up to both's.

    However a table is cut into parts, and in whatever groups they are added up, in their order,
    the result is the same to the bit, for a detector whose score of a row is.

    Attributes:
        n_rows: how many rows were read.
        digests: of the columns that features are made of.
        scores: the distribution of all scores.
        known_normal: that of the rows which the label calls normal.
        known_odd: that of the rows which the label calls anomalies.
        n_flagged: rows above the threshold.
    """

    n_rows: int
    digests: dict[str, int]
    scores: ScoreTally
    known_normal: ScoreTally
    known_odd: ScoreTally
    n_flagged: int
    _parts: tuple[_Part, ...]

    def __add__(self, other: "ChunkScores") -> "ChunkScores":
        """Return the scores of the rows of both, of which these come first.

        Raises:
            DetectorError: more than a million rows are above the threshold.
        """
        n_flagged = self.n_flagged + other.n_flagged
        if n_flagged > MOST_ANOMALIES:
            n_rows = self.n_rows + other.n_rows
            raise DetectorError(
                f"{n_flagged:,} of the first {n_rows:,} rows score above the threshold, more than "
                f"the {MOST_ANOMALIES:,} that can be kept: choose a stricter threshold"
            )
        return ChunkScores(
            self.n_rows + other.n_rows,
            add_digests(self.digests, other.digests),
            self.scores + other.scores,
            self.known_normal + other.known_normal,
            self.known_odd + other.known_odd,
            n_flagged,
            self._parts + other._parts,
        )

    def flagged(self, learnt: LearntTable) -> FlaggedRows:
        """Return the rows above the threshold, the strongest first, equal ones in their order."""
        scores = np.concatenate([part.scores for part in self._parts])
        order = np.argsort(-scores, kind="stable")
        labels = np.concatenate([part.labels for part in self._parts])[order]
        return FlaggedRows(
            frame=pd.concat([part.frame for part in self._parts]).iloc[order],
            positions=np.concatenate([part.positions for part in self._parts])[order],
            X=np.concatenate([part.X for part in self._parts])[order],
            scores=scores[order],
            p_values=learnt.decision.p_values(scores[order]),
            labels=None if learnt.label is None else labels,
        )

    def grades(self) -> Grades | None:
        """Grade the scores by the labels; scores that differ by 1 in 4,096 or less are ties."""
        tallies = (self.known_normal, self.known_odd)
        return grade(
            np.concatenate([tally.bins.astype(np.float64) for tally in tallies]),
            np.repeat([0.0, 1.0], [len(tally.bins) for tally in tallies]),
            np.concatenate([tally.counts for tally in tallies]),
        )


def score_chunk(learnt: LearntTable, frame: pd.DataFrame) -> ChunkScores:
    """Score some rows of a table.

    Args:
        learnt: what was learnt from a sample of the table.
        frame: the rows; the index numbers them.

    Raises:
        DetectorError: a value is not what it was in the sample, or cannot be scored.
    """
    frame = frame.astype({name: learnt.dtypes[name] for name in frame.columns})
    rows = learnt.encoder.encode(frame)
    numbers = frame.index.to_numpy(np.int64)[rows.positions]
    scores = np.empty(0)
    if len(rows.X):
        scores = score_rows(learnt.detector, learnt.rows, rows.X, numbers)
    is_flagged = learnt.decision.labels(scores)
    labels = np.full(len(scores), np.nan)
    if learnt.label is not None:
        labels = read_labels(frame[learnt.label])[rows.positions]
    return ChunkScores(
        n_rows=len(frame),
        digests=digest_columns(frame, [column.name for column in learnt.encoder.columns]),
        scores=ScoreTally.of(scores),
        known_normal=ScoreTally.of(scores[labels == 0]),
        known_odd=ScoreTally.of(scores[labels == 1]),
        n_flagged=int(is_flagged.sum()),
        _parts=(
            _Part(
                frame.iloc[rows.positions[is_flagged]],
                numbers[is_flagged],
                rows.X[is_flagged],
                scores[is_flagged],
                labels[is_flagged],
            ),
        ),
    )
