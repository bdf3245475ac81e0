"""Readers of rows that come one after the other and cannot be had again."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pandas as pd

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.open_table import OpenTable
from sources.spool import Spool
from sources.spooled_table import SpooledTable


class SpoolingReader(ABC):
    """Reads all rows once, into a spool, whose types are those that fit all of them.

    Args:
        place: where the rows come from, for errors.
        limits: of reading.
        bad: gathers what is wrong with single rows.
    """

    def __init__(self, place: str, limits: ReadLimits, bad: BadRows) -> None:
        self._place = place
        self._limits = limits
        self._bad = bad

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows, as ``Reader.read``; with a ``limit`` no more are asked for."""
        return self._filled(Spool(self._place), columns, limit).whole()

    @contextmanager
    def open_table(self, columns: Sequence[str] | None = None) -> Iterator[OpenTable]:
        """Open the rows, as ``Reader.open_table``; the source is left when all are here."""
        with Spool(self._place, self._limits) as spool:
            yield self._filled(spool, columns)

    def _filled(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        self._bad.restart()
        table = self._fill(spool, columns, limit)
        self._bad.check()
        return table

    @abstractmethod
    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        """Put rows into ``spool`` and return it as a table; arguments are those of ``read``."""
