from datetime import UTC, datetime

import numpy as np
import pytest

from reports.facts import (
    AnomalyFacts,
    ColumnFacts,
    Commands,
    DetectionReport,
    ErrorReport,
    KnownTruth,
    Provenance,
    RowValue,
    ScoreHistogram,
    ThresholdFacts,
)

COMMANDS = Commands(
    rerun="vigil detect orders --algorithm isolation_forest", show="vigil detections show 7f3c2a9e"
)


@pytest.fixture(scope="session")
def report() -> DetectionReport:
    """683 rows with two columns, 12 of them anomalous, each for its amount."""
    scores = np.concatenate([np.linspace(0.3, 0.5, 671), np.linspace(0.6, 0.8, 12)])
    counts, edges = np.histogram(scores, bins=60)
    anomalies = tuple(
        AnomalyFacts(
            rank=rank,
            row=100 + rank,
            score=0.8 - rank / 100,
            p_value=1 / 2001,
            key={"order_id": f"A-{rank}"},
            values=(
                RowValue("amount", 1000.0 * rank, 8.0 + rank),
                RowValue("quantity", 2.0, -0.3),
            ),
            label=rank % 2 == 1,
        )
        for rank in range(1, 13)
    )
    columns = (
        ColumnFacts("order_id", "str", watched=False),
        ColumnFacts(
            "amount",
            "float64",
            missing=7,
            minimum=0.5,
            median=20.0,
            maximum=12000.0,
            typical=(0.5, 90.0),
            extreme_anomalies=12,
        ),
        ColumnFacts(
            "quantity",
            "int64",
            minimum=0,
            median=2,
            maximum=9,
            typical=(0, 6),
            note="whole numbers",
        ),
        ColumnFacts("batch", "int64", watched=False, constant=True),
    )
    return DetectionReport(
        source="orders",
        detector="Isolation forest",
        rows_read=683,
        rows_scored=683,
        n_anomalies=12,
        seconds=0.84,
        threshold=ThresholdFacts("false_alarm", 0.01, 0.55, clean_rows=2000),
        histogram=ScoreHistogram(tuple(edges.tolist()), tuple(counts.tolist())),
        anomalies=anomalies,
        columns=columns,
        left_out={"batch": "the same value in every row"},
        commands=COMMANDS,
        provenance=Provenance(
            detection_id="7f3c2a9e-52d4-4d6b-9d5e-8a4f0c1e2b77",
            started=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
            seed=5,
            sample_size=None,
            chunk_rows=None,
            fingerprint="a3f1c09be27d4418",
            parameters={"n_estimators": 300},
            versions={"vigil": "0.1.0"},
        ),
        truth=KnownTruth(auroc=0.968, average_precision=0.617, known=8, found=6),
    )


@pytest.fixture(scope="session")
def error_report() -> ErrorReport:
    return ErrorReport(
        source="orders",
        detector="Isolation forest",
        step="reading it",
        error_type="SourceError",
        message="no file orders.csv: put it back, or change the path",
        commands=COMMANDS,
        detection_id="7f3c2a9e-52d4-4d6b-9d5e-8a4f0c1e2b77",
        started=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
        seconds=1.24,
        check="vigil sources check orders",
    )
