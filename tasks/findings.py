"""What a detection found, the same whether its table was held whole or read in chunks."""

from dataclasses import dataclass
from typing import Self

import pandas as pd

from detectors.chunks.chunk_scores import ChunkScores
from detectors.chunks.digests import fingerprint_of
from detectors.chunks.learnt_table import LearntTable, profile_tally
from detectors.chunks.table_tally import TableTally
from detectors.detection import PreparedTable, ScoredTable
from detectors.extremes import RobustScale
from detectors.flagged_rows import FlaggedRows
from detectors.grading import Grades, grade
from detectors.profile import ColumnProfile, profile_table
from detectors.score_summary import ScoreSummary, summarise_scores
from detectors.threshold import ThresholdDecision
from tasks.fitted_detector import KeptDetector


@dataclass(frozen=True)
class Findings:
    """A finished detection, before it takes the form that the database keeps.

    Attributes:
        kept: the detector, and what explains its anomalies.
        flagged: the anomalies.
        scale: of the features.
        profiles: of the columns that were read.
        known: rows that the label calls anomalies; None without a label.
        total_rows: rows read.
        scored_rows: those of them that were scored.
    """

    kept: KeptDetector
    decision: ThresholdDecision
    flagged: FlaggedRows
    scale: RobustScale
    profiles: tuple[ColumnProfile, ...]
    summary: ScoreSummary
    grades: Grades | None
    known: int | None
    total_rows: int
    scored_rows: int
    fingerprint: str

    @classmethod
    def of_table(cls, frame: pd.DataFrame, table: PreparedTable, scored: ScoredTable) -> Self:
        """Return what was found in a table that was held whole.

        Args:
            frame: the source as it was read.
            table: what was made of it.
            scored: what the detector says.
        """
        labels = table.labels
        positions = table.positions[scored.flagged]
        return cls(
            kept=KeptDetector.of(table, scored),
            decision=scored.decision,
            flagged=FlaggedRows(
                frame=frame.iloc[positions],
                positions=positions,
                X=table.X[scored.flagged],
                scores=scored.scores[scored.flagged],
                p_values=scored.p_values,
                labels=None if labels is None else labels[scored.flagged],
            ),
            scale=RobustScale.fit(table.X, table.imputed),
            profiles=profile_table(frame).columns,
            summary=summarise_scores(scored.scores),
            grades=None if labels is None else grade(scored.scores, labels),
            known=None if labels is None else int((labels == 1).sum()),
            total_rows=len(frame),
            scored_rows=len(table.X),
            fingerprint=table.fingerprint,
        )

    @classmethod
    def of_chunks(cls, tally: TableTally, learnt: LearntTable, scores: ChunkScores) -> Self:
        """Return what was found in a table that was read in chunks.

        Args:
            tally: what the table holds.
            learnt: what was learnt from a sample of it.
            scores: what the detector says of all rows.
        """
        flagged = scores.flagged(learnt)
        return cls(
            kept=KeptDetector(
                learnt.detector, learnt.encoder, learnt.background, flagged.positions, flagged.X
            ),
            decision=learnt.decision,
            flagged=flagged,
            scale=learnt.scale,
            profiles=profile_tally(tally),
            summary=scores.scores.summary(),
            grades=None if learnt.label is None else scores.grades(),
            known=None if learnt.label is None else scores.known_odd.total,
            total_rows=scores.n_rows,
            scored_rows=scores.scores.total,
            fingerprint=fingerprint_of(scores.n_rows, scores.digests),
        )
