"""What was found, before it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.tables.agreement_record import AgreementRow
from models.tables.anomaly import AnomalyRow
from models.tables.column_summary import ColumnStatistics
from models.tables.comparison import LevelGrade, PairOverlap
from models.tables.detection import Histogram
from models.tables.fitted_detector import DetectorEnvelope


@dataclass(frozen=True)
class DetectionResult:
    """Everything a successful run stores; see ``Detection`` for the fields.

    Attributes:
        sample_size: the most rows that were fitted on; None for all.
        notices: what is wrong with single rows of the source.
        anomalies: every labelled row; their number, rate, precision and recall follow from it.
        columns: one summary for each column of the source, in its order: the data profile.
        fitted: the detector as it was fitted; None where it is not kept.
    """

    features: list[str]
    left_out: dict[str, str]
    threshold: float
    clean_rows: int | None
    sample_size: int | None
    chunk_rows: int | None
    total_rows: int
    scored_rows: int
    score_quantiles: dict[str, float]
    score_histogram: Histogram
    fingerprint: str
    auroc: float | None
    average_precision: float | None
    known_anomalies: int | None
    found_anomalies: int | None
    anomalies: Sequence[AnomalyRow]
    columns: Sequence[ColumnStatistics]
    fitted: DetectorEnvelope | None
    notices: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float | None:
        """Found anomalies per labelled row whose kind is known; None where there is none."""
        if self.found_anomalies is None:
            return None
        graded = sum(row.label is not None for row in self.anomalies)
        return self.found_anomalies / graded if graded else None

    @property
    def recall(self) -> float | None:
        """Found anomalies per known anomaly; None where there is none."""
        if self.found_anomalies is None or not self.known_anomalies:
            return None
        return self.found_anomalies / self.known_anomalies


@dataclass(frozen=True)
class ComparisonResult:
    """Everything a comparison stores at its end; see ``Comparison`` for the fields.

    Attributes:
        pairs: each two detectors that succeeded, once.
        records: every row that at least one detector flags; the numbers of rows by level follow
            from it.
    """

    total_rows: int
    scored_rows: int
    features: list[str]
    left_out: dict[str, str]
    fingerprint: str
    pairs: Sequence[PairOverlap]
    level_grades: dict[str, LevelGrade] | None
    records: Sequence[AgreementRow]
