"""Write the next migration from the difference between the tables and the migrations.

``python -m models.migrations.revise "add streams"`` writes ``versions/0002_add_streams.py``; read
it and correct it before it is committed.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from models.engine import make_engine
from models.schema import alembic_config, head_revision, upgrade


def revise(message: str) -> None:
    """Write the next migration, numbered on from the last."""
    with TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'scratch.db'}")
        upgrade(engine)
        with engine.begin() as connection:
            command.revision(
                alembic_config(connection),
                message,
                autogenerate=True,
                rev_id=f"{int(head_revision()) + 1:04}",
            )
        engine.dispose()


if __name__ == "__main__":
    revise(" ".join(sys.argv[1:]))
