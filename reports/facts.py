"""What a report is made from: plain values, handed over by whoever ran the detection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# Iglewicz and Hoaglin (1993): a modified z-score beyond 3.5 is a potential outlier.
EXTREME_Z = 3.5


RunStatus = Literal["pending", "running", "success", "partial", "error", "cancelled"]


@dataclass(frozen=True)
class Failure:
    """Why something failed.

    Attributes:
        error_type: name of the exception.
        message: its text.
    """

    error_type: str
    message: str


@dataclass(frozen=True)
class ThresholdChoice:
    """How the score above which a row is an anomaly is chosen.

    Attributes:
        policy: by which rule.
        parameter: the rate of ``false_alarm``, the share of ``contamination``, or the score of
            ``fixed``.
    """

    policy: Literal["false_alarm", "contamination", "fixed"]
    parameter: float


@dataclass(frozen=True)
class ThresholdFacts(ThresholdChoice):
    """Above which score a row is an anomaly, and how that was chosen.

    Attributes:
        value: the score; a row is an anomaly when its score is greater.
        clean_rows: rows of the reference sample behind the p-values; None when there was none.
    """

    value: float
    clean_rows: int | None = None


@dataclass(frozen=True)
class ScoreHistogram:
    """How many rows have which score.

    Attributes:
        edges: bin edges, increasing, one more than ``counts``; bins may differ in width.
        counts: rows in each bin.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class KnownTruth:
    """How the scores compare with the labels of the source.

    Attributes:
        auroc: area under the ROC curve.
        average_precision: area under precision over recall.
        known: rows the source labels as anomalies.
        found: how many of those were flagged.
    """

    auroc: float
    average_precision: float
    known: int
    found: int


@dataclass(frozen=True)
class RowValue:
    """One value of an anomalous row.

    Attributes:
        column: name of the column or feature.
        value: as a person should see it; None when it is missing.
        z: robust z-score within the column: (value - median) / spread.
    """

    column: str
    value: float | str | bool | None
    z: float


@dataclass(frozen=True)
class AnomalyFacts:
    """One anomaly.

    Attributes:
        rank: 1 for the strongest.
        row: row number in the source.
        score: decision score.
        p_value: share of clean rows that score as high; None when there is none.
        key: what identifies the row in the source, by key column.
        values: its values in the watched columns, best all of them: the report chooses. Those not
            given are left empty in its chart.
        label: whether the source labels it as an anomaly; None when unknown.
    """

    rank: int
    row: int
    score: float
    p_value: float | None = None
    key: Mapping[str, str] = field(default_factory=dict)
    values: tuple[RowValue, ...] = ()
    label: bool | None = None


@dataclass(frozen=True)
class ColumnFacts:
    """One column of the table as it was read; figures are None where there are no numbers.

    Attributes:
        name: of the column.
        dtype: its type as read.
        watched: whether it took part in the detection.
        missing: number of missing values.
        infinite: number of infinite values.
        constant: whether it holds one value only.
        minimum: smallest finite value.
        median: of the finite values.
        estimated: whether median and typical range are those of a sample.
        maximum: largest finite value.
        typical: range within which the robust |z| is at most 3.5, cut at minimum and maximum.
        extreme_anomalies: anomalous rows whose value in this column is beyond that range.
        note: what a person should know about the values.
    """

    name: str
    dtype: str
    watched: bool = True
    missing: int = 0
    infinite: int = 0
    constant: bool = False
    minimum: float | None = None
    median: float | None = None
    estimated: bool = False
    maximum: float | None = None
    typical: tuple[float, float] | None = None
    extreme_anomalies: int = 0
    note: str | None = None


@dataclass(frozen=True)
class Commands:
    """Command lines a reader may want next.

    Attributes:
        rerun: runs the same detection again.
        show: prints the stored detection.
        explain: explains its anomalies; None where that cannot be asked for.
    """

    rerun: str
    show: str
    explain: str | None = None


@dataclass(frozen=True)
class Provenance:
    """Where a result comes from, so that it can be had again.

    Attributes:
        detection_id: in Vigil's database.
        started: when, with a time zone.
        seed: of the sample, the detector and the threshold.
        sample_size: rows the detector was fitted on; None for all.
        chunk_rows: rows read at a time, of a table larger than memory; None where it was not.
        fingerprint: digest of the data scored.
        parameters: of the detector, by name.
        adjusted: what was used of those that did not fit the rows, as sentences.
        versions: of the software, by package.
    """

    detection_id: str
    started: datetime
    seed: int
    sample_size: int | None
    chunk_rows: int | None
    fingerprint: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    adjusted: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DetectionReport:
    """A finished detection.

    Attributes:
        source: name of the source.
        detector: display name of the algorithm, such as "Isolation forest".
        rows_read: rows of the source.
        rows_scored: rows that got a score; fewer when rows with missing values were dropped.
        n_anomalies: rows above the threshold.
        seconds: how long it took.
        threshold: the limit and its origin.
        histogram: of the scores of all scored rows.
        anomalies: the strongest first; the report shows twenty.
        columns: every column read, in the order of the source.
        left_out: columns that were not watched though they might have been, with the reason.
        commands: what to type next.
        provenance: where the result comes from.
        truth: comparison with the labels of the source; None when it has none.
        notices: what is wrong with single rows of the source.
    """

    source: str
    detector: str
    rows_read: int
    rows_scored: int
    n_anomalies: int
    seconds: float
    threshold: ThresholdFacts
    histogram: ScoreHistogram
    anomalies: tuple[AnomalyFacts, ...]
    columns: tuple[ColumnFacts, ...]
    left_out: Mapping[str, str]
    commands: Commands
    provenance: Provenance
    truth: KnownTruth | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ErrorReport:
    """A detection that failed.

    Attributes:
        source: name of the source.
        detector: display name of the algorithm.
        step: what was being done, such as "reading the source".
        error_type: name of the exception.
        message: its text.
        advice: what to do about it, when the message does not say so.
        check: command line that examines the source.
        commands: what to type next.
        detection_id: in Vigil's database.
        started: when, with a time zone.
        seconds: how long it ran before it failed.
    """

    source: str
    detector: str
    step: str
    error_type: str
    message: str
    commands: Commands
    detection_id: str
    started: datetime
    seconds: float
    advice: str | None = None
    check: str | None = None
