"""Read and prepare the table that all detectors of a comparison score."""

from dataclasses import dataclass

import pandas as pd
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from detectors.detection import PreparedTable, prepare_table
from models.queries.sources import get_source
from models.session import session_scope
from models.tables.source import Source
from tasks.database import open_engine
from tasks.detection_request import DetectionRequest
from tasks.read_source import RETRY_DELAYS, bad_rows, is_transient, log_notices, read_source
from tasks.record_failure import source_named


@dataclass(frozen=True)
class LoadedTable:
    """A source as it was read, and as detectors take it."""

    source: Source
    frame: pd.DataFrame
    table: PreparedTable
    notices: tuple[str, ...] = ()


@task(
    task_run_name="load-{source}",
    cache_policy=NO_CACHE,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=is_transient,
)
def load_table(source: str, request: DetectionRequest) -> LoadedTable:
    """Read a source once for all detectors.

    Flows set the retries, by the settings; only a read that may succeed the next time is retried.

    Raises:
        SourceError: the source cannot be read.
        DetectorError: there is nothing in it to detect anomalies in.
    """
    with session_scope(open_engine(), writes=False) as session:
        registered = get_source(session, source)
    return read_table(registered, request)


def read_table(source: Source, request: DetectionRequest) -> LoadedTable:
    """Read and prepare a source.

    Raises:
        SourceError: it cannot be read.
        DetectorError: there is nothing in it to detect anomalies in.
    """
    logger = get_run_logger()
    roles = request.roles(source)
    logger.info("reading %s", source.name)
    bad = bad_rows(source)
    frame = read_source(source, roles.needed, bad=bad)
    log_notices(bad.notices)
    logger.info("preparing %s rows x %s columns", f"{len(frame):,}", len(frame.columns))
    with source_named(source.name):
        table = prepare_table(frame, roles, request.missing)
    return LoadedTable(source, frame, table, bad.notices)
