"""Rows to store, valid unless a test says otherwise."""

from datetime import UTC, datetime
from typing import Any

from models.agreement_level import AgreementLevel
from models.queries.ticks import TickResult
from models.tables.agreement_record import AgreementRow
from models.tables.alert import AlertRow
from models.tables.anomaly import AnomalyRow
from models.tables.batch import BatchRequest
from models.tables.checkpoint import CheckpointState
from models.tables.column_summary import ColumnStatistics
from models.tables.comparison import ComparisonRequest
from models.tables.detection import DetectionRequest
from models.tables.explanation import ExplanationRow
from models.tables.fitted_detector import DetectorEnvelope
from models.tables.results import ComparisonResult, DetectionResult
from models.tables.source import Source, SourceDefinition
from models.tables.stream import StreamDefinition
from models.tables.stream_point import PointRow
from models.tables.stream_statistic import ColumnRecord

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def definition(name: str = "orders", **changes: Any) -> SourceDefinition:
    fields = {"kind": "csv", "config": {"path": "orders.csv"}, "tags": ["shop"]}
    return SourceDefinition(name=name, **(fields | changes))


CONDITIONS: dict[str, Any] = {
    "threshold_policy": {"policy": "false_alarm", "rate": 0.01},
    "seed": 7,
    "missing": "impute",
}
FOREST: dict[str, Any] = {
    "algorithm": "isolation_forest",
    "detector": {"algorithm": "isolation_forest", "n_estimators": 300},
}


def request_for(source: Source, **changes: Any) -> DetectionRequest:
    return DetectionRequest(source_id=source.id, **(FOREST | CONDITIONS | changes))


def batch_request(**changes: Any) -> BatchRequest:
    return BatchRequest(**(FOREST | CONDITIONS | {"max_workers": 4} | changes))


def comparison_request(source: Source, **changes: Any) -> ComparisonRequest:
    return ComparisonRequest(source_id=source.id, **(CONDITIONS | changes))


def anomaly(rank: int, **changes: Any) -> AnomalyRow:
    fields = {
        "row_index": 1000 - rank,
        "row_key": f"order-{1000 - rank}",
        "score": 1.0 - rank / 1000,
        "rank": rank,
        "p_value": 0.001,
        "values": {"amount": 500.0, "city": "Köln"},
        "standouts": {"amount": 9.5},
    }
    return AnomalyRow(**(fields | changes))


def column(name: str, **changes: Any) -> ColumnStatistics:
    fields = {
        "dtype": "float64",
        "watched": True,
        "missing": 2,
        "infinite": 0,
        "constant": False,
        "mean": 50.0,
        "std": 5.0,
        "minimum": -300.0,
        "median": 49.5,
        "estimated": False,
        "maximum": 900.0,
        "spread": 4.8,
        "note": None,
        "extreme_anomalies": 3,
    }
    return ColumnStatistics(column=name, **(fields | changes))


def result(n_anomalies: int = 3, **changes: Any) -> DetectionResult:
    fields = {
        "adjusted": {"n_components": {"asked": 20, "used": 5, "reason": "fitted on 5 rows"}},
        "features": ["amount", "items"],
        "left_out": {"same": "constant"},
        "threshold": 0.62,
        "clean_rows": 2000,
        "sample_size": None,
        "chunk_rows": None,
        "total_rows": 400,
        "scored_rows": 300,
        "score_quantiles": {"0.5": 0.43},
        "score_histogram": {"edges": [0.0, 0.5, 1.0], "counts": [290, 10]},
        "fingerprint": "abc",
        "auroc": 0.9,
        "average_precision": 0.8,
        "known_anomalies": 4,
        "found_anomalies": 2,
        "anomalies": [anomaly(rank) for rank in range(1, n_anomalies + 1)],
        "columns": [column("amount"), column("items")],
        "fitted": DetectorEnvelope(1, "isolation_forest", {"numpy": "2.4"}, b"\x00\xff"),
    }
    return DetectionResult(**(fields | changes))


