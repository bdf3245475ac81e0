"""``vigil explain``: run the flow here and now."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.database import database
from cli.home import command_line
from cli.options import AsJson, DetectionId, MaxFeatures, Seed, Verbose
from cli.prefect_session import prefect_session
from cli.progress import Progress

if TYPE_CHECKING:
    from tasks.explain_rows import ExplainedRows


def explain(
    detection: DetectionId,
    top: Annotated[
        int, typer.Option(min=1, max=1000, metavar="ROWS", help="So many strongest anomalies.")
    ] = 5,
    row: Annotated[
        list[int] | None,
        typer.Option("--row", min=0, metavar="ROW", help="These rows instead, by number, from 0."),
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="KEY", help="And these, by key.")
    ] = None,
    background: Annotated[
        int,
        typer.Option(min=10, max=500, metavar="ROWS", help="Rows that contributions start from."),
    ] = 100,
    max_features: MaxFeatures = 10,
    seed: Seed = 0,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Also what was explained before.")
    ] = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Say why rows have their scores: what each feature contributes.

    Runs the flow explain in this process; its report is in the Prefect UI. What is explained is the
    detector as it was fitted. Rows need not be anomalies; for those that are not, the source is
    read.
    """
    from models.queries.detections import get_detection

    with database() as session:
        found = get_detection(session, detection).id  # a wrong id need not wait for Prefect
    parameters: dict[str, Any] = {
        "detection": str(found),
        "rows": row or None,
        "keys": key or None,
        "top": top,
        "max_features": max_features,
        "background": background,
        "seed": seed,
        "refresh": refresh,
    }
    with Progress() as progress, prefect_session(progress, verbose=verbose):
        progress.say("loading the detectors")
        from flows.explain import explain as flow

        explained = flow(**parameters)
    _print(explained, max_features, as_json=as_json)


def _print(explained: "ExplainedRows", max_features: int, *, as_json: bool) -> None:
    from cli.explanation_shapes import explained_shape
    from cli.explanation_view import print_importance, print_row
    from cli.output import console, print_json, short_id
    from models.queries.detections import get_detection
    from models.queries.explanations import list_explanations

    rows = explained.rows
    with database() as session:
        detection = get_detection(session, explained.detection_id)
        page = list_explanations(session, detection.id, row_indices=rows, limit=len(rows))
    shape = explained_shape(detection, page.items, explained, max_features)
    if as_json:
        print_json(shape)
        return
    out = console()
    for one in shape.explanations:
        print_row(out, one, max_features)
        out.print()
    for why in shape.left_out_rows.values():
        out.print(f"not explained: {why}", soft_wrap=True)
    if len(rows) > 1:
        print_importance(out, shape.feature_importance)
        out.print()
    show = command_line("explanations", "show", short_id(detection.id), str(rows[0]))
    out.print(f"How one of them adds up: {show}", soft_wrap=True)
