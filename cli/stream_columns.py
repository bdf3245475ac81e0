"""Whether the columns that a stream names are in the rows of its source."""

from typing import TYPE_CHECKING

import numpy as np

from cli.database import database
from cli.group import CommandError
from cli.registration import stored_definition
from models.errors import UnknownSourceError
from models.queries.sources import get_source
from models.queries.streams import find_stream
from models.tables.source import Source
from sources.errors import SourceError
from sources.validation import closest
from tasks.database import utc_now

if TYPE_CHECKING:
    import pandas as pd

    from cli.declared_file import DeclaredFile
    from cli.stream_definition import StreamDefinition

_ROWS = 10


def check_declared_columns(declared: "DeclaredFile") -> list[str]:
    """Check the streams of a file that are new, or name other columns than before.

    Returns:
        What could not be checked now, and why.

    Raises:
        CommandError: a column is not there; the message names each.
    """
    in_file = {one.name: stored_definition(one) for one in declared.sources or ()}
    problems, notes = [], []
    for stream in declared.streams or ():
        if stream.source in in_file:
            now = utc_now()
            source = Source(**vars(in_file[stream.source]), created_at=now, updated_at=now)
        else:
            source = None
        try:
            note = None if _is_known(stream) else check_columns(stream, source)
        except UnknownSourceError:
            continue  # which applying the file says
        except CommandError as error:
            problems.append(str(error))
        else:
            notes += [note] if note else []
    if problems:
        raise CommandError("\n".join(problems))
    return notes


def check_columns(definition: "StreamDefinition", source: Source | None = None) -> str | None:
    """Read the first rows of a stream's source, and look for the columns that the stream names.

    Args:
        definition: of the stream.
        source: that it polls; None for the one registered under the name it gives.

    Returns:
        Why they could not be checked now; None if they are there, or none is named.

    Raises:
        CommandError: a column is not there, or the column of times holds none.
        UnknownSourceError: the source is not registered.
    """
    time = definition.time_column
    named = [*(definition.columns or ()), *([] if time is None else [time])]
    if definition.source is None or not named:
        return None
    from detectors.series import is_number, is_number_text
    from tasks.read_source import read_source

    if source is None:
        with database() as session:
            source = get_source(session, definition.source)
    not_checked = f"the columns of stream {definition.name} are not checked: source {source.name}"
    try:
        frame = read_source(source, limit=_ROWS)
    except SourceError as error:
        return f"{not_checked} cannot be read now: {error}"
    if not len(frame):
        return f"{not_checked} has no rows yet"
    present = [str(name) for name in frame.columns]
    for name in named:
        if name not in present:
            raise CommandError(
                f"stream {definition.name}: source {source.name} has no column "
                f"{name!r}{closest(name, present)}"
            )
    for name in definition.columns or ():
        series = frame[name]
        if series.count() and not is_number(series) and not is_number_text(series):
            raise CommandError(
                f"stream {definition.name}: column {name!r} of source {source.name} holds "
                f"{series.dropna().iloc[0]!r}, and streams watch numbers: name other columns, or "
                f"see what `vigil sources check {source.name}` says of it"
            )
    if time is not None and not _holds_times(frame, time):
        raise CommandError(
            f"stream {definition.name}: column {time!r} holds no times, expected dates in ISO 8601 "
            "or seconds since 1970: name another one"
        )
    return None


def _is_known(definition: "StreamDefinition") -> bool:
    with database() as session:
        stream = find_stream(session, definition.name)
    return stream is not None and (stream.columns, stream.time_column) == (
        None if definition.columns is None else list(definition.columns),
        definition.time_column,
    )


def _holds_times(frame: "pd.DataFrame", name: str) -> bool:
    from detectors.online.rows import StreamColumns

    times = StreamColumns((), name).times(frame)
    return bool(np.isfinite(times).any()) or not frame[name].count()
