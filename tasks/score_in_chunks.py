"""Detect the anomalies of a table that is larger than memory may hold."""

from functools import partial, reduce
from operator import add

import numpy as np
from numpy.typing import NDArray
from prefect import get_run_logger

from detectors.chunks.chunk_scores import ChunkScores, score_chunk
from detectors.chunks.learnt_table import LearntTable, learn_table
from detectors.chunks.table_tally import TableTally, tally_chunk
from detectors.detection import draw_sample
from detectors.errors import DetectorError
from models.queries.runs import finish_detection
from models.tables.detection import Detection
from models.tables.source import Source
from settings import get_settings
from sources.bad_rows import BadRows
from sources.errors import TransientSourceError
from sources.open_table import OpenTable
from tasks.database import repeated, utc_now
from tasks.detection_request import DetectionRequest
from tasks.detection_result import build_result
from tasks.findings import Findings
from tasks.one_thread import use_one_thread
from tasks.progress_log import log_progress
from tasks.read_source import log_notices
from tasks.workers.choice import make_chunk_workers


def is_large(table: OpenTable) -> bool:
    """Whether a table is too large to be held as a whole."""
    return len(table) * len(table.columns) > get_settings().memory_cells


def score_in_chunks(detection: Detection, source: Source, table: OpenTable, bad: BadRows) -> int:
    """Fit on a sample, score every row, and store what is found in one transaction.

    The table is read twice. The first pass counts what it holds and keeps the sampled rows, the
    second scores it and keeps the anomalies.

    Args:
        detection: the detection, running.
        source: the registry row of its source.
        table: the source, open.
        bad: what is wrong with single rows of the source.

    Returns:
        The number of anomalies.

    Raises:
        SourceError: the source cannot be read.
        TransientSourceError: it changed meanwhile.
        DetectorError: the rows do not allow this detector, or too many are above the threshold.
        DatabaseError: the result cannot be stored.
        SigningKeyError: there is no key to sign the fitted detector with.
    """
    logger = get_run_logger()
    request = DetectionRequest.restored(detection)
    roles = request.roles(source)
    n_rows, chunk_rows = len(table), get_settings().chunk_rows
    sample = _draw_sample(request, table)
    logger.info(
        "%s has %s rows x %s columns, more than VIGIL_MEMORY_CELLS: fitting %s on %s of them, and "
        "scoring all in chunks of %s",
        *(source.name, f"{n_rows:,}", f"{len(table.columns):,}", request.detector.display_name),
        *(f"{len(sample):,}", f"{chunk_rows:,}"),
    )
    use_one_thread()
    with make_chunk_workers(source, roles.needed, table) as workers:
        tallies = workers.map(partial(tally_chunk, roles, sample))
        tally: TableTally = reduce(add, log_progress(tallies, n_rows, "counting", logger))
        learnt = learn_table(
            tally, roles, request.missing, request.detector, request.threshold, request.seed
        )
        chunks = workers.map(partial(score_chunk, learnt))
        scores: ChunkScores = reduce(add, log_progress(chunks, n_rows, "scoring", logger))
    _check_unchanged(source, tally, learnt, scores)
    findings = Findings.of_chunks(tally, learnt, scores)
    result = build_result(findings, source, detection, len(sample), chunk_rows, bad.notices)
    log_notices(bad.notices)
    repeated(lambda session: finish_detection(session, detection.id, result, utc_now()))
    logger.info("anomalies: %s of %s rows", f"{scores.n_flagged:,}", f"{findings.scored_rows:,}")
    return scores.n_flagged


def _draw_sample(request: DetectionRequest, table: OpenTable) -> NDArray[np.int64]:
    """Return the numbers of the rows to fit on, in order: those of a table held whole."""
    settings = get_settings()
    size = min(request.sample_size or settings.chunk_sample_size, len(table))
    most = settings.memory_cells // len(table.columns)
    if request.sample_size is None:
        size = min(size, most)
    if size > most:
        raise DetectorError(
            f"sample_size is {size:,}, and VIGIL_MEMORY_CELLS allows {most:,} rows of "
            f"{len(table.columns):,} columns in memory: lower the one, or raise the other"
        )
    return draw_sample(len(table), size, request.seed)


def _check_unchanged(
    source: Source, tally: TableTally, learnt: LearntTable, scores: ChunkScores
) -> None:
    watched = [column.name for column in learnt.encoder.columns]
    before = {name: tally.digests[name] for name in watched}
    if (tally.n_rows, before) != (scores.n_rows, dict(scores.digests)):
        raise TransientSourceError(
            f"{source.name} changed while it was read: run the detection again when nothing "
            "writes to it"
        )
