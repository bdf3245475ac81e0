"""The room that the database takes, and how to get back what is free in it."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, select


@dataclass(frozen=True)
class Storage:
    """What the database takes on its disk.

    Attributes:
        bytes: in all.
        free_bytes: that new rows take before it grows; None where that is not known.
    """

    bytes: int
    free_bytes: int | None


def measure_storage(engine: Engine) -> Storage:
    """Return what the database takes."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            size = select(func.pg_database_size(func.current_database()))
            return Storage(connection.execute(size).scalar_one(), None)
        pages, page_bytes = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("freelist_count", "page_size")
        )
    file = str(engine.url.database)
    # The log holds what is not yet in the file.
    parts = (Path(part) for part in (file, f"{file}-wal"))
    return Storage(sum(part.stat().st_size for part in parts if part.exists()), pages * page_bytes)


def vacuum(engine: Engine) -> None:
    """Give free room back: SQLite's to its disk, PostgreSQL's to the tables it is in.

    SQLite writes the file anew, which takes as much room again for a while, and time; others wait.

    Raises:
        DatabaseError: another process is using it, or the disk is full; nothing changed.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # which is not what the next one expects of a connection
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM (ANALYZE)")
        else:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
