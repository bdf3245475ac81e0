"""Read records that an HTTP address answers with, page after page."""

from collections.abc import Sequence
from contextlib import closing
from itertools import islice

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import HttpConfig
from sources.good_records import good_records
from sources.http_source import HttpSource
from sources.records import records_table
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.spooling_reader import SpoolingReader


class HttpReader(SpoolingReader):
    """Reads JSON over HTTP; answers with an ETag are kept, and fetched again only when changed."""

    def __init__(
        self,
        config: HttpConfig,
        limits: ReadLimits,
        secrets: SecretResolver,
        keys: Sequence[str],
        bad: BadRows,
    ) -> None:
        super().__init__(config.place, limits, keys, bad)
        self._source = HttpSource(config, limits, secrets, keys)
        self._null_values = config.null_values

    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        """With a ``limit`` no page more than needed is asked for; one is in memory at a time."""
        with closing(self._source.records()) as records:
            good = good_records(self._bad, islice(records, limit))
            taken = (record for _, record in good)
            table = records_table(
                self._place, taken, columns, self._limits, spool, self._keys, self._null_values
            )
        self._source.picker.check()
        return table
