"""``vigil up``: everything that scheduled flows need, on this machine."""

import os
from pathlib import Path
from typing import Annotated

import typer

from cli.database import database
from cli.group import CommandError
from cli.home import use_home

_PREFECT_FOLDER = Path(".up")


def up(
    context: typer.Context,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Listen here.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, metavar="PORT", help="Listen here.")
    ] = 4200,
    home: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="As vigil --home. Without it, Prefect's data are in .up, and sources and results "
            "where they always are.",
        ),
    ] = None,
) -> None:
    """Start a Prefect server, deployments, worker.

    Ctrl-C ends all three. To be called in the checkout, whose prefect.yaml says what is deployed.
    """
    from cli.stack import run_stack

    if not Path("prefect.yaml").exists():
        raise CommandError(
            f"no prefect.yaml in {Path.cwd()}: change to the checkout of Vigil, whose file says "
            "what is deployed"
        )
    if home is not None:
        use_home(home)
    chosen = home is not None or context.find_root().params["home"] is not None
    with database():
        pass  # what is wrong with the database is better said now than by each flow run
    folder = Path(os.environ["PREFECT_HOME"]) if chosen else _PREFECT_FOLDER
    run_stack(folder, host, port)
