"""What the report of an explanation is made from: plain values, handed over by whoever ran it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Quantity = Literal["score", "minus mean path length"]

Direction = Literal["unusually high", "unusually low", "rare", "usual"]


@dataclass(frozen=True)
class ContributionFacts:
    """What one feature adds to the explained quantity of a row.

    Attributes:
        feature: its name.
        value: as a person should see it, such as a category; None when it is missing.
        encoded: the number the detector sees in its place.
        typical: within which 5 to 95 % of the background are, in units of ``encoded``.
        direction: of the value, whatever its contribution: high only above the typical range, low
            only below it; rare for a category that few rows have.
        contribution: Shapley value; positive pushes towards anomalous.

    Raises:
        ValueError: the direction contradicts the typical range.
    """

    feature: str
    value: float | str | bool | None
    encoded: float
    typical: tuple[float, float]
    direction: Direction
    contribution: float

    def __post_init__(self) -> None:
        low, high = self.typical
        if (self.direction == "unusually high" and self.encoded <= high) or (
            self.direction == "unusually low" and self.encoded >= low
        ):
            raise ValueError(
                f"{self.encoded} in {self.feature!r} is called {self.direction}, but its typical "
                f"range is {low} to {high}: compare the value with it again"
            )


@dataclass(frozen=True)
class ExplainedRow:
    """Why one row has its score: base, contributions and residual add up to what is explained.

    Attributes:
        row: row number in the source.
        is_anomaly: whether its score is above the threshold.
        score: decision score.
        percentile: percentage of the scored rows whose score is not higher, 0 to 100.
        base: mean of the explained quantity over the background.
        explained: the quantity of the row.
        residual: what base and contributions leave of it.
        sentence: says why, as plain text.
        contributions: of every feature, in the order of the detector's features, which is the same
            for all rows of a report.
        key: what identifies the row in the source, by key column.
        rank: among the anomalies, 1 for the strongest; None when the row is none.
        from_cache: whether the contributions were stored by an earlier run.
    """

    row: int
    is_anomaly: bool
    score: float
    percentile: float
    base: float
    explained: float
    residual: float
    sentence: str
    contributions: tuple[ContributionFacts, ...]
    key: Mapping[str, str] = field(default_factory=dict)
    rank: int | None = None
    from_cache: bool = False


@dataclass(frozen=True)
class RowLeftOut:
    """A row that was asked for and could not be explained.

    Attributes:
        row: what was asked for: a row number, or a key.
        reason: why it is not explained.
    """

    row: str
    reason: str


@dataclass(frozen=True)
class FeatureImportance:
    """How much one feature matters over all explained rows.

    Attributes:
        feature: its name.
        mean_contribution: mean of the absolute contributions.
    """

    feature: str
    mean_contribution: float


@dataclass(frozen=True)
class ExplanationMethod:
    """How the contributions were found.

    Attributes:
        quantity: what is explained.
        words: the method, such as "all coalitions of features".
        exact: whether nothing was sampled, so that only rounding is left.
        background_rows: rows whose mean the contributions start from.
        seed: of the background and of what was sampled.
        refitted: why the detector was fitted again; None when it is the stored one.
    """

    quantity: Quantity
    words: str
    exact: bool
    background_rows: int
    seed: int
    refitted: str | None = None


@dataclass(frozen=True)
class ExplanationCommands:
    """Command lines a reader may want next.

    Attributes:
        show: prints the stored explanations.
        explain: explains the same rows again.
        detection: prints the detection; None to leave it out.
    """

    show: str
    explain: str
    detection: str | None = None


@dataclass(frozen=True)
class ExplanationReport:
    """Explained rows of one detection.

    Attributes:
        source: name of the source.
        detection_id: in Vigil's database.
        detector: display name of the algorithm, such as "Isolation forest".
        threshold: a row is an anomaly when its score is greater.
        seconds: how long it took.
        method: how the contributions were found.
        rows: the explained ones, in the order in which they are shown; maybe none.
        importance: the global view, of every feature, the most important first.
        commands: what to type next.
        left_out: rows that were asked for and could not be explained.
        parameters: of the detector, by name.
        versions: of the software that explained, by package.
        max_features: features named for each row; the others are summed up.
    """

    source: str
    detection_id: str
    detector: str
    threshold: float
    seconds: float
    method: ExplanationMethod
    rows: tuple[ExplainedRow, ...]
    importance: tuple[FeatureImportance, ...]
    commands: ExplanationCommands
    left_out: tuple[RowLeftOut, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    max_features: int = 8
