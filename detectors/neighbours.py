"""How far a row is from its nearest neighbours in a table."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Matrix, Vector

# The fastest from 2 to 30 columns and 5,000 to 50,000 rows; as fast as one leaf on small tables.
_ROWS_PER_LEAF = 128
# Rows per call of the kernel, during which Python cannot be interrupted.
_ROWS_PER_CALL = 8192
# What the kernel takes for the place of a row that is not one of the table.
_EQUAL_LEFT_OUT, _ALL_COUNT = -1, -2


class Distances(NamedTuple):
    """Distances of each row to its ``k`` nearest neighbours: their mean, and the largest."""

    mean: Vector
    farthest: Vector


class Neighbours:
    """Exact Euclidean nearest neighbours; memory grows with the rows, not with their pairs."""

    def __init__(self, table: Matrix) -> None:
        """Arrange ``table``, shape (n_rows, n_features), in a balanced k-d tree."""
        self._depth = max(0, int(np.ceil(np.log2(len(table) / _ROWS_PER_LEAF))))
        self._order, self._low, self._high = _arrange(table, self._depth)
        self._columns = np.ascontiguousarray(table[self._order].T)

    def of_table(self, k: int) -> Distances:
        """Distances of the table's own rows to ``k <= n_rows - 1`` others; none is its own."""
        rows = np.ascontiguousarray(self._columns.T)
        found = self._search(rows, k, 0)
        back = np.empty_like(self._order)
        back[self._order] = np.arange(len(back))
        return Distances(found.mean[back], found.farthest[back])

    def of(self, rows: Matrix, k: int) -> Distances:
        """Distances of any rows, shape (m, n_features), to ``k <= n_rows - 1`` of the table.

        A row that equals rows of the table leaves one of them out, as if it were that row: it is
        as far from its neighbours as ``of_table`` says of its equals.
        """
        return self._search(rows, k, _EQUAL_LEFT_OUT)

    def to_nearest(self, rows: Matrix) -> Vector:
        """Distance of rows, shape (m, n_features), to the nearest of the table; 0 for equals."""
        return self._search(rows, 1, _ALL_COUNT).mean

    def _search(self, rows: Matrix, k: int, first_place: int) -> Distances:
        from detectors.kernels.neighbours import nearest

        if k == 0:
            return Distances(np.zeros(len(rows)), np.zeros(len(rows)))
        mean, farthest = np.empty(len(rows)), np.empty(len(rows))
        for start in range(0, len(rows), _ROWS_PER_CALL):
            part = slice(start, start + _ROWS_PER_CALL)
            nearest(
                rows[part],
                start if first_place == 0 else first_place,
                self._columns,
                self._low,
                self._high,
                self._depth,
                k,
                mean[part],
                farthest[part],
            )
        return Distances(mean, farthest)


def _arrange(table: Matrix, depth: int) -> tuple[NDArray[np.int64], Matrix, Matrix]:
    """Halve the rows ``depth`` times across the widest column; return order and boxes."""
    n = len(table)
    order = np.arange(n)
    low = np.empty((2 << depth, table.shape[1]))
    high = np.empty_like(low)
    for node in range(1, 2 << depth):
        level = node.bit_length() - 1
        place = node - (1 << level)
        start, stop = (place * n) >> level, ((place + 1) * n) >> level
        rows = table[order[start:stop]]
        low[node], high[node] = rows.min(axis=0), rows.max(axis=0)
        if level < depth:
            widest = np.argmax(high[node] - low[node])
            middle = ((2 * place + 1) * n) >> (level + 1)
            split = np.argpartition(rows[:, widest], middle - start)
            order[start:stop] = order[start:stop][split]
    return order, low, high
