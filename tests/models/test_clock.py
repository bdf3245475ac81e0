from datetime import UTC, datetime, timedelta

import pytest

from models import clock
from models.clock import read_clock
from models.session import session_scope


class Stopped(datetime):
    """The clock of a machine that is years behind."""

    @classmethod
    def now(cls, tz=None):
        return datetime(2001, 1, 1, tzinfo=tz)


@pytest.fixture
def behind(monkeypatch):
    monkeypatch.setattr(clock, "datetime", Stopped)


def test_the_clock_of_postgresql_counts_whatever_that_of_the_machine_says(behind, postgres_engine):
    before = datetime.now(UTC)
    with session_scope(postgres_engine) as session:
        first, second = read_clock(session), read_clock(session)
    assert before <= first < second <= datetime.now(UTC)
    assert first.utcoffset() == timedelta(0)


def test_the_clock_of_a_sqlite_file_is_that_of_its_machine(behind, sqlite_engine):
    with session_scope(sqlite_engine, writes=False) as session:
        assert read_clock(session) == Stopped.now(UTC)
