"""History through an online detector, graded by labels."""

import json

import numpy as np
import pandas as pd
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from detectors.errors import DetectorError
from detectors.online.rolling_zscore import RollingZscoreConfig
from flows.backtest import backtest
from flows.stream import stream
from models.queries.sources import add_source
from models.session import session_scope
from models.tables.source import SourceDefinition
from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.pollers import open_poller
from sources.polling import PollOptions
from sources.secrets import SecretResolver
from tasks.database import open_engine, utc_now
from tests.flows.streams import add_stream, alerts_of, write_rows

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

ZSCORE = RollingZscoreConfig(window=50)


def register(path, kind="csv", **changes):
    definition = SourceDefinition(
        name=path.stem, kind=kind, config={"path": str(path)}, key_columns=["id"], **changes
    )
    with session_scope(open_engine()) as session:
        add_source(session, definition, utc_now())


def test_a_backtest_raises_what_a_stream_raises_and_stores_nothing(tmp_path):
    path = tmp_path / "feed.csv"
    write_rows(path, 0, 500, odd=(200, 201, 300))
    add_stream("live", path)
    result = backtest("feed", ZSCORE, resolve_after=20)
    assert alerts_of("live") == []
    stream(run_for=6)
    raised = [(alert.sequence, alert.row_key, alert.score) for alert in alerts_of("live")]
    assert [(alert.row, alert.key, alert.score) for alert in result.alerts] == raised
    assert (result.rows, result.rows_scored, result.columns) == (500, 500, ("load",))
    assert (result.chosen.threshold, result.chosen.alerts) == (4.0, len(raised))
    assert result.chosen.grade is None


def test_labels_grade_the_threshold_and_its_neighbours(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"id": range(600), "load": random.normal(size=600), "odd": 0})
    frame.loc[[10, 200, 201, 202, 400], "odd"] = 1
    frame.loc[[201, 500], "load"] = 50.0
    path = tmp_path / "labelled.csv"
    frame.to_csv(path, index=False)
    register(path, label_column="odd")
    result = backtest("labelled", ZSCORE)
    grade = result.chosen.grade
    # That of row 10 is within the warm-up.
    assert (grade.events, grade.found, grade.right) == (2, 1, 1)
    assert (grade.recall, grade.precision(result.chosen.alerts)) == (0.5, 1 / result.chosen.alerts)
    thresholds = [step.threshold for step in result.steps]
    assert thresholds == sorted(set(thresholds))
    assert result.chosen in result.steps
    alerts = [step.alerts for step in result.steps]
    assert alerts == sorted(alerts, reverse=True)


def test_a_backtest_is_shown_as_an_artifact(tmp_path):
    path = tmp_path / "shown.csv"
    write_rows(path, 0, 300, odd=(200,))
    register(path)
    backtest("shown", ZSCORE)
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["backtest-shown"]))
    with get_client(sync_client=True) as client:
        [artifact] = client.read_artifacts(artifact_filter=wanted)
    assert "would have raised 1 alert" in artifact.data
    assert "vigil streams create shown --source shown --algorithm rolling_zscore" in artifact.data


def test_a_source_without_numbers_cannot_be_tested(tmp_path):
    path = tmp_path / "text.csv"
    path.write_text("id,city\n1,Bonn\n2,Bonn\n")
    register(path)
    with pytest.raises(DetectorError, match="no column with numbers"):
        backtest("text")


def write_one_odd(path, kind, word="offline", row=300):
    """A feed of 500 numbers, one of which is a word."""
    values = [word if number == row else float(number % 7) for number in range(500)]
    with path.open("w") as file:
        if kind == "csv":
            file.write("id,load\n")
        for number, value in enumerate(values):
            line = json.dumps({"id": number, "load": value})
            file.write(f"{number},{value}\n" if kind == "csv" else f"{line}\n")


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_odd_word_among_numbers_is_missing_and_said_as_in_a_stream(tmp_path, kind):
    path = tmp_path / "feed.data"
    write_one_odd(path, kind)
    register(path, kind=kind)
    result = backtest("feed", ZSCORE, columns=["load"])
    assert (result.rows, result.rows_scored) == (500, 499)
    [said] = result.notices
    assert "row 300 (the first is row 0): column `load` has held numbers so far" in said
    assert "holds 'offline' here, taken as missing" in said
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["backtest-feed"]))
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=wanted)
    assert "## Notices" in max(artifacts, key=lambda artifact: artifact.created).data
    page = open_poller(
        parse_source_config(kind, {"path": str(path)}),
        PollOptions(columns=("load",), key_columns=("id",)),
        ReadLimits(),
        SecretResolver(),
    ).poll(None, 1000)
    assert (page.rows["load"].count(), len(page.notices)) == (499, 1)


def test_a_column_that_nobody_named_is_watched_when_its_first_page_is_of_numbers(tmp_path):
    path = tmp_path / "feed.csv"
    path.write_text("id,load\n" + "".join(f"{n},{n % 7}\n" for n in range(12_000)) + "x,offline\n")
    register(path)
    result = backtest("feed", ZSCORE)
    assert (result.columns, result.rows, result.rows_scored) == (("load",), 12_001, 12_000)
    assert len(result.notices) == 1


def test_a_number_in_another_notation_is_refused_and_not_taken_as_missing(tmp_path):
    path = tmp_path / "feed.csv"
    write_one_odd(path, "csv", word='"1,5"')
    register(path)
    with pytest.raises(DetectorError, match="load"):
        backtest("feed", ZSCORE, columns=["load"])


def test_a_backtest_says_which_rows_it_leaves_out(tmp_path):
    path = tmp_path / "feed.csv"
    write_rows(path, 0, 300)
    with path.open("a") as file:
        file.write("300,1,2,3\n")
    register(path)
    [said] = backtest("feed", ZSCORE).notices
    assert "1 row was left out" in said
