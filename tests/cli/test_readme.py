"""The README's commands do what it says, in a home that is new."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest

from tests.e2e.stack import ROOT, code_blocks

PAGE = ROOT / "README.md"
MAKE, TABLE, STREAM, API = code_blocks(PAGE, "shell")


@pytest.fixture
def run(vigil, prefect_server, tmp_path, monkeypatch):
    """Run a line of a block where its file of sources and the table that it names are."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    [declared] = code_blocks(PAGE, "yaml")
    (tmp_path / "sources.yaml").write_text(declared)
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 3)), columns=list("abc"))
    frame.loc[270, "a"] = 90.0
    (tmp_path / "data").mkdir()
    frame.to_csv(tmp_path / "data" / "orders.csv", index_label="id")

    def run_line(line):
        program, *words = shlex.split(line)
        assert program == "vigil"
        ran = vigil(*(word.replace("10m", "3s") for word in words))
        assert ran.code == 0, ran.err
        return ran

    return run_line


def test_the_first_source_is_scored_explained_compared_and_in_a_batch(run):
    apply, detect, compare, batch = TABLE.splitlines()
    assert "orders" in run(apply).out
    detected = run(detect)
    assert "of orders are anomalous" in detected.out
    assert "explained 3 rows of orders" in detected.err
    assert "lof n_neighbors=50" in run(compare).out
    assert "orders" in run(batch).out
    latest = run("vigil detections latest orders --json").out
    assert json.loads(latest)["anomalies"][0]["row_key"] == "270"


def test_the_first_stream_raises_an_alert(run):
    run(TABLE.splitlines()[0])
    *lines, alerts = STREAM.splitlines()
    for line in lines:
        run(line)
    assert "orders-live" in run(alerts).out


def test_the_other_blocks_are_run_by_other_tests():
    assert [line.split()[:2] for line in MAKE.splitlines()] == [["make", "demo"], ["make", "test"]]
    assert API.startswith("api=http")
