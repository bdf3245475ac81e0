"""The same on PostgreSQL, whose JSON keeps neither the order of keys nor NaN."""

from uuid import UUID

import pandas as pd
import pytest

from detectors.threshold import Contamination
from flows.detect import detect
from flows.explain import explain
from models.queries.detections import get_detection
from models.queries.explanations import list_explanations
from models.queries.findings import list_anomalies
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.tables.source import SourceDefinition
from tasks.command_lines import rerun_detection
from tasks.database import open_engine, utc_now


@pytest.mark.usefixtures("prefect_server", "vigil_on_postgres")
def test_a_detection_is_kept_and_reported_as_on_sqlite(tmp_path):
    frame = pd.DataFrame({"id": range(100), "temperature": [20.0, 21.0] * 50, "x": range(100)})
    frame.loc[7, ["temperature", "x"]] = [float("inf"), -500.0]
    frame.loc[8, "id"] = None
    frame.loc[8, "x"] = 900.0
    frame.to_csv(tmp_path / "orders.csv", index=False)
    definition = SourceDefinition(
        name="orders",
        kind="csv",
        config={"path": str(tmp_path / "orders.csv")},
        key_columns=["id"],
    )
    with session_scope(open_engine()) as session:
        add_source(session, definition, utc_now())
    detection_id: UUID = detect("orders", threshold=Contamination(share=0.02))
    with session_scope(open_engine(), writes=False) as session:
        detection = get_detection(session, detection_id)
        anomalies = {row.row_index: row for row in list_anomalies(session, detection_id).items}
    assert detection.status is Status.SUCCESS
    assert "--threshold contamination:0.02" in rerun_detection(detection)
    assert (anomalies[7].row_key, anomalies[8].row_key) == ("7.0", None)  # a column of floats
    assert anomalies[7].values == {"temperature": "Infinity", "x": -500}
    explain(str(detection_id), rows=[7, 9])
    with session_scope(open_engine(), writes=False) as session:
        by_row = {one.row_index: one for one in list_explanations(session, detection_id).items}
    assert (by_row[7].is_anomaly, by_row[9].is_anomaly) == (True, False)
    shares = {one["feature"]: one for one in by_row[7].contributions}
    assert list(shares) == ["temperature", "x"]
    assert (shares["temperature"]["value"], shares["x"]["value"]) == ("Infinity", -500)
    assert shares["x"]["direction"] == "unusually low"
