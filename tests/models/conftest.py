"""A database for each test, on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine

from models import schema
from models.metadata import metadata
from models.queries.runs import create_detections, start_detection
from models.queries.sources import add_source
from models.session import session_scope
from models.tables.source import Source
from tests.models.examples import NOW, definition, request_for
from tests.postgres import postgres_schema


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    with postgres_schema(postgres_url) as url:
        yield url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'vigil.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"empty_{request.param}_url")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables: copying it is quicker than migrating each test's own."""
    file = tmp_path_factory.mktemp("template") / "vigil.db"
    schema.open_database(f"sqlite:///{file}").dispose()
    return file


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_url: str) -> Iterator[Engine]:
    with postgres_schema(postgres_url) as url:
        engine = schema.open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    file = shutil.copy(sqlite_template, tmp_path / "copy.db")
    engine = schema.open_database(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres_with_tables: Engine) -> Engine:
    with postgres_with_tables.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return postgres_with_tables


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A database with all tables and no rows."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def source(engine: Engine) -> Source:
    with session_scope(engine) as session:
        return add_source(session, definition(), NOW)


@pytest.fixture
def running(engine: Engine, source: Source) -> UUID:
    """The id of a detection that is being worked on."""
    with session_scope(engine) as session:
        (detection,) = create_detections(session, [request_for(source)], NOW)
        return start_detection(session, detection.id, NOW).id


@pytest.fixture
def migrations_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of migrations that the test may add to."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    schema.known_revisions.cache_clear()
    yield folder
    schema.known_revisions.cache_clear()
