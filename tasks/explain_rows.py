"""Explain rows of a detection."""

from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import numpy as np
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from detectors.batch.isolation_forest import IsolationForest
from detectors.explanation.explain import explain_rows as share_out
from detectors.kernels.cache import needs_compiling
from models.errors import UnknownRowError
from models.queries.detections import get_detection
from models.queries.explanations import store_explanations
from models.queries.findings import get_fitted_detector
from models.queries.sources import get_source_by_id
from models.session import session_scope
from models.tables.detection import Detection
from models.tables.explanation import ExplanationRow
from models.tables.source import Source
from tasks.database import open_engine, repeated, utc_now
from tasks.explanation_request import ExplanationRequest, check_count
from tasks.explanation_rows import explanation_rows
from tasks.fitted_detector import KeptDetector, unpack_detector
from tasks.one_thread import use_one_thread
from tasks.read_again import read_again
from tasks.read_source import RETRY_DELAYS, is_transient
from tasks.refit_detector import refit_detector
from tasks.rows_to_explain import RowToExplain, other_rows, stored_rows
from tasks.wanted_rows import WantedRows, background_size, find_wanted_rows


@dataclass(frozen=True)
class ExplainedRows:
    """What became of the rows that were to be explained.

    Attributes:
        rows: numbers of the explained ones, in order.
        computed: those of them that were not stored before.
        left_out: why others could not be explained, by row number.
        seconds: how long it took.
    """

    detection_id: UUID
    rows: tuple[int, ...]
    computed: tuple[int, ...]
    left_out: dict[int, str]
    seconds: float


@task(
    task_run_name="explain-{detection_id}",
    cache_policy=NO_CACHE,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=is_transient,
)
def explain_rows(detection_id: UUID | str, request: ExplanationRequest) -> ExplainedRows:
    """Explain rows that were not explained before in this way, and store why they score so.

    Flows set the retries, by the settings; only a read that may succeed the next time is retried.

    Args:
        detection_id: a detection, or the first digits of its id.
        request: which rows, and how.

    Raises:
        UnknownDetectionError: there is no such detection.
        RunStatusError: it did not succeed.
        UnknownRowError: it has no such rows, or none of them was scored.
        FittedDetectorError: its detector cannot be had as it was.
        SigningKeyError: there is no key to check its detector with.
        SourceError: a source that has to be read for it cannot be.
        DetectorError: the detector cannot be fitted again or be explained.
        DatabaseError: the result cannot be stored.
    """
    logger = get_run_logger()
    begun = monotonic()
    with session_scope(open_engine(), writes=False) as session:
        detection = get_detection(session, detection_id)
        wanted = find_wanted_rows(session, detection, request)
        source = get_source_by_id(session, detection.source_id)
    computed: list[ExplanationRow] = []
    left_out: dict[int, str] = {}
    if not wanted.are_cached:
        computed, left_out = _explain(detection, source, wanted, request)
    if computed:
        repeated(lambda session: store_explanations(session, detection.id, computed, utc_now()))
    fresh = tuple(sorted(row.row_index for row in computed))
    logger.info(
        "explained %s rows of %s; %s were explained before",
        len(fresh),
        detection.source_name,
        len(wanted.cached),
    )
    rows = tuple(sorted({*fresh, *wanted.cached}))
    return ExplainedRows(detection.id, rows, fresh, left_out, monotonic() - begun)


def _explain(
    detection: Detection, source: Source, wanted: WantedRows, request: ExplanationRequest
) -> tuple[list[ExplanationRow], dict[int, str]]:
    """Explain the rows that are not cached; return what is to be stored, and what is left out."""
    logger = get_run_logger()
    with session_scope(open_engine(), writes=False) as session:
        stored = get_fitted_detector(session, detection.id)
    use_one_thread()
    if stored is None:
        logger.warning(
            "the detector of %s was too large to store (VIGIL_FITTED_MAX_BYTES), or is pruned: "
            "fitting it again",
            detection.source_name,
        )
        reason = "its detector was too large to be stored with it, or is pruned"
        loaded = read_again(detection, source, reason)
        kept = refit_detector(detection, loaded, wanted.anomalies)
    else:
        kept = unpack_detector(detection.id, stored)
    rows = stored_rows(kept, wanted.anomalies)
    left_out: dict[int, str] = {}
    if not wanted.are_stored:
        if stored is not None:
            logger.info("some rows are no anomalies: only those are stored with their values")
            loaded = read_again(detection, source, "only its anomalies are stored with it")
        others, left_out = other_rows(detection, kept, loaded, wanted)
        rows += others
    if not rows and not wanted.cached:
        raise UnknownRowError("; ".join(left_out.values()))
    check_count(max(len(rows), 1))
    return _compute(detection, kept, rows, request, refitted=stored is None), left_out


def _compute(
    detection: Detection,
    kept: KeptDetector,
    rows: list[RowToExplain],
    request: ExplanationRequest,
    *,
    refitted: bool,
) -> list[ExplanationRow]:
    """Share out the scores of all rows at once."""
    if not rows:
        return []
    logger = get_run_logger()
    if isinstance(kept.detector, IsolationForest) and needs_compiling("forest_contributions"):
        logger.info("compiling the kernels that explain an isolation forest, once, about 10 s")
    logger.info("explaining %s rows", len(rows))
    background = kept.background[: background_size(detection, request.background)]
    X = np.array([row.x for row in rows])
    contributions = share_out(kept.detector, X, background, request.seed)
    return explanation_rows(
        detection, kept, rows, contributions, background, request.seed, refitted=refitted
    )
