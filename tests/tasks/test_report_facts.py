import json
import shlex
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import typer.main
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.choices import read_detector, read_threshold
from cli.main import app
from detectors.batch.dbscan import DbscanConfig
from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.lof import LofConfig
from detectors.registry import algorithms, parse_config
from detectors.threshold import Contamination, FalseAlarm, Fixed
from models.tables.anomaly import Anomaly
from models.tables.detection import Detection
from models.tables.source import Source
from tasks.command_lines import rerun_detection
from tasks.detection_request import DetectionRequest
from tasks.report_facts import detection_report, error_report

NOW = datetime(2024, 1, 31, 3, 0, tzinfo=UTC)


def request(**changes):
    defaults = {
        "detector": IsolationForestConfig(),
        "threshold": FalseAlarm(),
        "columns": None,
        "sample_size": None,
        "missing": "impute",
        "seed": 0,
    }
    return DetectionRequest(**defaults | changes)


def detection(request, **known):
    stored = vars(request.stored(uuid4(), None))
    return Detection(source_name="orders", created_at=NOW, started_at=NOW, **stored, **known)


def parse(command):
    """Read a command line as the program does."""
    program, name, *words = shlex.split(command)
    assert (program, name) == ("vigil", "detect")
    group = typer.main.get_command(app)
    options = group.commands[name].make_context(name, words).params
    return options["source"], DetectionRequest(
        detector=read_detector(options["algorithm"], options["settings"] or ()),
        threshold=read_threshold(options["threshold"]),
        columns=options["column"] or None,
        sample_size=options["sample_size"],
        missing=options["missing"],
        seed=options["seed"],
    )


@pytest.mark.parametrize("algorithm", [info.name for info in algorithms()])
def test_the_command_to_run_again_asks_for_the_same(algorithm):
    asked = request(detector=parse_config(algorithm))
    assert parse(rerun_detection(detection(asked))) == ("orders", asked)


@pytest.mark.parametrize(
    "changes",
    [
        {"detector": LofConfig(n_neighbors=7)},
        {"detector": DbscanConfig(eps=1e-05)},
        {"detector": IsolationForestConfig(n_estimators=50, max_samples=32)},
        {"threshold": FalseAlarm(rate=0.0005)},
        {"threshold": Contamination(share=1 / 3)},
        {"threshold": Fixed(score=-1.25e-7)},
        {"columns": ("plain", "two words", "quote'd", "--dash", "größe")},
        {"sample_size": 500, "seed": 2**32 - 1},
        {"missing": "drop_rows"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_differs_from_the_defaults_is_in_the_command(changes):
    asked = request(**changes)
    assert parse(rerun_detection(detection(asked))) == ("orders", asked)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_fixed_score_comes_back_to_the_last_digit(score):
    asked = request(threshold=Fixed(score=score))
    assert parse(rerun_detection(detection(asked)))[1] == asked


def test_a_database_that_sorts_keys_changes_nothing():
    asked = request(detector=LofConfig(n_neighbors=7), threshold=Contamination(share=0.2))
    kept = detection(asked)
    kept.threshold_policy = dict(reversed(kept.threshold_policy.items()))
    kept.detector = dict(reversed(kept.detector.items()))
    assert parse(rerun_detection(kept)) == ("orders", asked)


def finished(source, anomaly):
    return detection_report(
        detection(
            request(),
            total_rows=2,
            scored_rows=2,
            anomaly_count=1,
            duration_ms=5,
            threshold=0.5,
            score_histogram={"edges": [0, 1], "counts": [2]},
            fingerprint="ab",
        ),
        source,
        [anomaly],
        [],
    )


def anomaly(row_key):
    return Anomaly(
        row_index=1, row_key=row_key, score=0.9, rank=1, p_value=0.1, values={}, standouts={}
    )


@pytest.mark.parametrize(
    ("columns", "row_key", "shown"),
    [
        ([], None, {}),
        (["id"], "17", {"id": "17"}),
        (["id"], None, {}),
        (["shop", "id"], json.dumps(["a", "17"]), {"shop": "a", "id": "17"}),
        (["shop", "id"], json.dumps([None, "17"]), {"shop": "", "id": "17"}),
    ],
)
def test_a_row_is_shown_by_its_key(columns, row_key, shown):
    source = Source(
        name="orders", kind="csv", config={}, key_columns=columns, created_at=NOW, updated_at=NOW
    )
    [facts] = finished(source, anomaly(row_key)).anomalies
    assert facts.key == shown


def test_a_failure_is_reported_in_its_own_words_with_what_to_do():
    failed = detection(request(), error_type="SourceError", error_message="gone.csv: no such file")
    report = error_report(failed)
    assert (report.error_type, report.message) == ("SourceError", "gone.csv: no such file")
    assert report.check == "vigil sources check orders"
    assert parse(report.commands.rerun)[0] == "orders"
