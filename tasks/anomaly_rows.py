"""Anomalies in the form the database keeps, made as they are asked for."""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from detectors.extremes import RobustScale
from detectors.features import FeatureEncoder
from detectors.flagged_rows import FlaggedRows
from models.tables.anomaly import AnomalyRow
from tasks.rows import row_keys, row_values, standouts

_BLOCK = 5_000


class AnomalyRows(Sequence[AnomalyRow]):
    """The anomalies of a detection, the strongest first.

    As objects, a million of them would take gigabytes: only a block of them is at hand at a time.

    Args:
        flagged: the anomalies.
        key_columns: what identifies a row.
        encoder: which columns are watched.
        scale: of the features.
    """

    def __init__(
        self,
        flagged: FlaggedRows,
        key_columns: Sequence[str],
        encoder: FeatureEncoder,
        scale: RobustScale,
    ) -> None:
        self._flagged = flagged
        self._key_columns = key_columns
        self._columns = [column.name for column in encoder.columns]
        self._features = encoder.names
        self._scale = scale

    def __len__(self) -> int:
        """Return how many anomalies there are."""
        return len(self._flagged)

    @overload
    def __getitem__(self, index: int) -> AnomalyRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[AnomalyRow]: ...
    def __getitem__(self, index: int | slice) -> AnomalyRow | list[AnomalyRow]:
        """Make one anomaly, or some."""
        if isinstance(index, slice):
            return self._made(*index.indices(len(self))[:2])
        place = range(len(self))[index]
        return self._made(place, place + 1)[0]

    def __iter__(self) -> Iterator[AnomalyRow]:
        """Yield all of them."""
        for start in range(0, len(self), _BLOCK):
            yield from self[start : start + _BLOCK]

    def _made(self, start: int, stop: int) -> list[AnomalyRow]:
        flagged, some = self._flagged, slice(start, stop)
        places = np.arange(start, stop)
        rows = zip(
            flagged.positions[some].tolist(),
            row_keys(flagged.frame, self._key_columns, places),
            flagged.scores[some].tolist(),
            flagged.p_values[some].tolist(),
            row_values(flagged.frame, self._columns, places),
            standouts(flagged.X[some], self._scale, self._features),
            self._known(some),
            strict=True,
        )
        return [
            AnomalyRow(
                row_index=number,
                row_key=key,
                score=score,
                rank=rank,
                p_value=p_value,
                values=values,
                standouts=far_out,
                label=label,
            )
            for rank, (number, key, score, p_value, values, far_out, label) in enumerate(
                rows, start=start + 1
            )
        ]

    def _known(self, some: slice) -> list[bool | None]:
        labels = self._flagged.labels
        if labels is None:
            return [None] * (some.stop - some.start)
        return [None if np.isnan(label) else bool(label) for label in labels[some].tolist()]
