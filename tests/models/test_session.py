from concurrent.futures import ThreadPoolExecutor

import pytest

from models.queries.sources import add_source, get_source, list_source_names, save_source
from models.schema import open_database
from models.session import session_scope
from tests.models.examples import NOW, definition


def test_work_is_committed_at_the_end_of_the_block(engine):
    with session_scope(engine) as session:
        add_source(session, definition(), NOW)
    with session_scope(engine, writes=False) as session:
        assert list_source_names(session) == ["orders"]


def test_an_error_undoes_the_whole_block(engine):
    def fail_halfway():
        with session_scope(engine) as session:
            add_source(session, definition(), NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with session_scope(engine, writes=False) as session:
        assert list_source_names(session) == []


def test_what_was_read_can_be_used_after_the_block(engine, source):
    with session_scope(engine, writes=False) as session:
        found = get_source(session, source.name)
    assert (found.id, found.config, found.created_at) == (source.id, source.config, NOW)


def test_sqlite_writers_that_read_first_wait_for_one_another(empty_sqlite_url):
    engine = open_database(empty_sqlite_url)
    with session_scope(engine) as session:
        add_source(session, definition(config={"n": 0}), NOW)

    def count_up(_):
        with session_scope(engine) as session:
            seen = get_source(session, "orders").config["n"]
            save_source(session, definition(config={"n": seen + 1}), NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(40)))
    with session_scope(engine, writes=False) as session:
        assert get_source(session, "orders").config == {"n": 40}
    engine.dispose()


def test_a_reader_does_not_wait_for_a_writer(engine, source):
    with session_scope(engine) as writer:
        save_source(writer, definition(kind="parquet"), NOW)
        with session_scope(engine, writes=False) as reader:
            assert get_source(reader, source.name).kind == "csv"


def test_opening_again_finds_what_was_written(empty_url):
    engine = open_database(empty_url)
    with session_scope(engine) as session:
        add_source(session, definition(), NOW)
    assert open_database(empty_url) is engine
    with session_scope(open_database(empty_url), writes=False) as session:
        assert list_source_names(session) == ["orders"]
    engine.dispose()
