"""The environment that a benchmark of flows runs in."""

import os
from pathlib import Path

from cli.prefect_server import SERVER_SETTINGS


def use_folder(folder: Path) -> None:
    """Keep both databases in ``folder``, and set Prefect up as Vigil's own commands do.

    Settings are read once, so it comes before the first import that reads them.
    """
    os.environ |= SERVER_SETTINGS | {
        "VIGIL_HOME": str(folder / "vigil"),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
    }
