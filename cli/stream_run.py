"""The flow stream in this process, with its progress shown and Ctrl-C heard."""

from contextlib import suppress
from typing import Any

from cli.group import CommandError
from cli.interruption import interruption_said
from cli.prefect_session import prefect_session
from cli.progress import Progress
from cli.stream_follower import StreamFollower
from cli.stream_shapes import StreamRunShape


def run_streams(parameters: dict[str, Any], *, verbose: bool) -> StreamRunShape:
    """Run the flow, and return what it did.

    Args:
        parameters: of the flow.
        verbose: let Prefect write its log to stderr.

    Raises:
        KeyboardInterrupt: Ctrl-C came before the flow run began.
        CommandError: the flow run failed before it took any stream.
    """
    with Progress() as progress, prefect_session(progress, verbose=verbose, steps=False):
        progress.say("loading the detectors")
        from prefect.exceptions import CancelledRun, FailedRun

        from flows.stream import stream as flow

        follower = StreamFollower(progress, parameters["run_for"])
        interrupted, failure = False, ""
        try:
            # Each stream says itself that it was given up.
            with interruption_said(progress, "letting the streams go"), suppress(CancelledRun):
                flow.with_options(on_running=[follower.begin])(**parameters)
        except FailedRun as error:
            failure = str(error)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            follower.stop()
    if follower.flow_run_id is None:
        raise KeyboardInterrupt
    streams = follower.results()
    if failure and not streams:
        raise CommandError(failure)
    return StreamRunShape(
        flow_run_id=follower.flow_run_id,
        interrupted=interrupted,
        streams=streams,
        not_run=[],
    )
