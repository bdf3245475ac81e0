import os
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from cli.demo_tables import DEMO_TABLES
from detectors.registry import algorithms, parse_config
from flows.compare import compare
from models.queries.comparisons import (
    get_comparison,
    list_agreement_records,
    list_comparison_results,
)
from models.queries.findings import list_anomalies
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.tables.source import SourceDefinition
from tasks.database import open_engine, utc_now

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

MOST = 12


@pytest.fixture
def table(tmp_path) -> Path:
    """A labelled table: cardio where the folder of shared data is named, else one of the demo's."""
    shared = os.environ.get("VIGIL_SHARED_DATA")
    return Path(shared) / "tabular" / "cardio.csv" if shared else DEMO_TABLES[0].write(tmp_path)


@pytest.mark.parametrize("part", [slice(0, MOST), slice(-MOST, None)])
def test_a_comparison_of_all_detectors_is_right_when_recomputed_from_the_labels(table, part):
    names = [info.name for info in algorithms()][part]
    definition = SourceDefinition(
        "table", "csv", {"path": str(table)}, key_columns=["id"], label_column="is_outlier"
    )
    with session_scope(open_engine()) as session:
        add_source(session, definition, utc_now())
    comparison_id = compare("table", [parse_config(name) for name in names])
    with session_scope(open_engine(), writes=False) as session:
        comparison = get_comparison(session, comparison_id)
        detections = list_comparison_results(session, comparison)
        flagged = {
            detection.label: {
                anomaly.row_index
                for anomaly in list_anomalies(session, detection.id, limit=10_000).items
            }
            for detection in detections
        }
        records = list_agreement_records(session, comparison_id, limit=10_000).items

    truth = pd.read_csv(table)["is_outlier"]
    assert comparison.status is Status.SUCCESS
    assert list(flagged) == names
    counts = {
        row: sum(row in rows for rows in flagged.values()) for row in set.union(*flagged.values())
    }
    levels = {"all": 0, "majority": 0, "some": 0, "one": 0}
    for count in counts.values():
        levels[_level(count, len(names))] += 1
    assert comparison.flagged_rows == len(counts) == sum(levels.values())
    assert levels == {
        "all": comparison.flagged_by_all,
        "majority": comparison.flagged_by_majority,
        "some": comparison.flagged_by_some,
        "one": comparison.flagged_by_one,
    }
    assert {record.row_index: record.count for record in records} == counts
    for record in records:
        assert record.level == _level(counts[record.row_index], len(names))
        assert record.label == bool(truth[record.row_index])
    assert [record.count for record in records] == sorted(counts.values(), reverse=True)
    stored = {(pair["first"], pair["second"]): pair for pair in comparison.pairs}
    assert set(stored) == set(combinations(names, 2))
    for (first, second), pair in stored.items():
        assert pair["both"] == len(flagged[first] & flagged[second])
        assert pair["either"] == len(flagged[first] | flagged[second])
    for level, grade in comparison.level_grades.items():
        rows = [row for row, count in counts.items() if _level(count, len(names)) == level]
        assert grade["found"] == truth[rows].sum()
        assert grade["graded"] == len(rows)
    for detection in detections:
        rows = sorted(flagged[detection.label])
        assert detection.anomaly_count == len(rows)
        assert detection.recall == pytest.approx(truth[rows].sum() / truth.sum())
        if rows:
            assert detection.precision == pytest.approx(truth[rows].mean())


def _level(count: int, of: int) -> str:
    if count == of:
        return "all"
    if count == 1:
        return "one"
    return "majority" if count > of / 2 else "some"
