"""The flow batch in this process, with its progress shown and Ctrl-C heard."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.batch_follower import BatchFollower
from cli.group import CommandError
from cli.interruption import interruption_said
from cli.prefect_session import prefect_session
from cli.progress import Progress

if TYPE_CHECKING:
    from models.tables.batch import Batch


@dataclass(frozen=True)
class RanBatch:
    """A batch that has ended.

    Attributes:
        interrupted: whether Ctrl-C ended it.
    """

    batch: "Batch"
    interrupted: bool


def run_batch(parameters: dict[str, Any], *, verbose: bool) -> RanBatch:
    """Run the flow.

    Args:
        parameters: of the flow.
        verbose: let Prefect write its log to stderr.

    Raises:
        KeyboardInterrupt: Ctrl-C came before there was a batch.
        CommandError: the task runner of the settings cannot be started.
    """
    with Progress() as progress, prefect_session(progress, verbose=verbose, steps=False):
        progress.say("loading the detectors")
        from prefect.exceptions import CancelledRun, FailedRun

        from flows.batch import batch as flow
        from tasks.workers.choice import TaskRunnerError

        follower = BatchFollower(progress)
        interrupted = False
        try:
            # The batch says itself that it failed or was cancelled, and what is left of it.
            with interruption_said(progress), suppress(FailedRun, CancelledRun):
                flow.with_options(on_running=[follower.begin])(**parameters)
        except TaskRunnerError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            interrupted = True
        finally:
            follower.stop()
        batch = follower.find_batch()
    if batch is None:
        raise KeyboardInterrupt
    return RanBatch(batch, interrupted)
