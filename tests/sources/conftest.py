"""What the tests of readers share."""

import pytest

from sources.base import Reader, ReadLimits
from sources.config import parse_source_config
from sources.pollers import open_poller
from sources.polling import Poller, PollOptions
from sources.readers import open_reader
from sources.secrets import SecretResolver

QUICK = ReadLimits(backoff_seconds=0.001)
# So little memory that every table goes to disk.
TINY = ReadLimits(backoff_seconds=0.001, memory_cells=1)


@pytest.fixture
def open_source():
    """Return a function that opens a reader from a kind and the fields of its configuration."""

    def open_source(
        kind: str,
        *,
        limits: ReadLimits = QUICK,
        secrets: SecretResolver | None = None,
        key_columns: tuple[str, ...] = (),
        **fields: object,
    ) -> Reader:
        config = parse_source_config(kind, fields)
        return open_reader(config, limits, secrets or SecretResolver(), key_columns)

    return open_source


@pytest.fixture
def open_poll():
    """Return a function that opens a poller from a kind and the fields of its configuration."""

    def open_poll(
        kind: str,
        *,
        columns: tuple[str, ...] | None = None,
        key_columns: tuple[str, ...] = (),
        cursor_column: str | None = None,
        limits: ReadLimits = QUICK,
        secrets: SecretResolver | None = None,
        **fields: object,
    ) -> Poller:
        options = PollOptions(columns, key_columns, cursor_column)
        config = parse_source_config(kind, fields)
        return open_poller(config, options, limits, secrets or SecretResolver())

    return open_poll
