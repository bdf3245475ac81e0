"""The source of a stream: which of its columns matter, and how it is polled."""

import pandas as pd

from detectors.errors import DetectorError
from detectors.online.rows import StreamColumns
from detectors.roles import ColumnRoles
from models.tables.source import Source
from models.tables.stream import Stream
from sources.config import SqlConfig, parse_source_config
from sources.errors import SourceError
from sources.pollers import open_poller
from sources.polling import Poller, PollOptions
from sources.secrets import SecretResolver
from tasks.read_source import read_limits, secret_block


def column_roles(stream: Stream, source: Source) -> ColumnRoles:
    """Return which column of the source is what in this stream."""
    chosen = stream.columns or source.columns
    return ColumnRoles(
        features=None if chosen is None else tuple(chosen),
        keys=tuple(source.key_columns),
        cursor=source.cursor_column,
        label=source.label_column,
    )


def open_stream_source(stream: Stream, source: Source) -> Poller:
    """Return the poller of a stream's source; nothing is read yet.

    Raises:
        SourceError: a source that is so configured cannot be polled, or not with a lag.
    """
    roles = column_roles(stream, source)
    columns = roles.features
    if columns is not None and stream.time_column is not None:
        columns = (*columns, stream.time_column)
    options = PollOptions(
        columns=columns, key_columns=roles.keys, cursor_column=source.cursor_column
    )
    config = parse_source_config(source.kind, source.config)
    if stream.lag:
        if not isinstance(config, SqlConfig):
            raise SourceError(
                f"stream {stream.name} waits for late rows, which only SQL sources give, and "
                f"{source.name} is of kind {source.kind}: set the lag of the stream to 0"
            )
        config = config.model_copy(update={"lag": stream.lag})
    return open_poller(config, options, read_limits(), SecretResolver(secret_block))


def choose_columns(stream: Stream, source: Source, frame: pd.DataFrame) -> StreamColumns:
    """Return what is watched of the source, chosen from its first rows.

    Raises:
        DetectorError: they do not have the columns asked for, or no column of numbers.
    """
    columns = StreamColumns.choose(frame, column_roles(stream, source), stream.time_column)
    if stream.cooldown_seconds and columns.time is None:
        raise DetectorError(
            f"stream {stream.name} is to cool down by the time of its rows, which have none: name "
            "the column of their times, or set the cooldown to 0"
        )
    return columns
