"""Read the rows of a registered source."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

import pandas as pd
from prefect.blocks.system import Secret
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from models.tables.source import Source
from settings import get_settings
from sources.base import Reader, ReadLimits
from sources.config import parse_source_config
from sources.errors import SourceError, TransientSourceError
from sources.open_table import OpenTable
from sources.readers import open_reader
from sources.secrets import SecretResolver

# Seconds before each further try; the last goes on. A database restarts in less than all of them.
RETRY_DELAYS = [2.0, 10.0, 30.0]


def read_source(
    source: Source, columns: Sequence[str] | None = None, limit: int | None = None
) -> pd.DataFrame:
    """Return rows of ``source`` within the limits of the settings.

    Args:
        source: the registry row.
        columns: the columns wanted; all when omitted.
        limit: at most this many rows; all when omitted.

    Raises:
        SourceError: it cannot be read; the message says why.
        TransientSourceError: it could not be reached this time.
    """
    return _reader(source).read(columns, limit)


def open_source(
    source: Source, columns: Sequence[str] | None = None
) -> AbstractContextManager[OpenTable]:
    """Open the rows of ``source`` for reading, as a whole or in chunks; else as ``read_source``."""
    return _reader(source).open_table(columns)


def read_limits() -> ReadLimits:
    """Return the limits of the settings."""
    settings = get_settings()
    return ReadLimits(
        timeout_seconds=settings.read_timeout_seconds,
        max_bytes=settings.read_max_bytes,
        max_columns=settings.read_max_columns,
        retries=settings.read_retries,
        file_roots=settings.file_roots,
        allow_private=settings.http_allow_private,
        memory_cells=settings.memory_cells,
        spool_folder=settings.spool_folder,
    )


def may_succeed_later(error: object) -> bool:
    """Whether reading again may succeed, and the reader has not tried again by itself."""
    return isinstance(error, TransientSourceError) and not error.retried


def is_transient(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether a task that failed should read again: the retry condition of tasks that read."""
    return may_succeed_later(state.data)


def secret_block(name: str) -> str:
    """Return the value of the Prefect secret block of this name.

    Raises:
        SourceError: there is none.
    """
    try:
        block = cast("Secret[str]", Secret.load(name))
    except ValueError:
        raise SourceError(
            f"no Prefect secret block is named {name!r}: create it in the UI under Blocks, or "
            f"refer to an environment variable as {{env:NAME}}"
        ) from None
    return str(block.get())


def _reader(source: Source) -> Reader:
    config = parse_source_config(source.kind, source.config)
    return open_reader(config, read_limits(), SecretResolver(secret_block), source.key_columns)
