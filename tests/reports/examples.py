"""A batch and a comparison, small enough to be worked out by hand."""

from datetime import UTC, datetime

from reports.batch_facts import BatchCommands, BatchedSource, BatchReport
from reports.comparison_facts import (
    AgreedRow,
    ComparedDetector,
    ComparisonCommands,
    ComparisonReport,
    DetectorGrade,
    LevelFacts,
    PairFacts,
    ScorePairs,
)
from reports.facts import Failure, RowValue, ThresholdChoice

STARTED = datetime(2026, 3, 1, 2, 0, 3, tzinfo=UTC)
STEADY = (0.01, 0.011, 0.009, 0.0105, 0.0095)


def checked(name: str, rows: int = 1000, anomalies: int = 10, **more) -> BatchedSource:
    return BatchedSource(
        name, "success", f"vigil detections show {name}", rows, anomalies, 0.5, **more
    )


def failed(name: str, error_type: str = "SourceError", message: str = "no file") -> BatchedSource:
    failure = Failure(error_type, message)
    show = f"vigil detections show {name}"
    return BatchedSource(name, "error", show, seconds=0.1, failure=failure)


def batch(*sources: BatchedSource, **more) -> BatchReport:
    facts = {
        "batch_id": "5d0c7e1e-2a52-4e8e-8a60-6c2f4f1a9b11",
        "status": "partial",
        "detector": "Isolation forest",
        "threshold": ThresholdChoice("false_alarm", 0.01),
        "started": STARTED,
        "seconds": 41.3,
        "max_workers": 4,
        "runner": "threads",
        "seed": 5,
        "commands": BatchCommands(
            "vigil batches show 5d0c7e1e",
            "vigil batches results 5d0c7e1e",
            "vigil batch --resume 5d0c7e1e",
        ),
        "name": "nightly",
        "parameters": {"n_estimators": 300},
    }
    return BatchReport(sources=sources, **(facts | more))


def detector(label: str, **more) -> ComparedDetector:
    facts = {
        "detector": label.title(),
        "status": "success",
        "show": f"vigil detections show {label}",
        "anomalies": 10,
        "alone": 2,
        "threshold": 0.5,
        "seconds": 1.0,
    }
    return ComparedDetector(label, **(facts | more))


def failed_detector(label: str) -> ComparedDetector:
    return ComparedDetector(
        label,
        label.title(),
        "error",
        f"vigil detections show {label}",
        seconds=0.1,
        failure=Failure("DetectorError", "ask for fewer neighbours"),
    )


def agreed_row(rank: int, detectors: tuple[str, ...], level: str, share: float) -> AgreedRow:
    return AgreedRow(
        rank,
        100 + rank,
        detectors,
        level,
        share,
        mean_rank=2.5 * rank,
        key={"order_id": f"A-{rank}"},
        values=(RowValue("amount", 1000.0 * rank, 8.0 + rank), RowValue("quantity", 2.0, 0.1)),
        label=rank % 2 == 1,
    )


def comparison(**more) -> ComparisonReport:
    """Three detectors, of which forest and trees are alike; a fourth has failed."""
    grades = [DetectorGrade(0.9, ap, 0.5, 0.25) for ap in (0.6, 0.4, 0.2)]
    facts = {
        "comparison_id": "0b9d7d0e-6b0a-4f4c-9d7b-4a1f8f0b8a55",
        "source": "orders",
        "status": "partial",
        "threshold": ThresholdChoice("false_alarm", 0.01),
        "started": STARTED,
        "seconds": 9.4,
        "seed": 5,
        "sample_size": None,
        "detectors": (
            detector("forest", grade=grades[0], seconds=2.0),
            detector("trees", grade=grades[1]),
            detector("knn", grade=grades[2], alone=7),
            failed_detector("lof"),
        ),
        "commands": ComparisonCommands(
            "vigil compare orders -a forest -a trees -a knn -a lof",
            "vigil comparisons show 0b9d7d0e",
            "vigil comparisons records 0b9d7d0e",
        ),
        "rows_scored": 500,
        "fingerprint": "a3f1c09be27d4418",
        "levels": (
            LevelFacts("all", 3, 3, 1.0, 0.15),
            LevelFacts("majority", 5, 2, 0.4, 0.1),
            LevelFacts("some", 0, 0, None, 0.0),
            LevelFacts("one", 11, 1, 1 / 11, 0.05),
        ),
        "pairs": (
            PairFacts("forest", "trees", 8, 12, 2 / 3, 0.97),
            PairFacts("forest", "knn", 3, 17, 3 / 17, 0.21),
            PairFacts("trees", "knn", 3, 17, 3 / 17, 0.3),
        ),
        "rows": (
            *(agreed_row(i, ("forest", "trees", "knn"), "all", 1.0) for i in (1, 2, 3)),
            *(agreed_row(i, ("forest", "trees"), "majority", 2 / 3) for i in range(4, 9)),
            *(agreed_row(i, ("knn",), "one", 1 / 3) for i in range(9, 20)),
        ),
        "least_alike": ScorePairs("forest", "knn", (0.3, 0.4, 0.7), (0.9, 0.1, 0.8)),
        "typical": {"amount": (0.5, 90.0)},
        "known": 20,
        "versions": {"vigil": "0.1.0"},
    }
    return ComparisonReport(**(facts | more))