def agreement_row(rank: int, *detectors: str, **changes: Any) -> AgreementRow:
    fields = {
        "row_index": 1000 - rank,
        "row_key": f"order-{1000 - rank}",
        "level": AgreementLevel.ONE if len(detectors) == 1 else AgreementLevel.ALL,
        "confidence": len(detectors) / 2,
        "mean_rank": rank + 0.5,
        "values": {"amount": 500.0, "city": "Köln"},
    }
    return AgreementRow(rank=rank, detectors=list(detectors), **(fields | changes))


def comparison_result(**changes: Any) -> ComparisonResult:
    pair = {"first": "knn", "second": "lof", "both": 1, "either": 3}
    fields = {
        "total_rows": 400,
        "scored_rows": 300,
        "features": ["amount", "items"],
        "left_out": {"same": "constant"},
        "fingerprint": "abc",
        "pairs": [pair | {"jaccard": 1 / 3, "spearman": 0.5}],
        "level_grades": {"all": {"graded": 1, "found": 1, "precision": 1.0, "recall": 0.25}},
        "records": [
            agreement_row(1, "knn", "lof", label=True),
            agreement_row(2, "knn"),
            agreement_row(3, "lof"),
        ],
    }
    return ComparisonResult(**(fields | changes))


def explanation_row(row_index: int, **changes: Any) -> ExplanationRow:
    amount = {"feature": "amount", "value": 500.0, "encoded": 500.0}
    typical = {"typical_low": 41.7, "typical_high": 58.2, "direction": "unusually high"}
    fields = {
        "row_key": f"order-{row_index}",
        "is_anomaly": True,
        "score": row_index / 1000,
        "percentile": 99.7,
        "quantity": "score",
        "method": "all coalitions",
        "base": 0.4,
        "explained": 0.7,
        "residual": 1e-17,
        "seed": 0,
        "background_size": 100,
        "refitted": False,
        "contributions": [amount | typical | {"contribution": 0.1 + 0.2}],
        "sentence": "amount 500 is unusually high",
    }
    return ExplanationRow(row_index, **(fields | changes))


def stream_definition(source: Source | None = None, **changes: Any) -> StreamDefinition:
    fields = {
        "name": "orders-live",
        "source_id": None if source is None else source.id,
        "algorithm": "value_gap",
        "detector": {"algorithm": "value_gap", "window": 4000},
    }
    return StreamDefinition(**(fields | changes))


def alert_row(sequence: int, **changes: Any) -> AlertRow:
    fields = {
        "row_key": f"order-{sequence}",
        "timestamp": NOW,
        "score": 0.9,
        "threshold": 0.5,
        "values": {"amount": 500.0, "city": None},
        "columns": {
            "amount": {"value": 500.0, "low": 1.0, "high": 9.0, "score": 0.9, "driving": True}
        },
        "incident": 1,
    }
    return AlertRow(sequence=sequence, **(fields | changes))


def point_row(sequence: int, **changes: Any) -> PointRow:
    fields = {
        "timestamp": NOW,
        "row_key": f"order-{sequence}",
        "values": {"amount": 0.1 + 0.2},
        "score": 0.1,
        "flagged": False,
    }
    return PointRow(sequence=sequence, **(fields | changes))


def tick_result(rows_seen: int, *alerts: AlertRow, **changes: Any) -> TickResult:
    """A tick of three rows, the last of which makes ``rows_seen``."""
    state = CheckpointState(
        cursor=f"after {rows_seen}",
        columns=["amount"],
        time_column=None,
        format_version=1,
        algorithm="value_gap",
        libraries={"numpy": "2.4"},
        payload=bytes([rows_seen % 256, 0, 255]),
        warm_up_left=0,
        rows_seen=rows_seen,
        rows_scored=rows_seen,
        rows_skipped=0,
        incidents=1,
        rows_unscored=0,
        health=b"",
        arrivals={},
        alert_memory={"rows": rows_seen, "last_alert_at": 0.1 + 0.2},
    )
    fields = {
        "checkpoint": state,
        "alerts": alerts,
        "resolved": [],
        "ended": [],
        "rows_scored": rows_seen,
        "points": [point_row(sequence) for sequence in range(rows_seen - 3, rows_seen)],
        "first_kept": max(rows_seen - 5, 0),
        "statistics": [ColumnRecord("amount", rows_seen, 0, 0.1 + 0.2, 1.5, -1.0, 1e300, 2, 0, 1)],
    }
    return TickResult(**(fields | changes))
