"""Find the rows to explain, and what is known of them already."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from detectors.explanation.background import MOST_BACKGROUND_ROWS
from models.errors import RunStatusError, UnknownRowError
from models.queries.explanations import find_explanations
from models.queries.findings import find_anomalies, list_anomalies
from models.status import Status
from models.tables.anomaly import Anomaly
from models.tables.detection import Detection
from models.tables.explanation import Explanation
from tasks.explanation_request import ExplanationRequest


@dataclass(frozen=True)
class WantedRows:
    """The rows that were asked for, each in one of these.

    Attributes:
        cached: row numbers of those explained before, in the way that is asked for.
        anomalies: those to explain that are anomalies.
        others: row numbers of those to explain that are not, in order.
        unknown_keys: keys of neither anomalies nor rows explained before.
    """

    cached: list[int]
    anomalies: list[Anomaly]
    others: list[int]
    unknown_keys: list[str]

    @property
    def are_stored(self) -> bool:
        """Whether all that are to be explained are anomalies, so that no source need be read."""
        return not self.others and not self.unknown_keys

    @property
    def are_cached(self) -> bool:
        """Whether nothing is left to explain."""
        return self.are_stored and not self.anomalies


def find_wanted_rows(
    session: Session, detection: Detection, request: ExplanationRequest
) -> WantedRows:
    """Find the rows that ``request`` asks for.

    Raises:
        RunStatusError: the detection did not succeed.
        UnknownRowError: no rows or too many are asked for, one is out of range, or there are no
            anomalies to choose from.
    """
    request.check()
    if detection.status is not Status.SUCCESS:
        raise RunStatusError(
            f"detection {detection.id} of {detection.source_name} is {detection.status}, and only "
            f"one that succeeded can be explained: `vigil detections show {detection.id}` says "
            "what became of it"
        )
    keys = set(request.keys or ())
    rows = _check_range(detection, request.rows or ())
    if request.names_rows:
        anomalies = find_anomalies(session, detection.id, rows, keys)
    else:
        anomalies = _strongest(session, detection, request.top)
    rows |= {anomaly.row_index for anomaly in anomalies}
    stored = find_explanations(session, detection.id, rows, keys)
    rows |= {one.row_index for one in stored}
    named = {anomaly.row_key for anomaly in anomalies} | {one.row_key for one in stored}
    size = background_size(detection, request.background)
    cached = {one.row_index for one in stored if _is_asked_for(one, request, size)}
    missing = [anomaly for anomaly in anomalies if anomaly.row_index not in cached]
    others = rows - cached - {anomaly.row_index for anomaly in missing}
    return WantedRows(sorted(cached), missing, sorted(others), sorted(keys - named))


def background_size(detection: Detection, wanted: int) -> int:
    """Return how many background rows there are for an explanation that wants so many."""
    fitted = detection.scored_rows or 0
    if detection.sample_size is not None:
        fitted = min(fitted, detection.sample_size)
    return min(wanted, fitted, MOST_BACKGROUND_ROWS)


def _strongest(session: Session, detection: Detection, top: int) -> list[Anomaly]:
    anomalies = list_anomalies(session, detection.id, limit=top).items
    if not anomalies:
        raise UnknownRowError(
            f"detection {detection.id} of {detection.source_name} found no anomalies: name the "
            "rows to explain by number or key"
        )
    return anomalies


def _check_range(detection: Detection, rows: Sequence[int]) -> set[int]:
    last = (detection.total_rows or 0) - 1
    wrong = [row for row in rows if not 0 <= row <= last]
    if wrong:
        raise UnknownRowError(
            f"detection {detection.id} has no row {wrong[0]:,}: rows of {detection.source_name} "
            f"were numbered from 0 to {last:,}"
        )
    return set(rows)


def _is_asked_for(one: Explanation, request: ExplanationRequest, size: int) -> bool:
    alike = (one.seed, one.background_size) == (request.seed, size)
    return alike and not request.refresh
