"""One row has one key, whichever flow names it."""

import numpy as np
import pytest

from detectors.batch.statistical import StatisticalConfig
from detectors.online.rolling_zscore import RollingZscoreConfig
from detectors.threshold import Fixed
from flows.backtest import backtest
from flows.compare import compare
from flows.detect import detect
from flows.explain import explain
from flows.stream import stream
from models.errors import UnknownRowError
from models.queries.comparisons import get_comparison, list_agreement_records
from models.queries.findings import list_anomalies
from models.queries.sources import add_source
from models.session import session_scope
from models.tables.source import SourceDefinition
from settings import get_settings
from tasks.database import open_engine, utc_now
from tests.flows.streams import add_stream, alerts_of

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

ODD = [
    *("000350", "350", "0210e60", "+7", "7", "-0", "1.50", "1.5", "2026-08-05", "true", "NA"),
    *("17000000000000000000", "17000000000000000001"),
]
EVERY = 40  # between two odd rows, so that each is an alert


@pytest.fixture
def rows(tmp_path):
    random = np.random.default_rng(0)
    path = tmp_path / "rows.csv"
    with path.open("w") as file:
        file.write("id,load\n")
        for number in range(EVERY * (len(ODD) + 4)):
            odd = number % EVERY == 0 and number >= 4 * EVERY  # after the warm-up
            key = ODD[number // EVERY - 4] if odd else f"{number:06d}x"
            file.write(f"{key},{99 if odd else random.normal()}\n")
        file.write(",99\n")
    return path


def anomalies(detection_id):
    with session_scope(open_engine(), writes=False) as session:
        found = list_anomalies(session, detection_id, limit=1000).items
    return [one.row_key for one in sorted(found, key=lambda one: one.row_index)]


def register(path, name="rows", **changes):
    definition = SourceDefinition(name, "csv", {"path": str(path)}, key_columns=["id"], **changes)
    with session_scope(open_engine()) as session:
        add_source(session, definition, utc_now())


def test_every_flow_names_a_row_by_the_same_key(rows, monkeypatch):
    add_stream("live", rows)
    detection = detect("rows", StatisticalConfig(), threshold=Fixed(score=5))
    assert anomalies(detection) == [*ODD, None]
    two = [StatisticalConfig(), StatisticalConfig(method="iqr")]
    compared = compare("rows", two, threshold=Fixed(score=5))
    with session_scope(open_engine(), writes=False) as session:
        comparison = get_comparison(session, compared)
        records = list_agreement_records(session, comparison.id, limit=100).items
    assert {record.row_key for record in records} == {*ODD, None}
    assert [alert.key for alert in backtest("rows", RollingZscoreConfig(window=30)).alerts] == [
        *ODD,
        None,
    ]
    stream(run_for=1)
    assert [alert.row_key for alert in alerts_of("live")] == [*ODD, None]
    explained = explain(str(detection), keys=["000350", "17000000000000000001", "000007x"])
    assert len(explained.rows) == 3
    with pytest.raises(UnknownRowError, match="7x"):
        explain(str(detection), keys=["7x"])
    monkeypatch.setenv("VIGIL_MEMORY_CELLS", "1000")
    monkeypatch.setenv("VIGIL_CHUNK_ROWS", "50")
    get_settings.cache_clear()
    assert anomalies(detect("rows", StatisticalConfig(), threshold=Fixed(score=5))) == [*ODD, None]


def test_a_key_that_is_watched_is_still_a_key(tmp_path):
    path = tmp_path / "rows.csv"
    lines = "".join(f"{number:05d},{number % 7}\n" for number in range(1, 300))
    path.write_text(f"id,load\n{lines}090000,3\n")
    register(path, columns=["id", "load"])
    assert anomalies(detect("rows", StatisticalConfig(), threshold=Fixed(score=5))) == ["090000"]
