import json
from threading import Timer

import pytest


def test_a_stream_is_created_listed_shown_and_deleted(vigil, cpu):
    created = vigil("streams", "create", "load", "--source", cpu)
    assert created.code == 0, created.err
    assert "vigil stream load" in created.out
    listed = vigil("streams", "list")
    assert "load  cpu     value_gap  created" in listed.out
    assert "1 stream" in listed.out
    shown = vigil("streams", "show", "load").out
    assert shown.startswith("load: created, but nobody polls it: start vigil stream")
    assert "no row yet" in shown
    deleted = vigil("streams", "delete", "load", "--yes")
    assert deleted.code == 0
    assert "No such stream yet" in vigil("streams", "list").out
    assert "cpu" in vigil("sources", "list").out


def test_every_option_reaches_the_stream(vigil, cpu):
    words = (
        *("-s", cpu, "-a", "ema", "--set", "alpha=0.2", "--column", "load", "--threshold", "6"),
        *("--every", "5m", "--time-column", "at", "--backfill", "100", "--lag", "0"),
        *("--min-consecutive", "2", "--cooldown", "10m", "--resolve-after", "50"),
        *("--no-learn-anomalies", "--notify", "slack-webhook/ops", "-t", "shop", "-t", "eu"),
        *("--page-limit", "500", "--keep-points", "20", "--max-failures", "3", "--seed", "7"),
    )
    created = vigil("streams", "create", "load", *words, "--json")
    assert created.code == 0, created.err
    stream = created.json
    assert stream == vigil("streams", "show", stream["id"][:8], "--json").json
    assert (stream["source_name"], stream["algorithm"]) == ("cpu", "ewma")
    assert stream["config"]["alpha"] == 0.2
    assert (stream["columns"], stream["threshold"]) == (["load"], 6.0)
    assert (stream["every_seconds"], stream["lag"], stream["cooldown_seconds"]) == (300, 0, 600)
    assert (stream["time_column"], stream["backfill"], stream["seed"]) == ("at", 100, 7)
    assert (stream["min_consecutive"], stream["resolve_after"]) == (2, 50)
    assert (stream["learn_anomalies"], stream["notify"]) == (False, "slack-webhook/ops")
    assert (stream["page_limit"], stream["keep_points"], stream["max_failures"]) == (500, 20, 3)
    assert stream["tags"] == ["shop", "eu"]
    assert [each["name"] for each in vigil("streams", "list", "-t", "eu", "--json").json["items"]]
    assert vigil("streams", "list", "-t", "us", "--json").json["total"] == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("Big Load",), "`name`: expected lowercase letters, digits and single dashes, e.g. big-l"),
        (("load", "-s", "cpi"), "did you mean 'cpu'?"),
        (("load", "-a", "valuegap"), "did you mean 'value_gap'?"),
        (("load", "--set", "wndow=3"), "did you mean 'window'?"),
        (("load", "--window", "3"), "window must be a whole number from 10"),
        (("load", "--window", "30", "--set", "window=40"), "window is given twice"),
        (("load", "--every", "5s"), "`every` is of polling, and there is no `source`"),
        (("load", "-s", "cpu", "--every", "soon"), "`every`: expected a duration such as 10s"),
        (("load", "-s", "cpu", "--cooldown", "-5m"), "`cooldown`: expected a duration"),
        (("load", "--notify", "ops"), "`notify`: String should match"),
        (("load", "-s", "cpu", "--column", "lod"), "has no column 'lod': did you mean `load`?"),
        (("load", "-s", "cpu", "--column", "id"), "streams watch numbers"),
        (("load", "-s", "cpu", "--time-column", "att"), "has no column 'att': did you mean `at`?"),
        (("load", "-s", "cpu", "--time-column", "id"), "column 'id' holds no times"),
        (("load", "-s", "fixed"), "source fixed cannot be polled"),
        (("load", "-s", "cpu", "--lag", "1h"), "waits for late rows, which only SQL sources give"),
    ],
)
def test_a_wrong_stream_is_refused_with_what_would_be_right(vigil, cpu, words, expected):
    vigil("sources", "add", "fixed", "--kind", "json", "--set", "path=a.json")
    refused = vigil("streams", "create", *words)
    assert refused.code == 1
    assert expected in refused.err
    assert vigil("streams", "list", "--json").json["total"] == 0


def test_a_name_is_taken_once(vigil, load):
    refused = vigil("streams", "create", "load")
    assert refused.code == 1
    assert "vigil streams delete load" in refused.err


def test_a_stream_that_has_polled_shows_points_alerts_statistics_and_lag(vigil, load, poll):
    poll(load)
    stream = vigil("streams", "show", load, "--json").json
    assert (stream["status"], stream["held"], stream["warming_up"]) == ("running", True, False)
    assert (stream["total_points"], stream["scored_points"]) == (400, 400)
    assert (stream["total_alerts"], stream["total_incidents"]) == (2, 1)
    assert (stream["unresolved_alerts"], stream["alerts_by_state"]["open"]) == (2, 2)
    assert stream["alert_rate"] == 2 / 400
    assert stream["buffer_utilization"] == 0.4
    assert (stream["behind"], stream["behind_unit"]) == (0, "bytes")
    column, other = stream["statistics"]
    assert (column["column"], column["count"], column["anomaly_count"]) == ("load", 400, 2)
    assert (column["max"], other["column"], other["anomaly_count"]) == (97.0, "memory", 0)
    assert column["anomaly_rate"] == 2 / 400
    assert [alert["row_key"] for alert in stream["recent_alerts"]] == ["m301", "m300"]
    shown = vigil("streams", "show", load).out
    assert shown.startswith("load: running, worked on by flow run ")
    assert "400; 400 kept (40 % of the buffer)" in shown
    assert "2 in 1 incident, 0.5 % of rows: 2 open" in shown
    assert "none, at the end of the source" in shown
    assert "load 97 (expected " in shown


