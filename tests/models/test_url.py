from pathlib import Path

import pytest

from models.errors import DatabaseUrlError
from models.url import describe_url, parse_url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_form_of_a_postgresql_address_gets_the_psycopg_driver(scheme):
    url = parse_url(f"{scheme}://me@example.org:5433/vigil?sslmode=require")
    assert url.drivername == "postgresql+psycopg"
    assert (url.host, url.port, url.database, url.query) == (
        "example.org",
        5433,
        "vigil",
        {"sslmode": "require"},
    )


def test_a_relative_sqlite_path_is_taken_from_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse_url("sqlite:///data/vigil.db").database == str(tmp_path / "data" / "vigil.db")


def test_a_tilde_in_a_sqlite_path_is_the_home_folder():
    assert parse_url("sqlite:///~/vigil.db").database == str(Path.home() / "vigil.db")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true"])
def test_a_database_that_is_not_a_file_is_refused(url):
    with pytest.raises(DatabaseUrlError, match="needs a file"):
        parse_url(url)


@pytest.mark.parametrize("scheme", ["mysql", "sqlite+aiosqlite", "postgresql+asyncpg"])
def test_another_kind_of_database_is_refused_with_the_forms_that_work(scheme):
    with pytest.raises(DatabaseUrlError, match=r"postgresql://user@host/database"):
        parse_url(f"{scheme}://me:secret@host/vigil")


@pytest.mark.parametrize("url", ["", "vigil.db", "postgresql://me:secret@host:port/vigil"])
def test_an_address_that_cannot_be_read_is_refused_without_repeating_it(url):
    with pytest.raises(DatabaseUrlError) as caught:
        parse_url(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_address_is_shown_without_its_password_and_parameters():
    shown = describe_url(parse_url("postgresql://me:secret@host/vigil?password=secret"))
    assert shown == "PostgreSQL database postgresql://me:***@host/vigil"
