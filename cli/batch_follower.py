"""How far a batch is, shown until it has ended."""

from threading import Event, Thread
from time import sleep
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cli.database import database
from cli.group import CommandError
from cli.home import command_line
from cli.output import short_id
from cli.progress import Progress

if TYPE_CHECKING:
    from models.tables.batch import Batch

_SECONDS = 1.0
_SECONDS_BESIDE_FLOW = 0.3


def follow(batch_id: UUID, progress: Progress) -> None:
    """Show how far a batch is, every second until it has ended.

    Raises:
        UnknownBatchError: it was deleted meanwhile.
        CommandError: nobody works on it any more.
    """
    from models.queries.batches import get_batch
    from models.status import UNFINISHED

    while True:
        with database() as session:
            batch = get_batch(session, batch_id)
        if batch.status not in UNFINISHED:
            return
        if is_dead(batch):
            raise CommandError(
                f"nobody works on batch {batch_id} any more: end it with "
                f"`{command_line('batches', 'repair')}`, or run what is missing with "
                f"`{command_line('batch', '--resume', short_id(batch_id))}`"
            )
        _show(batch, progress)
        sleep(_SECONDS)


def is_dead(batch: "Batch") -> bool:
    """Tell whether the process that worked on an unfinished batch has died."""
    from tasks import stale_runs

    with database() as session:
        return stale_runs.is_dead(session, batch)


class BatchFollower:
    """Shows how far the batch of a flow run is, beside that flow run."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._flow_run_id: UUID | None = None
        self._stopped = Event()
        self._thread = Thread(target=self._follow, daemon=True)

    def __getstate__(self) -> dict[str, Any]:
        """Stay here: a flow goes to its worker processes with its hooks, of which this is one."""
        return {}

    def begin(self, flow: object, flow_run: Any, state: object) -> None:
        """Begin to follow: what Prefect calls when the flow run begins."""
        self._flow_run_id = flow_run.id
        self._thread.start()

    def stop(self) -> None:
        """Show no more."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def find_batch(self) -> "Batch | None":
        """Return the batch of the flow run; None if it did not come so far."""
        from models.queries.batches import find_batch_of_flow_run

        if self._flow_run_id is None:
            return None
        with database() as session:
            return find_batch_of_flow_run(session, self._flow_run_id)

    def _follow(self) -> None:
        from models.errors import DatabaseError
        from models.status import UNFINISHED, Status

        stopped = False
        while not stopped:
            stopped = self._stopped.wait(_SECONDS_BESIDE_FLOW)  # and then look once more
            try:
                batch = self.find_batch()
                if batch is None:
                    continue
                _show(batch, self._progress)
            except DatabaseError:  # the flow run meets it too, and says so
                continue
            if batch.status not in UNFINISHED:
                if not stopped and batch.status is not Status.CANCELLED:
                    self._progress.say("drawing the reports")
                return


def _show(batch: "Batch", progress: Progress) -> None:
    from models.queries.batch_progress import batch_progress

    with database() as session:
        found = batch_progress(session, batch.id)
    progress.measure(found.finished, found.total, found.text)
