"""What a finished detection found, before it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.tables.anomaly import AnomalyRow
from models.tables.column_summary import ColumnStatistics
from models.tables.detection import Histogram
from models.tables.fitted_detector import DetectorEnvelope


@dataclass(frozen=True)
class DetectionResult:
    """Everything a successful run stores; see ``Detection`` for the fields.

    Attributes:
        anomalies: every labelled row; their number and rate follow from it.
        columns: one summary for each column of the source, in its order: the data profile.
        fitted: the detector as it was fitted; None where it is not kept.
    """

    features: list[str]
    left_out: dict[str, str]
    threshold: float
    clean_rows: int | None
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
