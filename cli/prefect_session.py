"""Prefect in this process: started, quiet, and its tasks' words shown as progress."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread

from cli.group import CommandError
from cli.prefect_server import SERVER_SETTINGS
from cli.progress import Progress
from cli.visible import visible

_ENVIRONMENT = SERVER_SETTINGS | {
    # The default of 20 s is what a first start takes on two idle cores.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}
_QUIET = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
_RUN_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")


@contextmanager
def prefect_session(
    progress: Progress, *, verbose: bool = False, steps: bool = True
) -> Iterator[None]:
    """Give what flows need to run in this process: the user's Prefect API, or one of our own.

    Args:
        progress: where the words of the tasks go.
        verbose: let Prefect write its log to stderr.
        steps: show each step; otherwise warnings only.

    Raises:
        CommandError: the API cannot be started or does not answer.
    """
    progress.say("starting Prefect")
    prepare_prefect(verbose=verbose)
    _connect(progress)
    phases = _PhaseHandler(progress, logging.INFO if steps else logging.WARNING)
    for logger in map(logging.getLogger, _RUN_LOGGERS):
        logger.addFilter(_make_visible)
        logger.addHandler(phases)
    try:
        yield
    finally:
        for logger in map(logging.getLogger, _RUN_LOGGERS):
            logger.removeHandler(phases)
            logger.removeFilter(_make_visible)


def prepare_prefect(*, verbose: bool = False) -> None:
    """Set what Prefect reads when it is imported, and make the folder it keeps its data in.

    Raises:
        CommandError: the folder cannot be written: Prefect would try until its start times out.
    """
    for name, value in (_ENVIRONMENT if verbose else _ENVIRONMENT | _QUIET).items():
        os.environ.setdefault(name, value)
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    try:
        home.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=home).close()
    except OSError as error:
        raise CommandError(
            f"Prefect's folder {home} cannot be written: {error.strerror}; set PREFECT_HOME to "
            "another one"
        ) from error


def _connect(progress: Progress) -> None:
    import prefect.main  # noqa: F401  sets up logging, and drops handlers that were there before
    from prefect.settings import get_current_settings

    settings = get_current_settings()
    if settings.api.url is None and not (settings.home / "prefect.db").exists():
        progress.say("starting Prefect (the first start takes about 20 s)")
    # A process inherits what its thread holds back, so Ctrl-C ends the flow run and not the
    # server that is to be told so.
    problems: list[Exception] = []
    context = copy_context()
    starter = Thread(target=lambda: context.run(_start, problems), daemon=True)
    starter.start()
    starter.join()
    for problem in problems:
        raise CommandError(
            f"Prefect's API at {settings.api.url} does not answer ({problem}): start it, or unset "
            "PREFECT_API_URL to do without a server"
            if settings.api.url
            else f"Prefect's own API did not start: {problem}"
        ) from problem


def _start(problems: list[Exception]) -> None:
    from prefect.client.orchestration import get_client

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with get_client(sync_client=True) as client:
            problem = client.api_healthcheck()
    except RuntimeError as error:
        problem = error
    if problem is not None:
        problems.append(problem)


def _make_visible(record: logging.LogRecord) -> bool:
    """Keep what data holds from controlling the terminal that the log is written to."""
    record.msg, record.args = visible(record.getMessage()), ()
    return True


class _PhaseHandler(logging.Handler):
    """Says what tasks log, and nothing of what Prefect's engine logs beside it."""

    def __init__(self, progress: Progress, level: int) -> None:
        import prefect

        super().__init__(level)
        self._progress = progress
        self._engine = Path(str(prefect.__file__)).parent

    def emit(self, record: logging.LogRecord) -> None:
        if Path(record.pathname).is_relative_to(self._engine):
            return
        if record.levelno >= logging.WARNING:
            self._progress.note(record.getMessage())
        else:
            self._progress.say(record.getMessage())
