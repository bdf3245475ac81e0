"""Finding and deleting detections."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.errors import AmbiguousDetectionError, UnknownDetectionError
from models.paging import Page, fetch_page
from models.status import Status
from models.tables.detection import Detection

SHORTEST_PREFIX = 4
_DIGITS = 32
_SHOW_ALL = "`vigil detections list` shows those there are"


@dataclass(frozen=True)
class DetectionFilter:
    """Which detections to list; what is None does not matter."""

    source_id: UUID | None = None
    status: Status | None = None
    algorithm: str | None = None


ALL_DETECTIONS = DetectionFilter()


def get_detection(session: Session, detection_id: UUID | str) -> Detection:
    """Return a detection by its id, or by the first digits of it if they fit no other.

    Args:
        session: where to look.
        detection_id: the id, or at least four hexadecimal digits it starts with.

    Raises:
        UnknownDetectionError: none fits, or the text cannot be the start of an id.
        AmbiguousDetectionError: several fit.
    """
    low, high = _id_range(str(detection_id))
    found = session.exec(
        select(Detection)
        .where(col(Detection.id).between(low, high))
        .order_by(col(Detection.id))
        .limit(3)
    ).all()
    if not found:
        raise UnknownDetectionError(f"no detection has the id {detection_id}: {_SHOW_ALL}")
    if len(found) > 1:
        some = ", ".join(str(detection.id) for detection in found)
        raise AmbiguousDetectionError(
            f"several detections start with {detection_id}, among them {some}: give more digits"
        )
    return found[0]


def list_detections(
    session: Session,
    matching: DetectionFilter = ALL_DETECTIONS,
    *,
    offset: int = 0,
    limit: int = 20,
) -> Page[Detection]:
    """Return detections, the latest first."""
    statement = select(Detection)
    for name, value in vars(matching).items():
        if value is not None:
            statement = statement.where(getattr(Detection, name) == value)
    latest_first = (col(Detection.created_at).desc(), col(Detection.id).desc())
    return fetch_page(session, statement.order_by(*latest_first), offset, limit)


def latest_detection(session: Session, source_id: UUID, status: Status | None = None) -> Detection:
    """Return the latest detection of a source, of this status if one is given.

    Raises:
        UnknownDetectionError: there is none yet.
    """
    page = list_detections(session, DetectionFilter(source_id, status), limit=1)
    if not page.items:
        kind = "detection" if status is None else f"detection with status {status}"
        raise UnknownDetectionError(f"the source has no {kind} yet: run `vigil detect SOURCE`")
    return page.items[0]


def delete_detection(session: Session, detection_id: UUID) -> None:
    """Delete a detection with its anomalies, summaries and fitted detector.

    Raises:
        UnknownDetectionError: there is none of this id.
    """
    deleted = session.execute(
        delete(Detection).where(col(Detection.id) == detection_id).returning(col(Detection.id))
    )
    if deleted.first() is None:
        raise UnknownDetectionError(f"no detection has the id {detection_id}: {_SHOW_ALL}")


def _id_range(prefix: str) -> tuple[UUID, UUID]:
    digits = prefix.strip().lower().replace("-", "")
    hexadecimal = all(digit in "0123456789abcdef" for digit in digits)
    if not hexadecimal or not SHORTEST_PREFIX <= len(digits) <= _DIGITS:
        raise UnknownDetectionError(
            f"{prefix!r} is not a detection: expected its id, or at least {SHORTEST_PREFIX} "
            f"hexadecimal digits it starts with; {_SHOW_ALL}"
        )
    return UUID(digits.ljust(_DIGITS, "0")), UUID(digits.ljust(_DIGITS, "f"))
