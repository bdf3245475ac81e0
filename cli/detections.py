"""``vigil detections``: what was found, and when."""

from typing import Annotated

import typer

from cli.database import database
from cli.home import command_line
from cli.options import Anomalies, AsJson, Limit, Offset, OnlyStatus, RunId, SourceName, Yes
from cli.output import (
    confirm,
    console,
    make_table,
    moment,
    print_footer,
    print_json,
    short_id,
)

app = typer.Typer(no_args_is_help=True, help="Read what was found.")

AnomalyOffset = Annotated[int, typer.Option("--offset", min=0, help="Skip this many anomalies.")]


@app.command("list")
def list_(
    source: Annotated[
        str | None, typer.Option("--source", "-s", metavar="SOURCE", help="Only of this one.")
    ] = None,
    status: OnlyStatus = None,
    algorithm: Annotated[
        str | None, typer.Option("--algorithm", "-a", metavar="NAME", help="Only by this one.")
    ] = None,
    offset: Offset = 0,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List detections, the latest first."""
    from cli.shapes import DetectionShape, page_of
    from detectors.registry import parse_config
    from models.queries.detections import DetectionFilter, list_detections
    from models.queries.sources import get_source
    from models.status import Status
    from reports.numbers import number

    with database() as session:
        matching = DetectionFilter(
            source_id=None if source is None else get_source(session, source).id,
            status=None if status is None else Status(status),
            algorithm=None if algorithm is None else parse_config(algorithm).algorithm,
        )
        page = list_detections(session, matching, offset=offset, limit=limit)
    if as_json:
        print_json(page_of(DetectionShape, page))
        return
    if not page.total:
        detect = command_line("detect")
        console().print(f"No such detection yet: start one with {detect} SOURCE.")
        return
    numbers = ("rows", "anomalies")
    table = make_table(
        "id", "source", "algorithm", "status", *numbers, "created (UTC)", right=numbers
    )
    for detection in page.items:
        table.add_row(
            short_id(detection.id),
            detection.source_name,
            detection.algorithm,
            detection.status,
            number(detection.total_rows),
            number(detection.anomaly_count),
            moment(detection.created_at),
        )
    console().print(table)
    print_footer(page, "detection")


@app.command()
def show(
    detection_id: RunId,
    anomalies: Anomalies = 10,
    offset: AnomalyOffset = 0,
    as_json: AsJson = False,
) -> None:
    """Show a detection with its anomalies, the strongest first."""
    from cli.detection_view import load_view
    from models.queries.detections import get_detection

    with database() as session:
        view = load_view(session, get_detection(session, detection_id), anomalies, offset)
    view.print(as_json=as_json)


@app.command()
def latest(
    source: SourceName,
    status: OnlyStatus = None,
    anomalies: Anomalies = 10,
    offset: AnomalyOffset = 0,
    as_json: AsJson = False,
) -> None:
    """Show the latest detection of a source."""
    from cli.detection_view import load_view
    from models.queries.detections import latest_detection
    from models.queries.sources import get_source
    from models.status import Status

    with database() as session:
        wanted = None if status is None else Status(status)
        detection = latest_detection(session, get_source(session, source).id, wanted)
        view = load_view(session, detection, anomalies, offset)
    view.print(as_json=as_json)


@app.command()
def pin(detection_id: RunId, as_json: AsJson = False) -> None:
    """Keep a detection with all that is its, whatever its age."""
    _pin(detection_id, True, as_json=as_json)


@app.command()
def unpin(detection_id: RunId, as_json: AsJson = False) -> None:
    """Let a detection be removed when it is old."""
    _pin(detection_id, False, as_json=as_json)


@app.command()
def delete(detection_id: RunId, yes: Yes = False, as_json: AsJson = False) -> None:
    """Delete a detection, with its anomalies, column summaries, detector and explanations."""
    from cli.shapes import DeletedDetectionShape
    from models.queries.detections import delete_detection, get_detection
    from reports.numbers import counted

    with database() as session:
        detection = get_detection(session, detection_id)
    count = detection.anomaly_count or 0
    lost = f"detection {detection.id} of {detection.source_name}"
    anomalies = counted(count, "anomaly", "anomalies")
    more = f"{anomalies}, column summaries, fitted detector and explanations"
    confirm(f"Delete {lost} with its {more}?", yes=yes)
    with database(writes=True) as session:
        delete_detection(session, detection.id)
    if as_json:
        print_json(
            DeletedDetectionShape(
                id=detection.id, source_name=detection.source_name, anomaly_count=count
            )
        )
    else:
        console().print(f"Deleted {lost} with its {more}.")


def _pin(detection_id: str, pinned: bool, *, as_json: bool) -> None:
    from cli.history_shapes import PinnedDetectionShape
    from models.queries.detections import get_detection, pin_detection

    with database(writes=True) as session:
        detection = pin_detection(session, get_detection(session, detection_id).id, pinned)
    if as_json:
        print_json(PinnedDetectionShape.model_validate(detection))
        return
    kept = "is kept whatever its age" if pinned else "goes when it is old"
    console().print(f"Detection {detection.id} of {detection.source_name} {kept}.", soft_wrap=True)
