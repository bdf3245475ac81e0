"""How the rows of a large table are shared out."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """Rows ``first`` to before ``last``, read and worked on one after the other."""

    first: int
    last: int

    def __len__(self) -> int:
        """Return how many rows."""
        return self.last - self.first


def cut_parts(starts: Sequence[int], n_rows: int, least: int) -> list[Part]:
    """Cut a table into parts; whoever works on how many of them, they are the same.

    Args:
        starts: the rows at which reading can begin, ascending, the first 0.
        n_rows: rows of the table.
        least: rows of a part, the last one excepted; more where reading cannot begin there.
    """
    cuts = [0]
    for start in starts:
        if start - cuts[-1] >= least and start < n_rows:
            cuts.append(start)
    return [Part(*ends) for ends in zip(cuts, [*cuts[1:], n_rows], strict=True)]
