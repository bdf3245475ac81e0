"""``vigil sources apply``: the registry as a file declares it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import database
from cli.options import AsJson, Yes
from cli.output import confirm, console, make_facts, print_json

if TYPE_CHECKING:
    from sqlmodel import Session

    from cli.shapes import AppliedShape
    from models.tables.source import SourceDefinition


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file such as sources.yaml.")],
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove sources that the file does not list.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Bring the registry to what a file declares.

    Doing it twice changes nothing more. All of the file is applied, or none of it.
    """
    from cli.registration import stored_definition
    from sources.definition import load_sources_file

    definitions = [stored_definition(definition) for definition in load_sources_file(file)]
    if prune and not dry_run:
        _confirm_pruning({definition.name for definition in definitions}, yes=yes)
    with database(writes=True) as session:
        applied = _apply(session, definitions, prune=prune, dry_run=dry_run)
        if dry_run:
            session.rollback()
    if as_json:
        print_json(applied)
    else:
        _print_applied(applied)


def _confirm_pruning(listed: set[str], *, yes: bool) -> None:
    from cli.registration import describe_dependants
    from models.queries.sources import SourceDependants, count_dependants, get_source
    from models.queries.sources import list_source_names as names

    with database() as session:
        unlisted = [name for name in names(session) if name not in listed]
        each = [count_dependants(session, get_source(session, name).id) for name in unlisted]
    if unlisted:
        lost = SourceDependants(
            sum(dependants.detections for dependants in each),
            sum(dependants.anomalies for dependants in each),
        )
        confirm(f"Remove {', '.join(unlisted)} and with it {describe_dependants(lost)}?", yes=yes)


def _apply(
    session: "Session", definitions: "list[SourceDefinition]", *, prune: bool, dry_run: bool
) -> "AppliedShape":
    from cli.shapes import AppliedShape
    from models.queries.sources import Change, delete_source, list_source_names, save_source
    from tasks.database import utc_now

    now = utc_now()
    names: dict[Change, list[str]] = {change: [] for change in Change}
    for definition in definitions:
        names[save_source(session, definition, now).change].append(definition.name)
    listed = {definition.name for definition in definitions}
    unlisted = [name for name in list_source_names(session) if name not in listed]
    if prune:
        for name in unlisted:
            delete_source(session, name)
    return AppliedShape(
        dry_run=dry_run,
        created=names[Change.CREATED],
        changed=names[Change.CHANGED],
        unchanged=names[Change.UNCHANGED],
        removed=unlisted if prune else [],
        unlisted=[] if prune else unlisted,
    )


def _print_applied(applied: "AppliedShape") -> None:
    groups = [
        ("created", applied.created),
        ("changed", applied.changed),
        ("unchanged", applied.unchanged),
        ("removed", applied.removed),
    ]
    out = console()
    if applied.dry_run:
        out.print("Nothing is changed; without --dry-run:")
    out.print(make_facts((label, ", ".join(names)) for label, names in groups if names))
    if applied.unlisted:
        names = ", ".join(applied.unlisted)
        out.print(f"Not in the file, and left alone (--prune removes them): {names}")
