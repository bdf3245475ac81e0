"""``vigil sources``: the registry of what there is to watch."""

from pathlib import Path
from typing import Annotated

import typer

from cli.database import database
from cli.home import command_line
from cli.options import AsJson, Limit, Offset, SourceName, Yes
from cli.output import (
    confirm,
    console,
    make_facts,
    make_table,
    moment,
    print_footer,
    print_json,
)
from cli.source_check import check
from cli.source_file import apply
from reports.numbers import NOTHING

app = typer.Typer(no_args_is_help=True, help="Register sources, and see what is registered.")
app.command()(apply)
app.command()(check)


@app.command()
def add(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Lowercase letters, digits and dashes.")
    ],
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="csv, json, jsonl, parquet, sql or http.")
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="What the kind needs: path=data.csv."),
    ] = None,
    key_column: Annotated[
        list[str] | None,
        typer.Option("--key-column", "-k", metavar="COLUMN", help="It identifies a row."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column", "-c", metavar="COLUMN", help="Watch it; every numeric one by default."
        ),
    ] = None,
    cursor_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="It grows with each new row.")
    ] = None,
    label_column: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="It knows the anomalies, as 1 or 0: to evaluate with."),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", "-t", metavar="TAG", help="A word to find it by."),
    ] = None,
    description: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What the rows are.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Register one source.

    A relative path starts at the current folder. A secret is given as a reference, {env:NAME} or
    {secret:block}, and looked up when the source is read.
    """
    from cli.registration import stored_definition
    from cli.shapes import SourceShape
    from cli.values import read_values
    from models.queries.sources import add_source
    from sources.config import config_class
    from sources.definition import parse_source_definition
    from tasks.database import utc_now

    fields = {
        "name": name,
        "kind": kind,
        "key_columns": key_column or (),
        "columns": column or None,
        "cursor_column": cursor_column,
        "label_column": label_column,
        "tags": tag or (),
        "description": description or "",
        **read_values(settings or (), config_class(kind).model_fields),
    }
    definition = stored_definition(parse_source_definition(fields, Path.cwd()))
    with database(writes=True) as session:
        source = add_source(session, definition, utc_now())
    if as_json:
        print_json(SourceShape.model_validate(source))
        return
    check_it = command_line("sources", "check", name)
    console().print(f"Registered {name}. See that it can be read: {check_it}")


@app.command("list")
def list_(
    tag: Annotated[
        str | None, typer.Option("--tag", "-t", metavar="TAG", help="Only those with it.")
    ] = None,
    offset: Offset = 0,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List the registered sources."""
    from cli.shapes import SourceShape, page_of
    from models.queries.sources import list_sources
    from sources.config import parse_source_config

    with database() as session:
        page = list_sources(session, tag=tag, offset=offset, limit=limit)
    if as_json:
        print_json(page_of(SourceShape, page))
        return
    if not page.total:
        having = f" with the tag {tag}" if tag else ""
        one, several = command_line("sources", "add"), command_line("sources", "apply")
        console().print(f"No source{having} yet: register one with {one}, several with {several}.")
        return
    table = make_table("name", "kind", "tags", "where")
    for source in page.items:
        place = parse_source_config(source.kind, source.config).place
        table.add_row(source.name, source.kind, ", ".join(source.tags) or NOTHING, place)
    console().print(table)
    print_footer(page, "source")


@app.command()
def show(name: SourceName, as_json: AsJson = False) -> None:
    """Show what is registered of a source, and how much hangs on it."""
    from cli.registration import describe_dependants
    from cli.shapes import SourceDetailShape, SourceShape
    from cli.values import flatten
    from models.queries.sources import count_dependants, get_source

    with database() as session:
        source = get_source(session, name)
        dependants = count_dependants(session, source.id)
    if as_json:
        print_json(
            SourceDetailShape(
                **SourceShape.model_validate(source).model_dump(),
                detection_count=dependants.detections,
                anomaly_count=dependants.anomalies,
                stream_count=dependants.streams,
                alert_count=dependants.alerts,
            )
        )
        return
    facts = [
        ("source", source.name),
        ("description", source.description),
        ("kind", source.kind),
        *flatten(source.config),
        ("tags", ", ".join(source.tags)),
        ("key columns", ", ".join(source.key_columns)),
        ("cursor column", source.cursor_column),
        ("label column", source.label_column),
        ("columns", ", ".join(source.columns or ()) or "every numeric and boolean one"),
        ("registered", f"{moment(source.created_at)} UTC"),
        ("changed", f"{moment(source.updated_at)} UTC"),
        ("results", describe_dependants(dependants)),
    ]
    console().print(make_facts((label, value) for label, value in facts if value))


@app.command()
def remove(name: SourceName, yes: Yes = False, as_json: AsJson = False) -> None:
    """Remove a source from the registry, with its detections and streams; its data stay."""
    from cli.registration import describe_dependants
    from cli.shapes import RemovedSourceShape
    from models.queries.sources import count_dependants, delete_source, get_source

    with database() as session:
        dependants = count_dependants(session, get_source(session, name).id)
    lost = describe_dependants(dependants)
    confirm(f"Remove {name} and with it {lost}?", yes=yes)
    with database(writes=True) as session:
        delete_source(session, name)
    if as_json:
        print_json(
            RemovedSourceShape(
                name=name,
                detection_count=dependants.detections,
                anomaly_count=dependants.anomalies,
                stream_count=dependants.streams,
                alert_count=dependants.alerts,
            )
        )
        return
    console().print(f"Removed {name} and with it {lost}.")
