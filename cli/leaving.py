"""Ending the process while threads still work that nothing can interrupt."""

import atexit
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from threading import enumerate as all_threads
from typing import NoReturn

from cli.group import EXIT_INTERRUPTED

# What concurrent.futures, and so Prefect's task runner, calls its threads.
_POOL = "ThreadPoolExecutor"


@contextmanager
def leaving_threads() -> Iterator[None]:
    """Let Ctrl-C end the process, although such threads still work."""
    threads = pool_threads()
    try:
        yield
    except KeyboardInterrupt:
        if pool_threads() - threads:
            leave(EXIT_INTERRUPTED)
        raise


def pool_threads() -> set[Thread]:
    """Return the threads for whose end the interpreter would wait."""
    return {thread for thread in all_threads() if thread.name.startswith(_POOL)}


def leave(code: int) -> NoReturn:
    """End this process at once, apart from what is registered for its end.

    Prefect's own server, if it was started here, is.
    """
    logging.raiseExceptions = False  # what still works may find the server gone
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(code)
