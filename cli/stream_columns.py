"""Whether the columns that a stream names are in its source, before the first run finds out."""

from collections.abc import Sequence
from contextlib import closing

from cli.declared_file import DeclaredFile
from cli.progress import Progress
from cli.registration import stored_definition
from cli.stream_definition import StreamDefinition
from detectors.errors import DetectorError
from models.tables.source import Source
from models.tables.stream import Stream
from sources.errors import SourceError, TransientSourceError
from tasks.database import utc_now
from tasks.streams.open_source import choose_columns, open_stream_source

_ROWS = 1000


def check_columns(definition: StreamDefinition, source: Source, progress: Progress) -> None:
    """Read the first rows of a source, and check that they have the columns of a stream.

    A source that cannot be reached now, or has no rows yet, is left to the first run, and that is
    said.

    Args:
        definition: of the stream.
        source: that it polls.
        progress: says what is done.

    Raises:
        SourceError: a column is not there, or holds what a stream cannot watch; or the source
            cannot be polled at all.
    """
    now = utc_now()
    stream = Stream(**vars(definition.stored(source.id)), created_at=now, updated_at=now)
    progress.say(f"reading the first rows of {source.name}")
    try:
        with closing(open_stream_source(stream, source)) as poller:
            page = poller.poll(None, _ROWS)
        if len(page.rows):
            _check_named(stream, page.notices)
            choose_columns(stream, source, page.rows)
            return
        unknown = "has no rows yet"
    except TransientSourceError as error:
        unknown = f"cannot be read now ({error})"
    except (SourceError, DetectorError) as error:
        raise SourceError(
            f"stream {stream.name}: {error}; `vigil sources check {source.name}` shows what its "
            "rows have, and --no-check takes the stream as it is"
        ) from None
    progress.note(
        f"source {source.name} {unknown}: the first run checks the columns of {stream.name}"
    )


def check_declared_columns(
    declared: DeclaredFile, registered: Sequence[Source], progress: Progress
) -> None:
    """Check the streams of a file that name columns; arguments are those of ``check_columns``.

    Raises:
        SourceError: as ``check_columns``.
    """
    now = utc_now()
    sources = {source.name: source for source in registered}
    for definition in declared.sources or ():
        fields = vars(stored_definition(definition))
        sources[definition.name] = Source(**fields, created_at=now, updated_at=now)
    for stream in declared.streams or ():
        if (stream.columns or stream.time_column) and stream.source in sources:
            check_columns(stream, sources[stream.source], progress)


def _check_named(stream: Stream, notices: Sequence[str]) -> None:
    """Raise what a poller says of a column that none of its rows has."""
    named = [*(stream.columns or ()), *filter(None, [stream.time_column])]
    for notice in notices:
        if any(f"has no column `{name}`" in notice for name in named):
            raise SourceError(notice)
