"""Read records that an HTTP address answers with, page after page."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice

import pandas as pd

from sources.base import ReadLimits
from sources.config import HttpConfig
from sources.frames import slices, to_frame
from sources.http_source import HttpSource
from sources.records import records_table
from sources.secrets import SecretResolver


class HttpReader:
    """Reads JSON over HTTP; answers with an ETag are kept, and fetched again only when changed."""

    def __init__(self, config: HttpConfig, limits: ReadLimits, secrets: SecretResolver) -> None:
        self._config = config
        self._limits = limits
        self._source = HttpSource(config, limits, secrets)

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows, as ``Reader.read``; with a ``limit`` no page more than needed is asked."""
        with closing(self._source.records()) as records:
            taken = islice(records, limit)
            return to_frame(records_table(self._config.place, taken, columns, self._limits))

    def read_chunks(
        self, size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pd.DataFrame]:
        """Yield rows, as ``Reader.read_chunks``; types need all pages read first."""
        yield from slices(self.read(columns), size)
