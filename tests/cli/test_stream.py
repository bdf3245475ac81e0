"""The flows of streams, run by the commands that bear their names."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import pandas as pd
import pytest
import typer.main
from prefect.settings import get_current_settings

from cli.choices import read_online_detector
from cli.durations import read_seconds
from cli.main import app
from models.session import session_scope
from tasks.database import open_engine, utc_now
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server")


def test_a_stream_is_polled_for_a_while_and_its_alerts_are_shown(vigil, load):
    ran = vigil("stream", load, "--for", "3s", "--json")
    assert ran.code == 0, ran.err
    [stream] = ran.json["streams"]
    assert (stream["name"], stream["points"], stream["alerts"]) == ("load", 400, 2)
    assert (stream["status"], stream["behind"], ran.json["interrupted"]) == ("running", 0, False)
    said = ran.err.splitlines()
    assert said[0].startswith("starting Prefect")
    assert any("m300, incident 1, score" in line for line in said)
    assert "1 stream: 400 rows, 2 alerts; time is up" in said
    assert not vigil("streams", "show", load, "--json").json["held"]
    again = vigil("stream", "--for", "1s")  # counts what is new
    assert "load    running       0        0       0" in again.out


def test_a_run_without_a_free_stream_says_so(vigil, load):
    vigil("streams", "pause", load)
    ran = vigil("stream", "--for", "1s")
    assert (ran.code, "No stream is free to be polled" in ran.out) == (0, True)


def test_a_stream_that_is_given_up_ends_the_command_with_its_error(vigil, load, tmp_path):
    vigil("streams", "create", "gone", "--source", "cpu", "--max-failures", "1")
    (tmp_path / "cpu.csv").unlink()
    ran = vigil("stream", "gone", "--for", "5s")
    assert ran.code == 1
    assert "gone    error" in ran.out
    shown = vigil("streams", "show", "gone").out
    assert "given up after 1 failure in a row; go on with vigil streams resume gone" in shown
    assert str(tmp_path / "cpu.csv") in shown


def test_ctrl_c_lets_the_streams_go_and_the_next_run_goes_on(vigil, load, tmp_path):
    settings = get_current_settings()
    environment = os.environ | {"PREFECT_API_URL": str(settings.api.url), "PYTHONUNBUFFERED": "1"}
    code = "from cli.main import app; app(prog_name='vigil')"
    command = [sys.executable, "-c", code, "stream", "--for", "10m"]
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(command, env=environment, stderr=said, stdout=said)
        try:
            wait_for(lambda: vigil("streams", "show", load, "--json").json["total_points"] == 400)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=300) == 130
        finally:
            process.kill()
            process.wait()
    assert "letting the streams go" in (tmp_path / "said").read_text()
    shown = vigil("streams", "show", load, "--json").json
    assert (shown["status"], shown["held"], shown["total_alerts"]) == ("running", False, 2)


def test_points_are_pushed_once_however_often_they_are_handed_over(vigil, tmp_path):
    vigil("streams", "create", "edge", "-a", "rolling_zscore", "--threshold", "8")
    lines = [
        {"key": f"p{i}", "timestamp": f"2026-03-01T00:{i // 60:02}:{i % 60:02}Z", "cpu": i % 5}
        for i in range(1100)
    ]
    lines[1050]["cpu"] = 900
    file = tmp_path / "points.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    pushed = vigil("push", "edge", "--file", str(file), "--json")
    assert pushed.code == 0, pushed.err
    assert (pushed.json["scored_points"], pushed.json["known_points"]) == (1100, 0)
    assert [alert["row_key"] for alert in pushed.json["alerts"]] == ["p1050"]
    file.write_text("\n".join(map(json.dumps, lines[1000:])))
    again = vigil("push", "edge", "--file", str(file))
    assert again.out.startswith("edge: 0 points scored, 100 known before, 1 alert")
    assert "p1050" in again.out
    one = vigil("push", "edge", "--value", "cpu=1e6", "--key", "last", "--json").json
    assert (one["scored_points"], one["alerts"][0]["data_point"]) == (1, {"cpu": 1e6})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("edgy", "--value", "cpu=1"), "did you mean 'edge'?"),
        (("edge",), "expected either --value COLUMN=NUMBER, for one point, or --file FILE"),
        (("edge", "--value", "cpu"), "--value cpu: expected column=number"),
        (("edge", "--value", "cpu=1", "--value", "cpu=2"), "cpu is given twice"),
        (("edge", "--file", "no.jsonl"), "no.jsonl: cannot be read"),
        (("edge", "--file", "FILE"), "line 2: not JSON"),
        (("edge", "--file", "FILE", "--key", "a"), "points of a file bring their own"),
    ],
)
def test_points_that_cannot_be_read_are_refused_before_prefect_is_started(
    vigil, tmp_path, words, expected
):
    file = tmp_path / "points.jsonl"
    file.write_text('{"cpu": 1}\n{"cpu": 1')
    vigil("streams", "create", "edge")
    refused = vigil("push", *(str(file) if word == "FILE" else word for word in words))
    assert refused.code == 1
    assert expected in refused.err
    assert "Prefect" not in refused.err


def test_a_point_of_another_shape_is_named_by_its_line(vigil, tmp_path):
    file = tmp_path / "points.jsonl"
    file.write_text('{"cpu": 1}\n\n{"cpu": "high"}\n')
    vigil("streams", "create", "edge")
    refused = vigil("push", "edge", "--file", str(file))
    assert refused.code == 1
    assert "line 3: `values.cpu`: expected a valid number" in refused.err


def test_a_backtest_says_what_would_have_been_raised_and_keeps_nothing(vigil, cpu):
    words = ("-a", "rolling_zscore", "--column", "load", "--threshold", "8")
    tested = vigil("backtest", cpu, *words, "--json")
    assert tested.code == 0, tested.err
    result = tested.json
    assert (result["total_points"], result["columns"]) == (400, ["load"])
    assert (result["chosen"]["threshold"], result["chosen"]["alerts"]) == (8.0, 2)
    assert [alert["row_key"] for alert in result["alerts"]] == ["m300", "m301"]
    assert result["chosen"] in result["thresholds"]
    assert result["chosen"]["grade"] is None
    assert vigil("alerts", "list", "--json").json["total"] == 0
    told = vigil("backtest", cpu, *words).out
    assert "rolling_zscore would have raised 2 alerts in 1 incident over 400 rows of cpu" in told
    assert "vigil streams create NAME --source cpu" in told


def test_a_backtest_with_labels_says_how_much_of_what_is_known_is_found(vigil, cpu, tmp_path):
    rows = pd.read_csv(tmp_path / "cpu.csv").assign(odd=0)
    rows.loc[[100, 300, 301], "odd"] = 1
    rows.to_csv(tmp_path / "known.csv", index=False)
    path = f"path={tmp_path / 'known.csv'}"
    vigil("sources", "add", "known", "--kind", "csv", "--set", path, "--label-column", "odd")
    words = ("-a", "rolling_zscore", "--column", "load", "--threshold", "8")
    grade = vigil("backtest", "known", *words, "--json").json["chosen"]["grade"]
    assert (grade["events"], grade["found_events"], grade["right_alerts"]) == (2, 1, 2)
    assert (grade["precision"], grade["recall"]) == (1.0, 0.5)
    told = vigil("backtest", "known", *words).out
    assert "finds 1 of 2 known events, 100 % of the alerts are right" in told


def test_without_options_the_parameters_are_those_of_the_flows():
    from flows.backtest import backtest
    from flows.stream import stream

    commands = typer.main.get_command(app).commands

    def defaults(flow):
        return {name: each.get("default") for name, each in flow.parameters.properties.items()}

    given, flow = commands["backtest"].make_context("backtest", ["cpu"]).params, defaults(backtest)
    shared = ("threshold", "time_column", "learn_anomalies", "backfill", "min_consecutive")
    for name in (*shared, "resolve_after", "seed"):
        assert given[name] == flow[name], name
    assert read_seconds(given["cooldown"]) == flow["cooldown_seconds"]
    assert read_online_detector(given["algorithm"], ()).model_dump() == flow["detector"]
    given, flow = commands["stream"].make_context("stream", []).params, defaults(stream)
    assert read_seconds(given["duration"]) == flow["run_for"]
    assert given["max_streams"] == flow["max_streams"]


def test_without_options_a_stream_is_as_its_file_has_it():
    from cli.stream_definition import StreamDefinition

    create = typer.main.get_command(app).commands["streams"].commands["create"]
    given = create.make_context("create", ["load"]).params
    for name, field in StreamDefinition.model_fields.items():
        if name in given and given[name] is not None and name not in ("name", "cooldown"):
            assert given[name] == field.default, name


def test_a_stream_that_was_named_and_cannot_be_run_is_named_with_the_reason(vigil, cpu):
    assert vigil("streams", "create", "load", "--source", "cpu", "--column", "load").code == 0
    assert vigil("streams", "pause", "load").code == 0
    paused = vigil("stream", "load", "--for", "1s")
    assert paused.code == 1
    assert "load was not run: it is paused; go on with vigil streams resume load" in paused.out
    assert vigil("streams", "create", "edge").code == 0
    pushed = vigil("stream", "edge", "--for", "1s")
    assert pushed.code == 1
    assert "edge was not run: it has no source to poll" in pushed.out


def test_a_stream_held_by_a_run_that_died_is_waited_for(vigil, cpu, prefect_server, monkeypatch):

    from models.queries.lease import take_leases

    assert vigil("streams", "create", "load", "--source", "cpu", "--column", "load").code == 0
    with session_scope(open_engine()) as session:
        now = utc_now()
        take_leases(session, uuid4(), now, now + timedelta(seconds=3), 1)
    ran = vigil("stream", "load", "--for", "1s")
    assert ran.code == 0, ran.err
    assert "waiting for load: held by another flow run until" in ran.err
    assert "load    running" in ran.out


def test_a_column_that_the_source_does_not_have_is_refused_before_the_stream_is_kept(vigil, cpu):
    wrong = vigil("streams", "create", "load", "--source", "cpu", "--column", "laod")
    assert wrong.code == 1
    assert "source cpu has no column 'laod': did you mean `load`?" in wrong.err
    timed = vigil("streams", "create", "load", "--source", "cpu", "--time-column", "whn")
    assert timed.code == 1
    assert "has no column 'whn'" in timed.err
    unchecked = ("streams", "create", "load", "--source", "cpu", "--column", "laod", "--no-check")
    assert vigil(*unchecked).code == 0


def test_a_source_that_cannot_be_read_now_is_said_and_stops_no_stream(vigil, cpu, tmp_path):
    vigil("sources", "add", "later", "--kind", "csv", "--set", f"path={tmp_path}/later.csv")
    made = vigil("streams", "create", "later", "--source", "later", "--column", "load")
    assert made.code == 0, made.err
    assert (
        "the columns of stream later are not checked: source later cannot be read now" in made.err
    )
