"""A schema of its own for a test on the shared PostgreSQL: quicker to make than a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text


@contextmanager
def postgres_schema(postgres_url: str) -> Iterator[str]:
    """Give the address of a new schema, and drop it at the end."""
    name = f"test_{uuid4().hex}"
    url = make_url(postgres_url)
    administration = create_engine(url, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
        yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(False)
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    administration.dispose()
