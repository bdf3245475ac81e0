"""Tables larger than memory may hold, through the flow."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from prefect.settings import get_current_settings
from sqlalchemy import create_engine

from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.knn import KnnConfig
from detectors.batch.lof import LofConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.chunks import chunk_scores
from detectors.errors import DetectorError
from detectors.threshold import Contamination, Fixed
from flows.batch import batch
from flows.detect import detect
from flows.explain import explain
from models.errors import FittedDetectorError
from models.queries.detections import get_detection, list_detections
from models.queries.findings import list_anomalies, list_column_summaries
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.tables.source import SourceDefinition
from settings import get_settings
from sources.errors import TransientSourceError
from tasks import score_in_chunks
from tasks.database import open_engine, utc_now

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

N_ROWS = 4_000
PLANTED = (17, 1_999, 3_998)


@pytest.fixture
def large(monkeypatch):
    """Let 5,000 values be as many as memory may hold, and 300 rows a chunk."""
    for name, value in {
        "MEMORY_CELLS": "5000", "CHUNK_ROWS": "300", "CHUNK_SAMPLE_SIZE": "500",
        "MAX_WORKERS": "2",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VIGIL_{name}", value)
    get_settings.cache_clear()


def orders() -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": np.arange(N_ROWS),
            "amount": random.normal(50, 5, N_ROWS),
            "items": random.integers(1, 9, N_ROWS).astype(float),
            "flag": random.random(N_ROWS) < 0.5,
            "city": random.choice(["Bonn", "Ulm"], N_ROWS),
            "is_outlier": 0,
        }
    )
    frame.loc[list(PLANTED), ["amount", "is_outlier"]] = [400.0, 1]
    frame.loc[3_000:3_005, "items"] = np.nan  # in one chunk only
    return frame


def register(name, kind="parquet", **config):
    definition = SourceDefinition(name, kind, config, key_columns=["id"], label_column="is_outlier")
    with session_scope(open_engine()) as session:
        add_source(session, definition, utc_now())
    return name


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "orders.parquet"
    orders().to_parquet(path, row_group_size=350)
    return register("orders", path=str(path))


@dataclass(frozen=True)
class Stored:
    detection: object
    anomalies: list
    columns: dict


def stored(detection_id) -> Stored:
    with session_scope(open_engine(), writes=False) as session:
        columns = list_column_summaries(session, detection_id)
        return Stored(
            get_detection(session, detection_id),
            list_anomalies(session, detection_id, limit=10_000).items,
            {column.column: column for column in columns},
        )


def outcome(detection_id) -> str:
    """All that a detection found, as a text."""
    one = stored(detection_id)
    ours = {"id", "detection_id", "flow_run_id", "created_at", "started_at", "completed_at",
            "duration_ms", "chunk_rows", "source_id", "source_name"}  # fmt: skip
    rows = [one.detection, *one.anomalies, *one.columns.values()]
    return json.dumps([row.model_dump(mode="json", exclude=ours) for row in rows], sort_keys=True)


def test_a_large_table_is_fitted_on_a_sample_and_scored_in_chunks(source, large):
    found = stored(detect(source, StatisticalConfig()))
    detection = found.detection
    assert detection.status is Status.SUCCESS
    assert (detection.total_rows, detection.scored_rows) == (N_ROWS, N_ROWS)
    assert (detection.sample_size, detection.chunk_rows) == (500, 300)
    assert detection.features == ["amount", "items", "flag"]
    assert detection.left_out == {"city": "not numeric (str); name it to use it"}
    assert {row.row_index for row in found.anomalies[:3]} == set(PLANTED)
    assert [row.rank for row in found.anomalies] == [*range(1, detection.anomaly_count + 1)]
    strongest = found.anomalies[0]
    assert strongest.row_key == str(strongest.row_index)
    assert strongest.label is True
    assert strongest.values["amount"] == 400.0
    assert "amount" in strongest.standouts
    assert detection.auroc == 1.0
    assert (detection.known_anomalies, detection.found_anomalies) == (3, 3)
    assert sum(detection.score_histogram["counts"]) == N_ROWS


def test_what_is_counted_is_that_of_the_whole_table(source, large, monkeypatch):
    chunked = stored(detect(source)).columns
    monkeypatch.setenv("VIGIL_MEMORY_CELLS", "1000000")
    get_settings.cache_clear()
    whole = stored(detect(source)).columns
    for name, column in whole.items():
        same = chunked[name]
        assert (same.dtype, same.missing, same.infinite) == (column.dtype, column.missing, 0)
        assert (same.minimum, same.maximum, same.constant) == (
            column.minimum, column.maximum, column.constant,
        )  # fmt: skip
        for statistic in ("mean", "std"):
            expected = getattr(column, statistic)
            assert getattr(same, statistic) == (expected and pytest.approx(expected, rel=1e-12))


@pytest.mark.parametrize("config", [IsolationForestConfig(), KnnConfig(), StatisticalConfig()])
def test_scores_are_those_of_the_table_held_whole(source, large, monkeypatch, config):
    chunked = stored(detect(source, config, columns=["amount", "flag"], seed=4))
    monkeypatch.setenv("VIGIL_MEMORY_CELLS", "1000000")
    get_settings.cache_clear()
    threshold = Fixed(score=chunked.detection.threshold)
    whole = stored(
        detect(source, config, ["amount", "flag"], sample_size=500, threshold=threshold, seed=4)
    )
    assert [(row.row_index, row.score) for row in chunked.anomalies] == [
        (row.row_index, row.score) for row in whole.anomalies
    ]
    for share, score in whole.detection.score_quantiles.items():
        assert chunked.detection.score_quantiles[share] == pytest.approx(score, rel=1e-3)


def test_however_it_is_cut_the_result_is_the_same_to_the_bit(source, large, monkeypatch):
    outcomes = set()
    for chunk_rows in ("77", "300", "100000"):
        monkeypatch.setenv("VIGIL_CHUNK_ROWS", chunk_rows)
        get_settings.cache_clear()
        outcomes.add(outcome(detect(source, LofConfig(), missing="drop_rows")))
    assert len(outcomes) == 1


@pytest.mark.parametrize("kind", ["csv", "jsonl", "sql"])
def test_what_cannot_be_read_twice_gives_the_same_as_parquet(
    source, tmp_path, large, kind, monkeypatch
):
    frame = orders().astype({"flag": int})  # SQLite has no booleans
    frame.to_parquet(tmp_path / "orders.parquet", row_group_size=350)
    if kind == "csv":
        frame.to_csv(tmp_path / "a.csv", index=False)
        register("same", "csv", path=str(tmp_path / "a.csv"))
    elif kind == "jsonl":
        frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True, double_precision=15)
        again = pd.read_json(tmp_path / "a.jsonl", lines=True, precise_float=True)
        again.to_parquet(tmp_path / "orders.parquet", row_group_size=350)
        register("same", "jsonl", path=str(tmp_path / "a.jsonl"))
    else:
        engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
        frame.to_sql("orders", engine, index=False)
        engine.dispose()
        register("same", "sql", url=f"sqlite:///{tmp_path / 'a.db'}", table="orders")
    config = StatisticalConfig()
    assert outcome(detect("same", config)) == outcome(detect(source, config))


def test_a_batch_takes_large_tables_beside_small_ones(source, tmp_path, large):
    orders().head(100).to_csv(tmp_path / "small.csv", index=False)
    register("small", "csv", path=str(tmp_path / "small.csv"))
    batch(source_reports=0)
    with session_scope(open_engine(), writes=False) as session:
        found = {one.source_name: one for one in list_detections(session).items}
    assert {name: (one.status.value, one.chunk_rows) for name, one in found.items()} == {
        "orders": ("success", 300),
        "small": ("success", None),
    }


def test_a_share_of_the_rows_is_that_of_the_sample(source, large):
    found = stored(detect(source, threshold=Contamination(share=0.1)))
    assert 0.05 < found.detection.anomaly_rate < 0.2


def test_a_sample_larger_than_memory_says_what_may_be(source, large):
    with pytest.raises(DetectorError, match=r"sample_size is 3,000.*allows 833 rows of 6 columns"):
        detect(source, sample_size=3000)


def test_more_anomalies_than_can_be_kept_name_the_threshold(source, large, monkeypatch):
    monkeypatch.setattr(chunk_scores, "MOST_ANOMALIES", 500)
    with pytest.raises(DetectorError, match=r"of the first .* rows score above the threshold"):
        detect(source, threshold=Fixed(score=0.0))
    with session_scope(open_engine(), writes=False) as session:
        [detection] = list_detections(session).items
        assert detection.status is Status.ERROR
        assert list_anomalies(session, detection.id).total == 0


def test_missing_values_can_be_refused(source, large):
    with pytest.raises(DetectorError, match="column 'items' has 6 missing values: fill them"):
        detect(source, missing="error")


def test_a_value_that_is_no_number_is_named_by_its_row(tmp_path, large):
    frame = orders().astype({"city": object})
    frame["city"] = frame.index.astype(str)
    frame.loc[2_345, "city"] = "n.v."
    frame.to_parquet(tmp_path / "text.parquet")
    register("text", path=str(tmp_path / "text.parquet"))
    with pytest.raises(DetectorError, match=r"column 'city'.*row 2345 .*'n\.v\.'"):
        detect("text", columns=["city", "amount"])


def test_a_source_that_changes_between_the_passes_is_noticed(source, tmp_path, large, monkeypatch):
    monkeypatch.setenv("VIGIL_READ_RETRIES", "0")
    get_settings.cache_clear()
    changed = orders()
    changed.loc[5, "amount"] += 1e-9

    learn = score_in_chunks.learn_table

    def learn_and_change(*arguments):
        changed.to_parquet(tmp_path / "orders.parquet", row_group_size=350)
        return learn(*arguments)

    monkeypatch.setattr(score_in_chunks, "learn_table", learn_and_change)
    with pytest.raises(TransientSourceError, match="orders changed while it was read"):
        detect(source)


def test_anomalies_of_a_large_table_are_explained_and_other_rows_are_refused(source, large):
    detection_id = str(detect(source, StatisticalConfig()))
    explain(detection_id, rows=[PLANTED[0]])
    with pytest.raises(FittedDetectorError, match="scored in chunks"):
        explain(detection_id, rows=[3])


_KILLED_WHILE_SCORING = """
import os, signal
from flows.detect import detect
from tasks import score_in_chunks

score, calls = score_in_chunks.score_chunk, []

def score_and_die(*arguments):
    calls.append(1)
    if len(calls) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return score(*arguments)

score_in_chunks.score_chunk = score_and_die
detect("orders")
"""


def test_a_process_killed_in_the_middle_leaves_nothing_half_stored(source, large):
    environment = os.environ | {"PREFECT_API_URL": str(get_current_settings().api.url)}
    command = [sys.executable, "-c", _KILLED_WHILE_SCORING]
    killed = subprocess.run(command, env=environment, capture_output=True, timeout=600)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with session_scope(open_engine(), writes=False) as session:
        [detection] = list_detections(session).items
        assert detection.status is Status.RUNNING
        assert detection.anomaly_count is None
        assert list_anomalies(session, detection.id).total == 0
        assert list_column_summaries(session, detection.id) == []


def test_over_a_cluster_the_result_is_the_same_to_the_bit(source, large, monkeypatch):
    config = IsolationForestConfig(n_estimators=50)
    alone = outcome(detect(source, config, seed=3))
    monkeypatch.setenv("VIGIL_TASK_RUNNER", "dask")
    get_settings.cache_clear()
    assert outcome(detect(source, config, seed=3)) == alone
