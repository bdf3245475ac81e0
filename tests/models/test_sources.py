from datetime import timedelta

import pytest
from sqlmodel import func, select

from models.errors import SourceExistsError, UnknownSourceError
from models.metadata import TABLES
from models.queries.runs import finish_detection
from models.queries.sources import (
    Change,
    SourceDependants,
    add_source,
    count_dependants,
    delete_source,
    get_source,
    get_source_by_id,
    get_source_names,
    get_sources,
    list_source_names,
    list_sources,
    save_source,
)
from models.session import session_scope
from tests.models.examples import NOW, definition, result

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


def test_a_source_comes_back_as_it_was_defined(engine):
    wanted = definition(
        config={"path": "a.csv", "headers": {"token": "{env:TOKEN}"}},
        tags=["shop", "köln"],
        key_columns=["id"],
        cursor_column="at",
        label_column="fraud",
        columns=["amount"],
        description="Orders of the shop",
    )
    with session_scope(engine) as session:
        add_source(session, wanted, NOW)
    with session_scope(engine, writes=False) as session:
        stored = get_source(session, "orders")
    assert {name: getattr(stored, name) for name in vars(wanted)} == vars(wanted)
    assert stored.created_at == stored.updated_at == NOW


def test_a_name_cannot_be_taken_twice_and_the_rest_of_the_work_goes_on(session):
    add_source(session, definition(), NOW)
    with pytest.raises(SourceExistsError, match="'orders' is registered already"):
        add_source(session, definition(kind="parquet"), NOW)
    add_source(session, definition("others"), NOW)
    assert list_source_names(session) == ["orders", "others"]
    assert get_source(session, "orders").kind == "csv"


def test_saving_says_whether_it_created_changed_or_left_a_source(session):
    changes = [
        save_source(session, definition(), NOW).change,
        save_source(session, definition(), LATER).change,
        save_source(session, definition(columns=["amount"]), LATER).change,
    ]
    assert changes == [Change.CREATED, Change.UNCHANGED, Change.CHANGED]


def test_saving_keeps_the_id_and_moves_the_time_of_a_change_only(session):
    created = save_source(session, definition(), NOW).source.model_copy()
    assert save_source(session, definition(), LATER).source.updated_at == NOW
    changed = save_source(session, definition(tags=[]), LATER).source
    assert (changed.id, changed.created_at, changed.updated_at) == (created.id, NOW, LATER)


def test_an_unknown_name_offers_the_ones_like_it(session):
    for name in ("orders", "wine"):
        add_source(session, definition(name), NOW)
    with pytest.raises(UnknownSourceError, match=r"did you mean 'orders'\?"):
        get_source(session, "order")
    with pytest.raises(UnknownSourceError, match=r"'zzz': `vigil sources list` shows"):
        get_source(session, "zzz")


def test_an_unknown_id_is_named(session, running):
    with pytest.raises(UnknownSourceError, match=str(running)):
        get_source_by_id(session, running)


def test_many_sources_are_found_at_once_in_the_order_asked_for(session):
    a, b, c = (add_source(session, definition(name), NOW) for name in "abc")
    assert get_sources(session, ["c", "a", "c"]) == [c, a, c]
    assert get_source_names(session, {a.id, b.id}) == {a.id: "a", b.id: "b"}
    assert get_sources(session, []) == []
    with pytest.raises(UnknownSourceError, match="no source is named 'zzz'"):
        get_sources(session, ["a", "zzz"])


def test_sources_are_listed_by_name_in_pages_with_the_true_total(session):
    for name in ("c", "a", "b"):
        add_source(session, definition(name), NOW)
    page = list_sources(session, offset=1, limit=1)
    assert [source.name for source in page.items] == ["b"]
    assert (page.total, page.offset, page.limit) == (3, 1, 1)


def test_a_tag_is_matched_whole(session):
    for name, tags in {"a": ["shop"], "b": ["shopping"], "c": ["x", "shop"], "d": []}.items():
        add_source(session, definition(name, tags=tags), NOW)
    assert list_source_names(session, tag="shop") == ["a", "c"]
    assert list_sources(session, tag="shop").total == 2
    assert list_sources(session, tag='sh"op').total == 0


def test_deleting_a_source_removes_what_was_counted_and_nothing_else(engine, source, running):
    with session_scope(engine) as session:
        finish_detection(session, running, result(5), NOW)
        add_source(session, definition("others"), NOW)
        assert count_dependants(session, source.id) == SourceDependants(1, 5)
        delete_source(session, source.name)
    with session_scope(engine, writes=False) as session:
        left = {table.__name__: session.exec(count(table)).one() for table in TABLES}
    assert {name: n for name, n in left.items() if n} == {"Source": 1}


def count(table):
    return select(func.count()).select_from(table)


def test_deleting_an_unknown_source_says_so(session):
    with pytest.raises(UnknownSourceError):
        delete_source(session, "zzz")
