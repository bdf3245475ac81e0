"""``vigil explanations``: what was explained before."""

from typing import Annotated

import typer

from cli.database import database
from cli.home import command_line
from cli.options import AsJson, DetectionId, Limit, MaxFeatures, Offset
from cli.output import console, make_table, moment, print_footer, print_json, short_id

app = typer.Typer(no_args_is_help=True, help="Read why rows have their scores.")


@app.command("list")
def list_(
    detection: DetectionId,
    row: Annotated[
        list[int] | None,
        typer.Option("--row", min=0, metavar="ROW", help="Only of these rows, by number."),
    ] = None,
    max_features: MaxFeatures = 10,
    offset: Offset = 0,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List the explained rows of a detection, the highest scores first."""
    from cli.explanation_shapes import explanation_page
    from models.queries.detections import get_detection
    from models.queries.explanations import list_explanations
    from reports.numbers import number

    with database() as session:
        found = get_detection(session, detection)
        page = list_explanations(
            session, found.id, row_indices=row or None, offset=offset, limit=limit
        )
    if as_json:
        print_json(explanation_page(page, max_features))
        return
    if not page.total:
        explain = command_line("explain", short_id(found.id))
        console().print(f"No such row is explained yet: start with {explain}.")
        return
    right = ("row", "score")
    table = make_table("row", "key", "anomaly", "score", "summary", "created (UTC)", right=right)
    for one in page.items:
        table.add_row(
            str(one.row_index),
            one.row_key or "",
            "yes" if one.is_anomaly else "no",
            number(one.score),
            one.sentence,
            moment(one.created_at),
        )
    console().print(table)
    print_footer(page, "explanation")


@app.command()
def show(
    detection: DetectionId,
    row: Annotated[int, typer.Argument(metavar="ROW", help="Its number, from 0.")],
    max_features: MaxFeatures = 10,
    as_json: AsJson = False,
) -> None:
    """Show why one row has its score, and how that adds up."""
    from cli.explanation_shapes import explanation_shape
    from cli.explanation_view import print_method, print_row
    from models.queries.detections import get_detection
    from models.queries.explanations import get_explanation

    with database() as session:
        found = get_explanation(session, get_detection(session, detection).id, row)
    shape = explanation_shape(found, max_features)
    if as_json:
        print_json(shape)
        return
    out = console()
    print_row(out, shape, shape.feature_count)
    out.print()
    print_method(out, shape)
