"""What all tables share."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

# Where the revision of the tables is kept. Not under Alembic's default name: another application
# in the same database may use that.
VERSION_TABLE = "vigil_alembic_version"

# Named constraints, so that migrations can find them again on SQLite.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING_CONVENTION))):
    """Base of every table of Vigil, apart from other users of SQLModel in the same process.

    Datetimes are timezone-aware and come back in UTC.
    """
