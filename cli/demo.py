"""``vigil demo``: anomalies in three real tables, in a folder of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import database
from cli.group import CommandError, expected_errors
from cli.home import command_line, use_home
from cli.options import AsJson
from cli.output import console, make_facts, make_table, print_json
from cli.prefect_session import prefect_session
from cli.progress import Progress
from reports.numbers import number

if TYPE_CHECKING:
    from cli.demo_tables import DemoTable
    from models.tables.detection import Detection


@dataclass(frozen=True)
class _Outcome:
    """What became of one table: a detection, or the reason why there is none."""

    table: "DemoTable"
    detection: "Detection | None" = None
    problem: str = ""


def demo(
    folder: Annotated[
        Path, typer.Option(metavar="FOLDER", help="All that it writes is in here.")
    ] = Path(".demo"),
    as_json: AsJson = False,
) -> None:
    """Find anomalies in three real tables.

    They come with scikit-learn. A rare class plays the anomaly in each, so that what is found can
    be compared with what is known.
    """
    from cli.demo_tables import DEMO_TABLES

    use_home(folder)
    with Progress() as progress:
        progress.say("writing and registering three tables")
        _register(DEMO_TABLES, folder / "tables")
        with prefect_session(progress):
            outcomes = [_detect(table, progress) for table in DEMO_TABLES]
    if as_json:
        _print_json(outcomes)
    else:
        _print_table(outcomes)
    failed = [f"{outcome.table.name}: {outcome.problem}" for outcome in outcomes if outcome.problem]
    if failed:
        raise CommandError("; ".join(failed))
    if not as_json:
        _print_what_next()


def _register(tables: "tuple[DemoTable, ...]", folder: Path) -> None:
    from cli.registration import stored_definition
    from models.engine import make_engine
    from models.queries.sources import save_source
    from models.schema import upgrade
    from settings import get_settings
    from sources.config import CsvConfig
    from sources.definition import SourceDefinition
    from tasks.database import utc_now

    folder.mkdir(parents=True, exist_ok=True)
    # The folder may be left from an earlier version.
    upgrade(make_engine(get_settings().resolved_database_url))
    with database(writes=True) as session:
        for table in tables:
            definition = SourceDefinition(
                name=table.name,
                config=CsvConfig(path=str(table.write(folder).absolute())),
                description=table.description,
                tags=("demo",),
                key_columns=("id",),
                label_column="is_outlier",
            )
            save_source(session, stored_definition(definition), utc_now())


def _detect(table: "DemoTable", progress: Progress) -> _Outcome:
    from flows.detect import detect
    from models.queries.detections import get_detection

    progress.put_before(f"{table.name}: ")
    try:
        detection_id = detect(table.name)
        with database() as session:
            return _Outcome(table, get_detection(session, detection_id))
    except expected_errors() as error:
        return _Outcome(table, problem=str(error))


def _print_table(outcomes: list[_Outcome]) -> None:
    numbers = ("rows", "anomalies", "threshold", "AUROC", "AP", "seconds")
    table = make_table("source", *numbers, right=numbers)
    for outcome in outcomes:
        found = outcome.detection
        if found is None:
            table.add_row(outcome.table.name, *(["failed"] + [""] * 5))
            continue
        table.add_row(
            outcome.table.name,
            number(found.total_rows),
            number(found.anomaly_count),
            number(found.threshold),
            f"{found.auroc:.3f}",
            f"{found.average_precision:.3f}",
            f"{(found.duration_ms or 0) / 1000:.1f}",
        )
    console().print(table)


def _print_json(outcomes: list[_Outcome]) -> None:
    from cli.shapes import DetectionShape, PageShape

    found = [outcome.detection for outcome in outcomes if outcome.detection is not None]
    items = [DetectionShape.model_validate(detection) for detection in found]
    print_json(PageShape(items=items, offset=0, limit=len(outcomes), total=len(items)))


def _print_what_next() -> None:
    commands = {
        "what was found in one of them": ("detections", "latest", "breast-cancer"),
        "where detectors agree on it": ("compare", "breast-cancer"),
        "the reports, in the Prefect UI": ("up",),
    }
    out = console()
    out.print("\nTry next:")
    out.print(make_facts((what, command_line(*words)) for what, words in commands.items()))
