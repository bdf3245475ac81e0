import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import cli.home
from cli.main import app
from detectors.detection import prepare_table, score_table
from detectors.features import ColumnRoles
from detectors.registry import parse_config
from detectors.threshold import FalseAlarm
from models.queries.lease import Lease, take_lease
from models.queries.runs import create_detections, fail_detection, finish_detection, start_detection
from models.queries.sources import get_source
from models.queries.streams import get_stream
from models.session import session_scope
from tasks.database import open_engine, utc_now
from tasks.detection_request import DetectionRequest
from tasks.detection_result import build_result
from tasks.findings import Findings
from tasks.streams.held_stream import HeldStream
from tasks.streams.polled_stream import PolledStream

N_ROWS, PLANTED = 120, 17


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Vigil = Callable[..., Outcome]


@pytest.fixture
def vigil(vigil_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Call the command in this process, with homes of its own for Vigil and Prefect."""
    monkeypatch.setattr(cli.home, "_options", [])

    def call(*arguments: str) -> Outcome:
        result = CliRunner().invoke(app, arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    with patch.dict(os.environ, {"PREFECT_HOME": str(tmp_path / "prefect")}):
        yield call


@pytest.fixture
def orders_file(tmp_path: Path) -> Path:
    """A table of 120 rows; row 17 is far out in ``amount``."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": [f"order-{i}" for i in range(N_ROWS)],
            "amount": random.normal(50, 5, N_ROWS),
            "items": random.integers(1, 6, N_ROWS),
            "city": "Köln",
        }
    )
    frame.loc[PLANTED, "amount"] = 500.0
    path = tmp_path / "orders.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def shops(vigil: Vigil, tmp_path: Path) -> Path:
    """The folder of two good sources with one planted row each, and of one whose file is gone."""
    random = np.random.default_rng(0)
    for name in ("berlin", "munich", "gone"):
        path = tmp_path / f"{name}.csv"
        if name != "gone":
            frame = pd.DataFrame(random.normal(size=(200, 3)), columns=list("abc"))
            frame.loc[7] = 50.0
            frame.to_csv(path, index=False)
        setting = f"path={path}"
        added = vigil("sources", "add", name, "--kind", "csv", "--set", setting, "-t", "shop")
        assert added.code == 0, added.err
    return tmp_path


@pytest.fixture
def orders(vigil: Vigil, orders_file: Path) -> str:
    """Name of the registered source of that table."""
    setting = f"path={orders_file}"
    added = vigil("sources", "add", "orders", "--kind", "csv", "--set", setting, "-k", "id")
    assert added.code == 0, added.err
    return "orders"


@pytest.fixture
def detect_orders(orders: str, orders_file: Path) -> Callable[..., UUID]:
    """Store a real detection of that source, without Prefect; return its id."""

    def detect(algorithm: str = "statistical", rate: float = 0.01) -> UUID:
        frame = pd.read_csv(orders_file)
        request = DetectionRequest(
            detector=parse_config(algorithm),
            threshold=FalseAlarm(rate=rate),
            columns=None,
            sample_size=None,
            missing="impute",
            seed=0,
        )
        table = prepare_table(frame, ColumnRoles(keys=("id",)))
        scored = score_table(table, request.detector, request.threshold)
        with session_scope(open_engine()) as session:
            source = get_source(session, orders)
            [detection] = create_detections(session, [request.stored(source.id, None)], utc_now())
            start_detection(session, detection.id, utc_now())
            findings = Findings.of_table(frame, table, scored)
            result = build_result(findings, source, detection, None)
            finish_detection(session, detection.id, result, utc_now())
            return detection.id

    return detect


@pytest.fixture
def failed_detection(orders: str) -> UUID:
    """Store a detection of that source that ended in an error; return its id."""
    request = DetectionRequest(
        detector=parse_config("knn"),
        threshold=FalseAlarm(),
        columns=None,
        sample_size=None,
        missing="impute",
        seed=0,
    )
    with session_scope(open_engine()) as session:
        source = get_source(session, orders)
        [detection] = create_detections(session, [request.stored(source.id, None)], utc_now())
        fail_detection(session, detection.id, "SourceError", "the file is gone", utc_now())
        return detection.id


@pytest.fixture
def cpu(vigil: Vigil, tmp_path: Path) -> str:
    """Name of a source of 400 rows with times; ``load`` is far out in rows 300 and 301."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(400)],
            "at": pd.date_range("2026-03-01", periods=400, freq="min", tz="UTC").astype(str),
            "load": random.normal(40, 2, 400),
            "memory": random.normal(7, 0.1, 400),
        }
    )
    frame.loc[[300, 301], "load"] = [95.0, 97.0]
    frame.to_csv(tmp_path / "cpu.csv", index=False)
    setting = f"path={tmp_path / 'cpu.csv'}"
    words = ("--kind", "csv", "--set", setting, "-k", "id", "--cursor-column", "at")
    added = vigil("sources", "add", "cpu", *words)
    assert added.code == 0, added.err
    return "cpu"


@pytest.fixture
def load(vigil: Vigil, cpu: str) -> str:
    """Name of a stream over that source, which has polled nothing yet."""
    words = ("--source", cpu, "-a", "rolling_zscore", "--column", "load", "--column", "memory")
    options = ("--threshold", "8", "--resolve-after", "500")
    created = vigil("streams", "create", "load", *words, *options)
    assert created.code == 0, created.err
    return "load"


@pytest.fixture
def poll() -> Callable[[str], Lease]:
    """Poll a stream to the end of its source, without Prefect; it stays held."""

    def poll_to_the_end(name: str) -> Lease:
        now = utc_now()
        with session_scope(open_engine()) as session:
            lease = Lease(get_stream(session, name).id, uuid4())
            take_lease(session, lease, now, now + timedelta(minutes=1), uuid4())
        polled = PolledStream(HeldStream(lease))
        while polled.tick(now + timedelta(seconds=10)).more:
            pass
        polled.close()
        return lease

    return poll_to_the_end
