"""The part of a detection that is the same wherever the table comes from."""

from collections.abc import Sequence

import pandas as pd
from prefect import get_run_logger

from detectors.detection import PreparedTable, ScoredTable, score_table
from detectors.kernels.cache import needs_compiling
from models.queries.runs import finish_detection
from models.tables.detection import Detection
from models.tables.source import Source
from tasks.database import repeated, utc_now
from tasks.detection_request import DetectionRequest
from tasks.detection_result import build_result
from tasks.findings import Findings
from tasks.one_thread import use_one_thread


def score_and_store(
    detection: Detection,
    source: Source,
    frame: pd.DataFrame,
    table: PreparedTable,
    notices: Sequence[str] = (),
) -> ScoredTable:
    """Fit and score as a running detection asks, and store what is found in one transaction.

    Args:
        detection: the detection.
        source: the registry row of its source.
        frame: the source as it was read.
        table: what was made of it.
        notices: what is wrong with single rows of it.

    Raises:
        DetectorError: the rows do not allow this detector.
        DatabaseError: the result cannot be stored.
        SigningKeyError: there is no key to sign the fitted detector with.
    """
    logger = get_run_logger()
    request = DetectionRequest.restored(detection)
    kernels = request.detector.kernels
    if kernels and needs_compiling(kernels):
        logger.info("compiling the kernels of %s, once, about 5 s", request.detector.display_name)
    use_one_thread()
    logger.info("fitting and scoring with %s", request.detector.display_name)
    scored = score_table(
        table, request.detector, request.threshold, request.sample_size, request.seed
    )
    findings = Findings.of_table(frame, table, scored)
    result = build_result(findings, source, detection, request.sample_size, notices=notices)
    repeated(lambda session: finish_detection(session, detection.id, result, utc_now()))
    logger.info("anomalies: %s of %s rows", f"{len(scored.flagged):,}", f"{len(table.X):,}")
    return scored
