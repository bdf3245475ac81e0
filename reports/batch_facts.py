"""What the report of a batch is made from: plain values, handed over by whoever ran it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reports.facts import Failure, RunStatus, ThresholdChoice


@dataclass(frozen=True)
class BatchedSource:
    """One source of a batch.

    Attributes:
        source: its name.
        status: of its detection.
        show: command line that prints its detection.
        rows: rows that got a score; None unless it succeeded.
        anomalies: rows above the threshold; None unless it succeeded.
        seconds: how long it took; None if it never began.
        failure: why it failed; None unless it did.
        earlier_rates: anomaly rates of its last ten successful runs of the same kind before this
            batch, the latest first.
        report: where a link to its own report leads, from the page of this one:
            "../artifact/<id>", or "../key/detection-orders" for all reports of that key, which
            stay within either of Prefect's two user interfaces; None when there is no such report.
    """

    source: str
    status: RunStatus
    show: str
    rows: int | None = None
    anomalies: int | None = None
    seconds: float | None = None
    failure: Failure | None = None
    earlier_rates: tuple[float, ...] = ()
    report: str | None = None

    @property
    def rate(self) -> float | None:
        """Anomalies per row; None unless it succeeded."""
        return self.anomalies / self.rows if self.rows and self.anomalies is not None else None


@dataclass(frozen=True)
class BatchCommands:
    """Command lines a reader may want next.

    Attributes:
        show: prints the stored batch.
        results: lists all of its sources.
        resume: runs what is missing; None when nothing is.
    """

    show: str
    results: str
    resume: str | None = None


@dataclass(frozen=True)
class BatchReport:
    """One detector over many sources, once all of them have ended.

    Attributes:
        batch_id: in Vigil's database.
        status: of the batch.
        detector: display name of the algorithm, such as "Isolation forest".
        threshold: how every source's threshold was chosen.
        started: when, with a time zone.
        seconds: how long the batch took.
        max_workers: how many sources were worked on at once.
        runner: what they were worked on by: "threads", "processes", "dask".
        seed: of the samples, the detectors and the thresholds.
        sources: every source asked for, in any order.
        commands: what to type next.
        name: what a person calls it; None for none.
        failure: what ended it before its work was done; None if nothing did.
        parameters: of the detector, by name.
        versions: of the software, by package.
    """

    batch_id: str
    status: RunStatus
    detector: str
    threshold: ThresholdChoice
    started: datetime
    seconds: float
    max_workers: int
    runner: str
    seed: int
    sources: tuple[BatchedSource, ...]
    commands: BatchCommands
    name: str | None = None
    failure: Failure | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
