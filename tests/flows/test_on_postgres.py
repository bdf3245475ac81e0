"""Every flow, once, on PostgreSQL: its JSON keeps no order, its text no NUL, its locks are rows."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sqlmodel import update

from detectors.batch.statistical import StatisticalConfig
from detectors.online.rolling_zscore import RollingZscoreConfig
from flows.backtest import backtest
from flows.batch import batch
from flows.compare import compare
from flows.detect import detect
from flows.explain import explain
from flows.prune import prune
from flows.push import push
from flows.stream import stream
from models.queries.batch_progress import batch_progress
from models.queries.comparisons import list_agreement_records
from models.queries.findings import list_anomalies
from models.queries.points import list_points
from models.session import session_scope
from models.tables.detection import Detection
from tasks.database import open_engine
from tasks.streams.push_points import Point
from tests.flows.failures import register
from tests.flows.streams import add_stream, alerts_of, the_stream, write_rows

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_on_postgres")
FILE = Path(__file__).parents[2] / "prefect.yaml"
DEPLOYMENTS = yaml.safe_load(FILE.read_text())["deployments"]


@pytest.fixture
def orders(tmp_path):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 3)), columns=list("abc"))
    frame.loc[17] = 50.0
    frame["city"] = "Köln"
    frame.to_csv(tmp_path / "orders.csv", index=False)
    register("orders", "csv", path=str(tmp_path / "orders.csv"))
    return "orders"


def read(query, *arguments, **filters):
    with session_scope(open_engine(), writes=False) as session:
        return query(session, *arguments, **filters)


def test_every_flow_is_here():
    tested = "_".join(name for name in globals() if name.endswith("_on_postgres"))
    assert {deployment["name"] for deployment in DEPLOYMENTS} <= set(tested.split("_"))


def test_detect_and_explain_on_postgres(orders):
    detection_id = detect(orders, StatisticalConfig(), explain_top=1)
    assert read(list_anomalies, detection_id).items[0].row_index == 17
    explained = explain(str(detection_id), top=2)
    assert 17 in explained.rows


def test_batch_on_postgres(orders, tmp_path):
    register("gone", "csv", path=str(tmp_path / "gone.csv"))
    state = batch(detector=StatisticalConfig(), explain_top=1, return_state=True)
    progress = read(batch_progress, state.result())
    assert (progress.success, progress.error) == (1, 1)
    assert batch(resume=state.result(), return_state=True).is_completed()


def test_compare_on_postgres(orders):
    comparison_id = compare(orders)
    assert read(list_agreement_records, comparison_id).items[0].row_index == 17


def test_stream_and_backtest_on_postgres(tmp_path):
    feed = tmp_path / "feed.csv"
    write_rows(feed, 0, 300, odd=(200, 201))
    add_stream("live", feed)
    replayed = backtest("feed", RollingZscoreConfig(window=50), resolve_after=20)
    assert stream(run_for=6, return_state=True).message == "2 alerts in 300 rows of 1 stream"
    raised = [(alert.sequence, alert.score) for alert in alerts_of("live")]
    assert [(alert.row, alert.score) for alert in replayed.alerts] == raised
    flagged = read(list_points, the_stream("live").id, flagged=True, limit=10)
    assert [point.sequence for point in flagged.items] == [201, 200]


def test_push_on_postgres():
    add_stream("pushed")
    points = [
        Point(values={"load": 99.0 if row == 180 else row % 7}, key=f"row {row}")
        for row in range(200)
    ]
    pushed = push("pushed", points)
    again = push("pushed", points)
    assert (pushed.scored, again.scored, again.known) == (200, 0, 200)
    assert (
        [alert.key for alert in pushed.alerts] == ["row 180"] == [one.key for one in again.alerts]
    )


def test_prune_on_postgres(orders):
    for _ in range(3):
        detect(orders, StatisticalConfig())
    with session_scope(open_engine()) as session:
        session.execute(update(Detection).values(created_at=Detection.created_at - timedelta(91)))
    found = prune(keep_last=1, dry_run=False)
    assert {one.name: one.rows for one in found.tables}["detection"] == 2
    assert "after its next vacuum" in found.where_room_goes
