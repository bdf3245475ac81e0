"""Finding, listing and deleting records of any kind."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.errors import AmbiguousIdError
from models.paging import Page, fetch_page
from models.queries.kinds import Kind, RecordT

SHORTEST_PREFIX = 4
_DIGITS = 32


def find_record(session: Session, kind: Kind[RecordT], record_id: UUID | str) -> RecordT:
    """Return a record by its id, or by the first digits of it if they fit no other.

    Args:
        session: where to look.
        kind: which kind of record.
        record_id: the id, or at least four hexadecimal digits it starts with.

    Raises:
        RecordError: the kind's own, none fits, or the text cannot be the start of an id.
        AmbiguousIdError: several fit.
    """
    low, high = _id_range(kind, str(record_id))
    found = session.exec(
        select(kind.table)
        .where(col(kind.table.id).between(low, high))
        .order_by(col(kind.table.id))
        .limit(3)
    ).all()
    if not found:
        raise kind.unknown(f"no {kind.name} has the id {record_id}: {_show_all(kind)}")
    if len(found) > 1:
        some = ", ".join(str(record.id) for record in found)
        raise AmbiguousIdError(
            f"more than one {kind.name} starts with {record_id}, among them {some}: give more "
            "digits"
        )
    return found[0]


def list_records(
    session: Session, kind: Kind[RecordT], conditions: Mapping[str, object], offset: int, limit: int
) -> Page[RecordT]:
    """Return records, the latest first.

    Args:
        session: where to look.
        kind: which kind of record.
        conditions: values by field; one that is None does not matter.
        offset: records before these.
        limit: the most records wanted.
    """
    wanted = [
        col(getattr(kind.table, name)) == value
        for name, value in conditions.items()
        if value is not None
    ]
    latest_first = (col(kind.table.created_at).desc(), col(kind.table.id).desc())
    return fetch_page(session, kind.table, wanted, latest_first, offset, limit)


def delete_record(session: Session, kind: Kind[RecordT], record_id: UUID) -> None:
    """Delete a record with all that belongs to it.

    Raises:
        RecordError: the kind's own, there is none of this id.
    """
    table = kind.table
    deleted = session.execute(
        delete(table).where(col(table.id) == record_id).returning(col(table.id))
    )
    if deleted.first() is None:
        raise kind.unknown(f"no {kind.name} has the id {record_id}: {_show_all(kind)}")


def _id_range(kind: Kind[RecordT], prefix: str) -> tuple[UUID, UUID]:
    digits = prefix.strip().lower().replace("-", "")
    hexadecimal = all(digit in "0123456789abcdef" for digit in digits)
    if not hexadecimal or not SHORTEST_PREFIX <= len(digits) <= _DIGITS:
        raise kind.unknown(
            f"{prefix!r} is no {kind.name}: expected its id, or at least {SHORTEST_PREFIX} "
            f"hexadecimal digits it starts with; {_show_all(kind)}"
        )
    return UUID(digits.ljust(_DIGITS, "0")), UUID(digits.ljust(_DIGITS, "f"))


def _show_all(kind: Kind[RecordT]) -> str:
    return f"`{kind.commands} list` shows those there are"
