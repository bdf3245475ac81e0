"""``vigil db``: the state of Vigil's own database."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.database import load_settings
from cli.db_stats import stats, vacuum
from cli.options import AsJson
from cli.output import console, make_facts, print_json

if TYPE_CHECKING:
    from sqlalchemy import URL

    from cli.shapes import DatabaseShape

app = typer.Typer(no_args_is_help=True, help="Look after Vigil's own database.")
app.command()(stats)
app.command()(vacuum)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show where the database is, its revision and how much is in it. Changes nothing."""
    from models.url import parse_url
    from reports.numbers import size

    found = _inspect(parse_url(load_settings().resolved_database_url))
    if as_json:
        print_json(found)
        return
    facts = [
        ("database", found.database),
        ("revision", _describe_revision(found)),
        ("size", size(found.size_bytes) if found.size_bytes else "nothing yet"),
        *((name, f"{rows:,} rows") for name, rows in found.tables.items()),
    ]
    console().print(make_facts(facts))


@app.command()
def upgrade(as_json: AsJson = False) -> None:
    """Create the tables, or bring them to this version of Vigil."""
    from models.engine import make_engine
    from models.schema import current_revision
    from models.schema import upgrade as upgrade_tables
    from models.url import parse_url

    url = load_settings().resolved_database_url
    engine = make_engine(url)
    before = current_revision(engine)
    upgrade_tables(engine)
    found = _inspect(parse_url(url))
    if as_json:
        print_json(found)
    elif before == found.revision:
        console().print(f"{found.database} is at revision {before} already.")
    else:
        origin = "created at" if before is None else f"upgraded from revision {before} to"
        console().print(f"{found.database}: {origin} revision {found.revision}.")


def _inspect(url: "URL") -> "DatabaseShape":
    from cli.shapes import DatabaseShape
    from models.engine import make_engine
    from models.errors import NotMigratedError
    from models.queries.table_sizes import table_sizes
    from models.schema import check_version, current_revision, head_revision
    from models.session import session_scope
    from models.storage import measure_storage
    from models.url import describe_url

    tables: dict[str, int] = {}
    # Connecting to a SQLite file that is not there would create it.
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        revision, up_to_date, size = None, False, 0
    else:
        engine = make_engine(url.render_as_string(hide_password=False))
        try:
            check_version(engine)
            up_to_date = True
        except NotMigratedError:
            up_to_date = False
        revision = current_revision(engine)
        if up_to_date:
            with session_scope(engine, writes=False) as session:
                tables = {table.name: table.rows for table in table_sizes(session)}
        size = measure_storage(engine).bytes
    return DatabaseShape(
        database=describe_url(url),
        revision=revision,
        latest_revision=head_revision(),
        up_to_date=up_to_date,
        size_bytes=size,
        tables=tables,
    )


def _describe_revision(found: "DatabaseShape") -> str:
    if found.up_to_date:
        return f"{found.revision}, the latest"
    if found.revision is None:
        return "none: the first command that needs the tables creates them"
    return f"{found.revision}, the latest is {found.latest_revision}: run `vigil db upgrade`"
