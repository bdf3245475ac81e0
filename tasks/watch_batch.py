"""Watch a batch while it runs: sign of life, cancellation, deadlines, progress."""

from datetime import datetime, timedelta
from time import monotonic
from typing import cast
from uuid import UUID

import httpx
from prefect import get_run_logger
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from sqlmodel import Session

from models.queries.batch_holder import hold_batch
from models.queries.batch_life import fail_overdue
from models.queries.batch_progress import BatchProgress, batch_progress
from tasks.create_batch import BatchWork, current_flow_run
from tasks.database import repeated, utc_now
from tasks.stale_runs import give_sign_of_life
from tasks.time_limit import timed_out

# A task is interrupted at its timeout; one that cannot be is given up a little later.
_GRACE_SECONDS = 5.0
_LOG_SECONDS = 10.0


class BatchCancelledError(Exception):
    """A person asked to cancel the batch."""


class BatchWatch:
    """Watches one batch, and shows its progress as an artifact of the flow run."""

    def __init__(self, work: BatchWork) -> None:
        """Show the batch as begun."""
        self._work = work
        self._shown: BatchProgress | None = None
        self._logged = monotonic()
        description = f"0 of {len(work.sources)} sources done"
        artifact = create_progress_artifact(0.0, key="batch-progress", description=description)
        self._artifact_id = cast(UUID, artifact)

    def tick(self) -> set[UUID]:
        """Give a sign of life, end what is past its deadline, show progress.

        Returns:
            The detections that were given up.

        Raises:
            BatchCancelledError: someone asked to cancel.
            BatchTakenOverError: another flow run works on the batch.
        """
        cancelled, given_up, progress = repeated(self._look)
        if progress != self._shown:
            self._show(progress)
        if cancelled:
            raise BatchCancelledError("cancelled on request")
        return given_up

    def _look(self, session: Session) -> tuple[bool, set[UUID], BatchProgress]:
        batch_id = self._work.batch_id
        hold_batch(session, batch_id, current_flow_run())
        cancelled = give_sign_of_life(session, batch_id)
        return cancelled, self._give_up(session, utc_now()), batch_progress(session, batch_id)

    def _give_up(self, session: Session, now: datetime) -> set[UUID]:
        timeout = self._work.source_timeout
        if timeout is None:
            return set()
        deadline = now - timedelta(seconds=timeout + _GRACE_SECONDS)
        batch_id, message = self._work.batch_id, timed_out(timeout)
        overdue = fail_overdue(session, batch_id, deadline, "TimeoutError", message, now)
        return {detection.id for detection in overdue}

    def _show(self, progress: BatchProgress) -> None:
        logger = get_run_logger()
        try:
            update_progress_artifact(
                self._artifact_id, progress=progress.percent, description=progress.text
            )
        except httpx.HTTPError as error:  # the work goes on while Prefect's server restarts
            logger.warning("the progress artifact stays behind: %s", error)
        self._shown = progress
        if monotonic() - self._logged > _LOG_SECONDS or progress.finished == progress.total:
            self._logged = monotonic()
            logger.info(progress.text)
