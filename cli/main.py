"""The ``vigil`` command. Nothing heavy is imported before a command needs it."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from cli import alerts, batches, comparisons, db, detections, explanations, sources, streams
from cli.algorithms import algorithms
from cli.backtest import backtest
from cli.batch import batch
from cli.compare import compare
from cli.demo import demo
from cli.detect import detect
from cli.explain import explain
from cli.group import VigilGroup
from cli.home import use_home
from cli.prune import prune
from cli.push import push
from cli.repair import repair
from cli.stream import stream
from cli.up import up

app = typer.Typer(
    cls=VigilGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(detect)
app.command()(batch)
app.command()(compare)
app.command()(explain)
app.command()(stream)
app.command()(push)
app.command()(prune)
app.command()(repair)
app.command()(backtest)
app.command()(algorithms)
app.add_typer(sources.app, name="sources")
app.add_typer(detections.app, name="detections")
app.add_typer(explanations.app, name="explanations")
app.add_typer(batches.app, name="batches")
app.add_typer(comparisons.app, name="comparisons")
app.add_typer(streams.app, name="streams")
app.add_typer(alerts.app, name="alerts")
app.add_typer(db.app, name="db")
app.command()(up)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vigil {version('vigil')}")
        raise typer.Exit


@app.callback()
def vigil(
    home: Annotated[
        Path | None,
        typer.Option(
            help="Keep everything in this folder, Vigil's database and Prefect's, whatever the "
            "environment says.",
            show_default=False,
        ),
    ] = None,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Watch tables and feeds for anomalies, as Prefect flows."""
    if home is not None:
        use_home(home)
