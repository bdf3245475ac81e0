"""``vigil db stats`` and ``vigil db vacuum``: the room that the database takes."""

from typing import TYPE_CHECKING

from cli.database import database, load_settings
from cli.options import AsJson, Yes
from cli.output import confirm, console, make_facts, make_table, moment, print_json

if TYPE_CHECKING:
    from cli.history_shapes import DatabaseStatisticsShape


def stats(as_json: AsJson = False) -> None:
    """Show how many rows and bytes each table has, how old they are, and what is largest.

    Quick, however much there is: rows of large tables are estimated. Changes nothing.
    """
    from cli.history_shapes import DatabaseStatisticsShape
    from models.queries.largest import largest_sources, largest_streams
    from models.queries.table_sizes import table_sizes
    from models.storage import measure_storage
    from models.url import describe_url
    from tasks.database import open_engine

    with database() as session:
        sizes = table_sizes(session)
        sources, streams = largest_sources(session), largest_streams(session)
    engine = open_engine()
    storage = measure_storage(engine)
    found = DatabaseStatisticsShape.model_validate(
        {
            "database": describe_url(engine.url),
            "size_bytes": storage.bytes,
            "free_bytes": storage.free_bytes,
            "sizes": sizes,
            "largest_sources": sources,
            "largest_streams": streams,
        }
    )
    if as_json:
        print_json(found)
    else:
        _print(found)


def vacuum(yes: Yes = False, as_json: AsJson = False) -> None:
    """Give the room of removed rows back: of SQLite to its disk.

    SQLite writes its file anew, which takes as much room again meanwhile, and everybody waits.
    PostgreSQL only makes the room ready to be used again, and nobody waits.
    """
    from cli.history_shapes import VacuumedShape
    from models.storage import measure_storage
    from models.storage import vacuum as give_back
    from models.url import describe_url
    from reports.numbers import size
    from tasks.database import open_engine

    load_settings()
    engine = open_engine()
    place, before = describe_url(engine.url), measure_storage(engine).bytes
    confirm(f"Write {place} anew, {size(before)}, while everybody else waits?", yes=yes)
    give_back(engine)
    after = measure_storage(engine).bytes
    if as_json:
        print_json(VacuumedShape(database=place, size_bytes_before=before, size_bytes=after))
    else:
        console().print(f"{place}: {size(before)} before, {size(after)} now.", soft_wrap=True)


def _print(found: "DatabaseStatisticsShape") -> None:
    from reports.numbers import size

    out = console()
    free = found.free_bytes
    facts = [("database", found.database), ("size", size(found.size_bytes))]
    if free is not None:
        facts.append(("free in it", f"{size(free)}, used before it grows"))
    out.print(make_facts(facts))
    out.print()
    right = ("rows", "size")
    table = make_table("table", *right, "oldest (UTC)", "newest (UTC)", right=right)
    for one in found.sizes:
        rows = f"{one.rows:,}" if one.exact else f"about {one.rows:,}"
        table.add_row(one.name, rows, size(one.bytes), moment(one.oldest), moment(one.newest))
    out.print(table)
    for heads, shares in (
        (("source", "detections", "anomalies"), found.largest_sources),
        (("stream", "points", "alerts"), found.largest_streams),
    ):
        if shares:
            out.print()
            largest = make_table(*heads, right=heads[1:])
            for share in shares:
                name, first, second = share.model_dump().values()
                largest.add_row(name, f"{first:,}", f"{second:,}")
            out.print(largest)