def test_what_is_left_of_the_warm_up_is_shown(vigil, cpu, poll):
    vigil("streams", "create", "slow", "-s", cpu, "--backfill", "1000")
    poll("slow")
    assert "warming up, no alerts for 600 more rows" in vigil("streams", "show", "slow").out
    shown = vigil("streams", "show", "slow", "--json").json
    assert (shown["warming_up"], shown["warm_up_left"]) == (True, 600)
    assert "warming up" in vigil("streams", "list").out


def test_recent_rows_are_paged_with_their_scores(vigil, load, poll):
    poll(load)
    page = vigil("streams", "data", load, "--limit", "3", "--json").json
    assert (page["total"], [row["sequence"] for row in page["items"]]) == (400, [399, 398, 397])
    odd = vigil("streams", "data", load, "--anomalies", "--json").json
    assert (odd["total"], odd["items"][0]["row_key"]) == (2, "m301")
    assert odd["items"][0]["data"]["load"] == 97.0
    assert odd["items"][0]["anomaly_score"] > 8
    shown = vigil("streams", "data", load, "--anomalies").out
    assert "anomaly" in shown
    assert "2 rows" in shown


def test_a_stream_is_paused_resumed_and_stopped(vigil, load, poll):
    poll(load)
    paused = vigil("streams", "pause", load)
    assert "load is paused. The flow run that works on it lets it go within seconds." in paused.out
    refused = vigil("streams", "pause", load)
    assert refused.code == 1
    assert "is paused, expected created or running" in refused.err
    assert "about to be let go" in vigil("streams", "show", load).out
    assert vigil("streams", "resume", load, "--json").json["status"] == "running"
    stopped = vigil("streams", "stop", load, "--json").json
    assert (stopped["status"], stopped["held"]) == ("stopped", True)
    assert vigil("streams", "list", "--status", "stopped", "--json").json["total"] == 1


@pytest.mark.parametrize("command", ["reset", "delete"])
def test_what_loses_something_says_what_and_asks(vigil, load, poll, command):
    poll(load)
    asked = vigil("streams", command, load)
    assert asked.code == 1
    assert "what it learnt from 400 rows, and 2 alerts?" in asked.err
    assert "pass --yes" in asked.err
    assert vigil("streams", "show", load, "--json").json["total_points"] == 400
    lost = vigil("streams", command, load, "--yes", "--json").json
    assert (lost["name"], lost["point_count"], lost["alert_count"]) == ("load", 400, 2)


def test_a_stream_that_was_reset_begins_anew(vigil, load, poll):
    poll(load)
    assert "It begins at the first row of its source" in vigil("streams", "reset", load, "-y").out
    assert vigil("streams", "show", load, "--json").json["status"] == "created"
    poll(load)
    again = vigil("streams", "show", load, "--json").json
    assert (again["total_points"], again["total_alerts"]) == (400, 2)


@pytest.mark.parametrize("command", ["show", "alerts", "data", "pause", "resume", "stop", "watch"])
def test_an_unknown_stream_is_answered_with_similar_names(vigil, load, command):
    unknown = vigil("streams", command, "lead")
    assert unknown.code == 1
    assert "no stream is named 'lead': did you mean 'load'?" in unknown.err


def test_removing_a_source_says_that_its_streams_go_too(vigil, load, poll):
    poll(load)
    asked = vigil("sources", "remove", "cpu")
    assert "1 stream with 2 alerts" in asked.err
    removed = vigil("sources", "remove", "cpu", "--yes", "--json").json
    assert (removed["stream_count"], removed["alert_count"]) == (1, 2)
    assert vigil("streams", "list", "--json").json["total"] == 0


def test_watching_through_a_pipe_prints_a_line_an_alert_as_it_is_raised(vigil, load, poll):
    raising = Timer(0.2, poll, [load])
    raising.start()
    watched = vigil("streams", "watch", load, "--for", "2s")
    raising.join()
    first, second = watched.out.splitlines()
    assert first.startswith("2026-03-01 05:00:00  load  ")
    assert "m301, incident 1, score " in second
    assert "load 97 (expected " in second


def test_watching_gives_json_lines(vigil, load, poll):
    poll(load)  # what was raised before is not shown
    vigil("streams", "reset", load, "--yes")
    raising = Timer(0.2, poll, [load])
    raising.start()
    watched = vigil("streams", "watch", "--for", "2s", "--json")
    raising.join()
    alerts = [json.loads(line) for line in watched.out.splitlines()]
    assert [alert["row_key"] for alert in alerts] == ["m300", "m301"]
