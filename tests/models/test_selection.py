import pytest

from models.errors import EmptySelectionError, UnknownSourceError
from models.queries.selection import select_sources
from models.queries.sources import add_source
from models.session import session_scope
from tests.models.examples import NOW, definition


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        for name, tags in (("c", ["shop"]), ("a", ["shop", "eu"]), ("b", [])):
            add_source(session, definition(name, tags=tags), NOW)
        yield session


@pytest.mark.parametrize(
    ("names", "tags", "selected"),
    [
        (None, None, ["a", "b", "c"]),
        (["c", "b"], None, ["c", "b"]),
        (None, ["shop"], ["a", "c"]),
        (["b", "a"], ["eu", "shop"], ["b", "a", "c"]),
        (["a", "a"], [], ["a"]),
    ],
)
def test_sources_are_chosen_by_name_and_by_tag_each_once(session, names, tags, selected):
    assert select_sources(session, names, tags) == selected


def test_a_misspelt_name_is_refused(session):
    with pytest.raises(UnknownSourceError, match="'aa'"):
        select_sources(session, ["a", "aa"], None)


def test_nothing_selected_lists_what_there_is(session):
    with pytest.raises(EmptySelectionError, match=r"tag x or y; registered are a, b, c$"):
        select_sources(session, None, ["x", "y"])
    with pytest.raises(EmptySelectionError, match="no source is selected"):
        select_sources(session, [], [])


def test_without_any_source_the_remedy_is_named(engine):
    with (
        session_scope(engine) as session,
        pytest.raises(EmptySelectionError, match="vigil sources apply"),
    ):
        select_sources(session, None, None)
