"""Finding and deleting detections."""

from dataclasses import dataclass
from shlex import quote
from uuid import UUID

from sqlmodel import Session

from models.errors import RunStatusError, UnknownDetectionError
from models.paging import Page
from models.queries.kinds import DETECTION
from models.queries.lifecycle import claim
from models.queries.records import delete_record, find_record, list_records
from models.queries.retention import PRUNED
from models.queries.sources import get_source_by_id
from models.status import Status
from models.tables.detection import Detection


@dataclass(frozen=True)
class DetectionFilter:
    """Which detections to list; what is None does not matter."""

    source_id: UUID | None = None
    status: Status | None = None
    algorithm: str | None = None


ALL_DETECTIONS = DetectionFilter()


def get_detection(session: Session, detection_id: UUID | str) -> Detection:
    """Return a detection by its id, or by the first digits of it if they fit no other.

    Raises:
        UnknownDetectionError: none fits, or the text cannot be the start of an id.
        AmbiguousIdError: several fit.
    """
    return find_record(session, DETECTION, detection_id)


def list_detections(
    session: Session,
    matching: DetectionFilter = ALL_DETECTIONS,
    *,
    offset: int = 0,
    limit: int = 20,
) -> Page[Detection]:
    """Return detections, the latest first."""
    return list_records(session, DETECTION, vars(matching), offset, limit)


def latest_detection(session: Session, source_id: UUID, status: Status | None = None) -> Detection:
    """Return the latest detection of a source, of this status if one is given.

    Raises:
        UnknownDetectionError: there is none yet.
        UnknownSourceError: there is no such source.
    """
    page = list_detections(session, DetectionFilter(source_id, status), limit=1)
    if not page.items:
        kind = "detection" if status is None else f"detection with status {status}"
        name = get_source_by_id(session, source_id).name
        raise UnknownDetectionError(f"{name} has no {kind} yet: run `vigil detect {quote(name)}`")
    return page.items[0]


def pin_detection(session: Session, detection_id: UUID, pinned: bool) -> Detection:
    """Keep a detection with all that is its, whatever its age; or no longer.

    Raises:
        UnknownDetectionError: there is none of this id.
        RunStatusError: it is being removed already.
    """
    detection = claim(session, DETECTION, detection_id)
    if detection.error_type == PRUNED:
        raise RunStatusError(
            f"detection {detection_id} is being removed, and some of it is gone: run "
            f"`vigil detect {quote(detection.source_name)}` again"
        )
    detection.pinned = pinned
    session.flush()
    return detection


def delete_detection(session: Session, detection_id: UUID) -> None:
    """Delete a detection with its anomalies, summaries, fitted detector and explanations.

    Raises:
        UnknownDetectionError: there is none of this id.
    """
    delete_record(session, DETECTION, detection_id)
