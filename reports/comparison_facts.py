"""What the report of a comparison is made from: plain values, handed over by whoever ran it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from reports.facts import Failure, RowValue, RunStatus, ThresholdChoice

Level = Literal["all", "majority", "some", "one"]


@dataclass(frozen=True)
class DetectorGrade:
    """How one detector compares with the labels of the source.

    Attributes:
        auroc: area under the ROC curve.
        average_precision: area under precision over recall.
        precision: known anomalies among the rows it flags; None when it flags none.
        recall: share of the known anomalies that it flags; None when there are none.
    """

    auroc: float
    average_precision: float
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class ComparedDetector:
    """One detector of a comparison.

    Attributes:
        label: what it is called here, unlike any other.
        detector: display name of the algorithm, such as "Isolation forest".
        status: of its detection.
        show: command line that prints its detection.
        anomalies: rows above its threshold; None unless it succeeded.
        alone: those of them that no other detector flags; None unless it succeeded.
        threshold: the score above which a row is an anomaly; None unless it succeeded.
        seconds: how long it took; None if it never began.
        failure: why it failed; None unless it did.
        grade: comparison with the labels of the source; None without labels.
        parameters: of the detector, by name.
        report: where a link to its own report leads, as for ``BatchedSource``; None when there is
            no such report.
    """

    label: str
    detector: str
    status: RunStatus
    show: str
    anomalies: int | None = None
    alone: int | None = None
    threshold: float | None = None
    seconds: float | None = None
    failure: Failure | None = None
    grade: DetectorGrade | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    report: str | None = None


@dataclass(frozen=True)
class PairFacts:
    """Two detectors that succeeded, beside each other; the order of the two does not matter.

    Attributes:
        first: label of the one.
        second: label of the other.
        both: rows that both flag.
        either: rows that at least one flags.
        jaccard: share of the rows flagged by either that both flag; None where neither flags any.
        spearman: rank correlation of their scores.
    """

    first: str
    second: str
    both: int
    either: int
    jaccard: float | None
    spearman: float


@dataclass(frozen=True)
class LevelFacts:
    """The rows of one level of agreement, over the detectors that succeeded.

    Attributes:
        level: flagged by all, by more than half, by at least two, or by one alone; a row has one
            level only.
        rows: how many.
        found: those that the source labels as anomalies; None without labels.
        precision: found per row whose label is known; None where there is none.
        recall: found per known anomaly; None where there is none.
    """

    level: Level
    rows: int
    found: int | None = None
    precision: float | None = None
    recall: float | None = None


@dataclass(frozen=True)
class AgreedRow:
    """A row that at least one detector flags.

    Attributes:
        rank: 1 for the row that is agreed on most.
        row: row number in the source.
        detectors: labels of the detectors that flag it.
        level: how many those are, of all that succeeded.
        confidence: the share of the detectors that succeeded that flag it.
        mean_rank: mean over those detectors of its rank by score, 1 for the strongest.
        key: what identifies the row in the source, by key column.
        values: its values in the watched columns.
        label: whether the source labels it as an anomaly; None when unknown.
    """

    rank: int
    row: int
    detectors: tuple[str, ...]
    level: Level
    confidence: float
    mean_rank: float
    key: Mapping[str, str] = field(default_factory=dict)
    values: tuple[RowValue, ...] = ()
    label: bool | None = None


@dataclass(frozen=True)
class ScorePairs:
    """The scores of two detectors for the same rows, a point each.

    Attributes:
        first: label of the one.
        second: label of the other.
        first_scores: of the rows shown, some thousands at most: every flagged row if they are not
            more than that, and a sample of the others.
        second_scores: of the same rows, in the same order.
    """

    first: str
    second: str
    first_scores: tuple[float, ...]
    second_scores: tuple[float, ...]


@dataclass(frozen=True)
class ComparisonCommands:
    """Command lines a reader may want next.

    Attributes:
        rerun: runs the same comparison again.
        show: prints the stored comparison.
        records: lists every flagged row with the detectors that flag it.
    """

    rerun: str
    show: str
    records: str


@dataclass(frozen=True)
class ComparisonReport:
    """Several detectors over one source, once all of them have ended.

    Attributes:
        comparison_id: in Vigil's database.
        source: name of the source.
        status: of the comparison.
        threshold: how every detector's threshold was chosen.
        started: when, with a time zone.
        seconds: how long it took.
        seed: of the samples, the detectors and the thresholds.
        sample_size: rows the detectors were fitted on; None for all.
        detectors: all that were asked for, in that order.
        commands: what to type next.
        rows_scored: rows that got a score; None when the data could not be read.
        fingerprint: digest of the data scored; None likewise.
        levels: the four levels; empty when no detector succeeded.
        pairs: each two detectors that succeeded, once.
        rows: the flagged rows, those agreed on most first; the report shows twenty.
        least_alike: the scores of the pair that ``least_alike_pair`` names; None when fewer than
            two detectors succeeded.
        typical: by column, the range within which the robust |z| is at most 3.5.
        known: rows the source labels as anomalies; None without labels.
        failure: what ended it before its work was done, such as a source that cannot be read;
            None if nothing did.
        versions: of the software, by package.
    """

    comparison_id: str
    source: str
    status: RunStatus
    threshold: ThresholdChoice
    started: datetime
    seconds: float
    seed: int
    sample_size: int | None
    detectors: tuple[ComparedDetector, ...]
    commands: ComparisonCommands
    rows_scored: int | None = None
    fingerprint: str | None = None
    levels: tuple[LevelFacts, ...] = ()
    pairs: tuple[PairFacts, ...] = ()
    rows: tuple[AgreedRow, ...] = ()
    least_alike: ScorePairs | None = None
    typical: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    known: int | None = None
    failure: Failure | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


def succeeded(detectors: Sequence[ComparedDetector]) -> list[ComparedDetector]:
    """Return those that gave a result, which is what agreement is over."""
    return [detector for detector in detectors if detector.status == "success"]


def least_alike_pair(pairs: tuple[PairFacts, ...]) -> PairFacts | None:
    """Return the pair whose scores correlate least; None when there are no pairs."""
    return min(pairs, key=lambda pair: pair.spearman, default=None)
