"""Steps from ``pending`` to the end that detections, batches and comparisons share."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from models.errors import RunStatusError
from models.queries.kinds import Kind, RunT
from models.status import UNFINISHED, Status
from models.tables.detection import Detection
from models.tables.run import Run


def claim(session: Session, kind: Kind[RunT], run_id: UUID, *expected: Status) -> RunT:
    """Return a run, locked until the end of the transaction.

    Raises:
        RecordError: the kind's own, there is none of this id.
        RunStatusError: its status is not among ``expected``; any is if none is given.
    """
    run = session.get(kind.table, run_id, with_for_update=True)
    if run is None:
        raise kind.unknown(
            f"no {kind.name} has the id {run_id}: it, or its source, was removed meanwhile"
        )
    if expected and run.status not in expected:
        raise RunStatusError(
            f"{kind.name} {run_id} is {run.status}, expected {' or '.join(expected)}: "
            f"`{kind.commands} show {run_id}` says what became of it"
        )
    return run


def lock_runs(
    session: Session,
    table: type[RunT],
    condition: ColumnElement[bool] | bool,
    statuses: Collection[Status] = UNFINISHED,
) -> list[RunT]:
    """Return the runs that meet a condition, locked until the end of the transaction."""
    statement = (
        select(table)
        .where(col(table.status).in_(statuses), condition)
        .order_by(col(table.id))  # two transactions lock in the same order, so neither deadlocks
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.exec(statement).all())


def start(run: Run, now: datetime) -> None:
    """Turn a run to running."""
    run.status = Status.RUNNING
    run.started_at = now


def end(run: Run, status: Status, now: datetime) -> None:
    """Give a run its last status."""
    run.status = status
    run.completed_at = now
    if run.started_at is not None:
        run.duration_ms = (now - run.started_at) // timedelta(milliseconds=1)


def fail(runs: Iterable[Run], error_type: str, error_message: str, now: datetime) -> None:
    """Turn runs to error."""
    for run in runs:
        run.error_type = error_type
        run.error_message = error_message
        end(run, Status.ERROR, now)


def count_statuses(session: Session, condition: ColumnElement[bool] | bool) -> Counter[Status]:
    """Count the detections that meet a condition by status."""
    status = col(Detection.status)
    statement = select(status, func.count()).where(condition).group_by(status)
    return Counter(dict(session.exec(statement).all()))


def joint_status(statuses: Counter[Status]) -> Status:
    """Return what becomes of work whose parts ended so.

    Returns:
        Success if all succeeded, partial if some did, error if none did.

    Raises:
        RunStatusError: some are unfinished.
    """
    unfinished = sum(statuses[status] for status in UNFINISHED)
    if unfinished:
        raise RunStatusError(
            f"{unfinished} of {statuses.total()} detections are unfinished: end them first"
        )
    succeeded = statuses[Status.SUCCESS]
    if not succeeded:
        return Status.ERROR
    return Status.SUCCESS if succeeded == statuses.total() else Status.PARTIAL
