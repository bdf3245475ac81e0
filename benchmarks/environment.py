"""The environment that benchmarks of flows run in."""

import os
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from cli.prefect_server import SERVER_SETTINGS

_running = ExitStack()


def use_folder(folder: Path) -> None:
    """Keep both databases in ``folder``, and set Prefect up as Vigil's own commands do.

    Prefect reads its settings once, so it comes before the first import of Prefect.
    """
    os.environ |= SERVER_SETTINGS | {
        "VIGIL_HOME": str(folder / "vigil"),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
    }
    from settings import get_settings

    get_settings.cache_clear()


def use_server(folder: Path) -> None:
    """Run flows against a Prefect server, and keep Vigil's database in ``folder``.

    All benchmarks of a run share the server, also from processes of their own.
    """
    use_folder(folder)
    _start_server()


def end_server() -> None:
    """End the server if there is one."""
    _running.close()


@cache
def _start_server() -> None:
    from prefect.settings import get_current_settings
    from prefect.testing.utilities import prefect_test_harness

    _running.enter_context(prefect_test_harness(server_startup_timeout=120))
    os.environ["PREFECT_API_URL"] = str(get_current_settings().api.url)
