"""Bad input gets a clear error, and loses nothing: files, parameters, Vigil's own database."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from flows.detect import detect
from models.base import VERSION_TABLE
from models.engine import make_engine
from models.errors import NewerDatabaseError, ReadOnlyDatabaseError, UnknownSourceError
from models.queries.detections import ALL_DETECTIONS, list_detections
from models.queries.sources import list_source_names
from models.schema import open_database
from models.session import session_scope
from models.status import Status
from settings import get_settings
from sources.errors import SourceError
from tests.flows.bad_tables import BAD_TABLES, rows
from tests.flows.failures import (
    everything_of,
    failure_of_flow,
    failure_of_reading,
    register,
    register_file,
)
from tests.ordinary_user import ordinary_user


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_file_is_named_with_what_was_expected_and_what_to_do(home, name):
    bad = BAD_TABLES[name]
    path = register_file(home, name, bad.content, bad.roles)
    error = failure_of_reading(name)
    assert type(error) is bad.kind
    assert str(error).startswith(f"{path}: " if bad.kind is SourceError else f"{name}: ")
    for words in bad.says:
        assert words in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize("name", ["missing-file", "ragged", "nan-only", "text-in-a-numeric-column"])
def test_a_bad_file_ends_the_flow_and_its_detection_in_the_same_words(home, good, name):
    bad = BAD_TABLES[name]
    register_file(home, f"flow-{name}", bad.content, bad.roles)
    error = failure_of_flow(good, f"flow-{name}")
    assert all(words in str(error) for words in bad.says)


@pytest.mark.usefixtures("home")
def test_a_folder_is_not_a_file(tmp_path):
    register("folder", "csv", path=str(tmp_path))
    message = str(failure_of_reading("folder"))
    assert message == f"{tmp_path}: is a folder: expected one file (kind parquet reads folders)"


def test_one_value_of_1e300_is_found(home, good):
    random = np.random.default_rng(1)
    lines = [f"{a},{b}" for a, b in random.normal(size=(200, 2))]
    register_file(home, "huge", rows("a,b", *lines, "1e300,0"))
    detect("huge")
    found = everything_of("huge")
    assert found["anomalies"][0]["row_index"] == 200
    assert found["anomalies"][0]["values"] == {"a": 1e300, "b": 0.0}
    assert found["columns"][0]["maximum"] == 1e300
    assert everything_of("good") == good


@pytest.mark.usefixtures("prefect_server")
def test_dates_as_numbers_work_and_the_profile_says_what_they_are(home):
    days = pd.date_range("2024-01-01", periods=200)
    lines = [f"{day:%Y%m%d},{day.day}" for day in days]
    register_file(home, "dates", rows("day,n", *lines))
    detect("dates")
    found = everything_of("dates")
    assert found["detection"]["status"] is Status.SUCCESS
    day, n = found["columns"]
    assert "YYYYMMDD" in day["note"]
    assert n["note"] is None


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"detector": {"algorithm": "isolation_forrest"}}, ("isolation_forrest", "'lof'")),
        ({"detector": {"algorithm": "lof", "n_neighbors": 0}}, ("lof.n_neighbors", "equal to 1")),
        ({"threshold": {"method": "false_alarm", "rate": 5}}, ("false_alarm.rate", "to 0.5")),
        ({"sample_size": 1}, ("sample_size", "equal to 2")),
    ],
)
def test_a_parameter_that_is_not_allowed_is_named_with_what_is(good, parameters, says):
    state = detect("good", **parameters, return_state=True)
    assert state.is_failed()
    for words in says:
        assert words in state.message
    assert everything_of("good") == good  # and there is still one detection of it


def test_a_source_that_nobody_registered_is_named(good):
    state = detect("godo", return_state=True)
    assert state.is_failed()
    assert "no source is named 'godo': did you mean 'good'?" in state.message
    with pytest.raises(UnknownSourceError):
        state.result()


@pytest.fixture
def other_database(monkeypatch, prefect_server):
    """A database with one source, which an ordinary user may reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        file = Path(folder) / "vigil.db"
        monkeypatch.setenv("VIGIL_DATABASE_URL", f"sqlite:///{file}")
        get_settings.cache_clear()
        open_database(f"sqlite:///{file}")
        register("orders", "csv", path="orders.csv")
        yield file
    monkeypatch.undo()
    get_settings.cache_clear()


def contents(file):
    with session_scope(make_engine(f"sqlite:///{file}"), writes=False) as session:
        return list_source_names(session), list_detections(session, ALL_DETECTIONS).total


def test_a_read_only_database_is_named_and_left_alone(other_database):
    make_engine(f"sqlite:///{other_database}").dispose()
    other_database.chmod(0o444)
    with ordinary_user():
        state = detect("orders", return_state=True)
    assert state.is_failed()
    assert f"{other_database}: attempt to write a readonly database" in state.message
    assert "get permission to write it" in state.message
    with pytest.raises(ReadOnlyDatabaseError):
        state.result()
    assert contents(other_database) == (["orders"], 0)


def test_a_database_of_a_newer_version_is_named_and_left_alone(
    other_database, tmp_path, monkeypatch
):
    newer = tmp_path / "newer.db"
    make_engine(f"sqlite:///{other_database}").dispose()  # what is in its log is now in the file
    newer.write_bytes(other_database.read_bytes())
    engine = make_engine(f"sqlite:///{newer}")
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = 'f00d'"))
    monkeypatch.setenv("VIGIL_DATABASE_URL", f"sqlite:///{newer}")
    get_settings.cache_clear()
    state = detect("orders", return_state=True)
    assert state.is_failed()
    assert f"{newer} is at revision f00d, which a later version of Vigil made" in state.message
    assert "upgrade Vigil" in state.message
    with pytest.raises(NewerDatabaseError):
        state.result()
    assert contents(newer) == (["orders"], 0)
