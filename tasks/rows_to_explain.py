"""Rows to explain, with what their detector sees of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.detection import score_again
from detectors.roles import shorten
from detectors.validation import Vector
from models.errors import UnknownRowError
from models.tables.anomaly import Anomaly
from models.tables.detection import Detection
from tasks.fitted_detector import KeptDetector
from tasks.load_table import LoadedTable
from tasks.rows import row_keys, row_values
from tasks.wanted_rows import WantedRows


@dataclass(frozen=True)
class RowToExplain:
    """A row of a detection.

    Attributes:
        score: the one it has in the detection.
        values: what its source holds, by column.
        x: its features, shape (n_features,).
    """

    row_index: int
    row_key: str | None
    is_anomaly: bool
    score: float
    values: Mapping[str, Any]
    x: Vector


def stored_rows(kept: KeptDetector, anomalies: Sequence[Anomaly]) -> list[RowToExplain]:
    """Return anomalies of a detection, from what is stored of them."""
    places = {position: place for place, position in enumerate(kept.positions.tolist())}
    return [
        RowToExplain(
            row_index=anomaly.row_index,
            row_key=anomaly.row_key,
            is_anomaly=True,
            score=anomaly.score,
            values=anomaly.values,
            x=kept.X[places[anomaly.row_index]],
        )
        for anomaly in anomalies
    ]


def other_rows(
    detection: Detection, kept: KeptDetector, loaded: LoadedTable, wanted: WantedRows
) -> tuple[list[RowToExplain], dict[int, str]]:
    """Return rows that are no anomalies, from the table that the detection scored.

    Returns:
        The rows, and why others are none that can be explained, by row number.

    Raises:
        UnknownRowError: no row has one of the keys.
    """
    scored = loaded.table.positions
    asked = np.union1d(wanted.others, _with_keys(loaded, wanted.unknown_keys)).astype(np.int64)
    left_out = {
        row: f"row {row:,} was not scored: a value is missing in it, and missing=drop_rows"
        for row in np.setdiff1d(asked, scored).tolist()
    }
    positions = np.intersect1d(asked, scored)
    if not len(positions):
        return [], left_out
    places = np.searchsorted(scored, positions)
    columns = [column.name for column in kept.encoder.columns]
    rows = zip(
        positions.tolist(),
        row_keys(loaded.frame, loaded.source.key_columns, positions),
        score_again(
            kept.detector, loaded.table.X, places, detection.sample_size, detection.seed
        ).tolist(),
        row_values(loaded.frame, columns, positions),
        loaded.table.X[places],
        strict=True,
    )
    threshold = detection.threshold or 0.0
    return [
        RowToExplain(index, key, score > threshold, score, values, x)
        for index, key, score, values, x in rows
    ], left_out


def _with_keys(loaded: LoadedTable, keys: Sequence[str]) -> NDArray[np.int64]:
    """Return the numbers of all rows with one of ``keys``."""
    if not keys:
        return np.array([], dtype=np.int64)
    source = loaded.source
    if not source.key_columns:
        raise UnknownRowError(
            f"{source.name} names no key columns, so that no row has the key {keys[0]!r}: name "
            "rows by number"
        )
    everywhere = np.arange(len(loaded.frame))
    found = row_keys(loaded.frame, source.key_columns, everywhere)
    unknown = sorted(set(keys).difference(found))
    if unknown:
        several = ", as a JSON list of texts" if len(source.key_columns) > 1 else ""
        raise UnknownRowError(
            f"no row of {source.name} has the key {shorten([repr(key) for key in unknown])}: a key "
            f"is the value of {', '.join(source.key_columns)}{several}"
        )
    wanted = set(keys)
    return np.array([row for row, key in enumerate(found) if key in wanted], dtype=np.int64)
