"""``vigil sources apply``: the registry as a file declares it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import database
from cli.options import AsJson, Yes
from cli.output import confirm, console, make_facts, print_json
from cli.prefect_session import prepare_prefect
from cli.stream_options import CheckColumns

if TYPE_CHECKING:
    from cli.declared_file import DeclaredFile
    from cli.shapes import AppliedNamesShape, AppliedShape


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file such as sources.yaml.")],
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Remove sources and streams that the file does not list."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    check: CheckColumns = True,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Bring sources and streams to what a file declares.

    Doing it twice changes nothing more. All of the file is applied, or none of it. Where it has no
    list of sources, or none of streams, those are left alone.
    """
    from cli.apply_declared import apply_declared
    from cli.declared_file import load_declared_file
    from cli.stream_columns import check_declared_columns

    declared = load_declared_file(file)
    if declared.streams:
        prepare_prefect()  # a secret of their sources may be in one of its blocks
        for note in check_declared_columns(declared) if check else ():
            console(stderr=True).print(f"Note: {note}", soft_wrap=True)
    if prune and not dry_run:
        _confirm_pruning(declared, yes=yes)
    with database(writes=True) as session:
        applied = apply_declared(session, declared, prune=prune, dry_run=dry_run)
        if dry_run:
            session.rollback()
    if as_json:
        print_json(applied)
    else:
        _print_applied(applied)


def _confirm_pruning(declared: "DeclaredFile", *, yes: bool) -> None:
    from cli.apply_declared import count_pruned
    from cli.registration import describe_dependants

    with database() as session:
        pruned = count_pruned(session, declared)
    if pruned.names:
        lost = describe_dependants(pruned.dependants)
        confirm(f"Remove {', '.join(pruned.names)} and with it {lost}?", yes=yes)


def _print_applied(applied: "AppliedShape") -> None:
    out = console()
    if applied.dry_run:
        out.print("Nothing is changed; without --dry-run:")
    facts = [*_groups(applied, ""), *_groups(applied.streams, " streams")]
    out.print(make_facts(facts))
    unlisted = [*applied.unlisted, *applied.streams.unlisted]
    if unlisted:
        names = ", ".join(unlisted)
        out.print(f"Not in the file, and left alone (--prune removes them): {names}")


def _groups(applied: "AppliedNamesShape", what: str) -> list[tuple[str, str]]:
    groups = {
        "created": applied.created,
        "changed": applied.changed,
        "unchanged": applied.unchanged,
        "removed": applied.removed,
    }
    return [(f"{label}{what}", ", ".join(names)) for label, names in groups.items() if names]
