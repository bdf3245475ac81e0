"""What the runs and streams of a long history found, made inside the database."""

import json

from sqlalchemy import Connection, text

_COLUMNS = range(10)
_VALUES = json.dumps({f"column_{i}": 12345.678 for i in _COLUMNS})
_CONTRIBUTIONS = json.dumps(
    [
        {
            "feature": f"column_{i}",
            "value": 500.0,
            "encoded": 500.0,
            "typical_low": 41.7,
            "typical_high": 58.2,
            "direction": "unusually high",
            "contribution": 0.3,
        }
        for i in _COLUMNS
    ]
)
_STANDOUTS = json.dumps({"column_3": 9.5})
_TIME = "2026-03-01 12:00:00.000000"

_NUMBERS = """
WITH RECURSIVE numbers(n) AS (SELECT {low} UNION ALL SELECT n + 1 FROM numbers WHERE n < {high})
"""
_ANOMALIES = f"""
INSERT INTO anomaly
    (detection_id, row_index, row_key, score, rank, p_value, "values", standouts)
SELECT id, 10 * n, 'order-' || n, 1.0 - n / 1000000.0, n, 0.001, '{_VALUES}', '{_STANDOUTS}'
FROM detection JOIN numbers ON n <= anomaly_count
WHERE anomaly_count >= :low
ORDER BY id  -- each index then grows at its end, which is several times as fast
"""
_RECORDS = f"""
INSERT INTO agreement_record (comparison_id, row_index, row_key, rank, detectors, "count", level,
    confidence, mean_rank, "values")
SELECT id, 10 * n, 'order-' || n, n, '["knn", "lof"]',
    CASE WHEN 4 * n <= flagged_rows THEN 5 WHEN 2 * n <= flagged_rows THEN 2 ELSE 1 END,
    CASE WHEN 4 * n <= flagged_rows THEN 'all' WHEN 2 * n <= flagged_rows THEN 'some'
        ELSE 'one' END,
    0.5, n, '{_VALUES}'
FROM comparison JOIN numbers ON n <= flagged_rows
WHERE flagged_rows >= :low
ORDER BY id
"""
_SUMMARIES = """
INSERT INTO column_summary (detection_id, position, "column", dtype, watched, missing, infinite,
    constant, mean, std, minimum, median, maximum, spread, extreme_anomalies,
    estimated)
SELECT id, n, 'column_' || n, 'float64', true, 0, 0, false, 50.1, 5.2, 36.6, 50.0, 500.0, 4.9, 1,
    false
FROM detection CROSS JOIN numbers WHERE status = 'success' ORDER BY id
"""
_EXPLANATIONS = f"""
INSERT INTO explanation (detection_id, row_index, row_key, is_anomaly, score, percentile, quantity,
    method, base, explained, residual, seed, background_size, refitted, contributions, sentence,
    created_at)
SELECT id, 10 * n, 'order-' || n, true, 0.7, 99.5, 'score', 'all coalitions', 0.4, 0.7, 0, 0, 100,
    false, '{_CONTRIBUTIONS}', 'column_3 500 is unusually high', created_at
FROM (SELECT id, created_at, anomaly_count FROM detection ORDER BY anomaly_count DESC NULLS LAST
    LIMIT :explained) AS explained JOIN numbers ON n <= anomaly_count AND n <= 1000
"""
_POINTS = f"""
INSERT INTO stream_point (stream_id, sequence, timestamp, row_key, "values", score, flagged,
    stored_at)
SELECT id, 1000000 + n, '{_TIME}', 'point-' || n, '{_VALUES}', 0.1, n % 100 = 0, '{_TIME}'
FROM stream CROSS JOIN numbers
"""
_STATISTICS = """
INSERT INTO stream_statistic (stream_id, position, "column", "count", missing, mean, m2, minimum,
    maximum, anomaly_count)
SELECT id, n, 'column_' || n, 1000000, 0, 50.1, 5.2, 36.6, 500.0, 1 FROM stream CROSS JOIN numbers
"""


def fill_findings(connection: Connection, usual: int, large: int, explained: int) -> None:
    """Give each detection and comparison what its counts say.

    Args:
        connection: in a transaction.
        usual: anomalies of a detection, as a rule.
        large: those of the largest, and the flagged rows of the largest comparison.
        explained: detections of which some rows are explained.
    """
    for low, high in ((1, usual), (usual + 1, large)):  # all up to the usual number, then the rest
        _insert(connection, _ANOMALIES, low, high, low=low)
        _insert(connection, _RECORDS, low, high, low=low)
    _insert(connection, _SUMMARIES, 1, len(_COLUMNS))
    _insert(connection, _EXPLANATIONS, 1, 1_000, explained=explained)


def fill_points(connection: Connection, points: int) -> None:
    """Give each stream so many points, and statistics."""
    _insert(connection, _POINTS, 1, points)
    _insert(connection, _STATISTICS, 1, len(_COLUMNS))


def _insert(
    connection: Connection, statement: str, first: int, last: int, **parameters: int
) -> None:
    numbers = _NUMBERS.format(low=first, high=last)
    connection.execute(text(numbers + statement), parameters)
