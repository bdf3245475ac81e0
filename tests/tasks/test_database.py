import pytest

from models.errors import DatabaseLockedError, DatabaseUnavailableError
from models.queries.sources import add_source, list_source_names
from tasks import database
from tasks.database import repeated, utc_now
from tests.models.examples import definition

pytestmark = pytest.mark.usefixtures("vigil_home")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(database, "_SECONDS_BETWEEN_TRIES", 0.0)


def lost(times, error=DatabaseUnavailableError):
    """Return a step that writes a source, and loses the database so many times after it."""
    losses = iter(range(times))

    def step(session):
        add_source(session, definition(), utc_now())
        if next(losses, None) is not None:
            raise error("gone")
        return list_source_names(session)

    return step


def test_a_step_in_which_the_database_was_lost_is_taken_again_from_its_beginning(impatient):
    assert repeated(lost(2)) == ["orders"]


def test_a_database_that_stays_away_is_an_error_and_nothing_is_written(impatient):
    with pytest.raises(DatabaseUnavailableError, match="gone"):
        repeated(lost(3))
    assert repeated(list_source_names, writes=False) == []


def test_other_errors_are_not_tried_again(impatient):
    step = lost(1, DatabaseLockedError)
    with pytest.raises(DatabaseLockedError):
        repeated(step)
    assert repeated(step) == ["orders"]
