"""Alerts of empty columns, stuck values and silence, as the commands set and list them."""

import json

import pytest

FILE = """\
sources:
  - {{name: cpu, kind: csv, path: cpu.csv, key_columns: [id], cursor_column: at}}
streams:
  - {{name: load, source: cpu, columns: [load], silence: {silence}}}
"""


@pytest.fixture
def edge(vigil, tmp_path, prefect_server) -> list[dict]:
    """Alerts of two streams: a column that stays empty and one odd row, and one that is stuck."""
    changing = [{"load": i % 7 + i / 100, "mem": i % 5} for i in range(100)]
    empty = [row | {"mem": None} for row in changing[:12]]
    feeds = {"edge": [*changing, *empty, {"load": 900}], "flat": [*changing, *changing[-1:] * 60]}
    for name, rows in feeds.items():
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        assert vigil("streams", "create", name, "-a", "rolling_zscore").code == 0
        pushed = vigil("push", name, "--file", str(path))
        assert pushed.code == 0, pushed.err
    return vigil("alerts", "list", "--json").json["items"]


@pytest.mark.parametrize("kind", ["row", "missing", "stuck", "silence"])
def test_alerts_of_one_kind_are_those_that_all_alerts_hold_of_it(vigil, edge, kind):
    listed = vigil("alerts", "list", "--kind", kind, "--json").json["items"]
    assert listed == [alert for alert in edge if alert["kind"] == kind]
    found = {(one["stream_name"], one["column"]) for one in listed}
    # That of mem rests at the edge of its range, as at night.
    expected = {"missing": {("edge", "mem")}, "stuck": {("flat", "load")}, "silence": set()}
    assert found == expected.get(kind, {("edge", None)})
    of_stream = vigil("streams", "alerts", "edge", "--kind", kind, "--json").json["items"]
    assert of_stream == [alert for alert in listed if alert["stream_name"] == "edge"]


def test_an_empty_column_is_listed_in_words_and_without_a_score(vigil, edge):
    [alert] = vigil("alerts", "list", "--kind", "missing", "--json").json["items"]
    assert (alert["first_row"], alert["sequence"], alert["anomaly_score"]) == (100, 109, None)
    assert (alert["incident"], alert["state"]) == (None, "open")
    listed = vigil("alerts", "list", "--kind", "missing").out
    assert "mem" in listed
    assert "1 alert" in listed
    assert "900" not in listed
    assert "missing" in vigil("alerts", "show", alert["id"][:8]).out


def test_a_kind_that_there_is_not_is_refused_with_those_that_there_are(vigil):
    refused = vigil("alerts", "list", "--kind", "gap")
    assert refused.code != 0
    for kind in ("row", "missing", "stuck", "silence"):
        assert f"'{kind}'" in refused.err


@pytest.mark.parametrize(
    ("given", "seconds", "shown"),
    [("10m", 600.0, "silence of 10m"), ("off", 0.0, None), ("auto", None, "silence")],
)
def test_silence_is_a_duration_or_off_or_auto(vigil, cpu, given, seconds, shown):
    created = vigil("streams", "create", "load", "-s", cpu, "--silence", given, "--json")
    assert created.code == 0, created.err
    assert created.json["silence_seconds"] == seconds
    [line] = [
        line for line in vigil("streams", "show", "load").out.splitlines() if "alerts of" in line
    ]
    assert (shown or "") in line
    assert ("silence" in line) == (shown is not None)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("10m", 600.0), ("90", 90.0), ("off", 0.0), ("'off'", 0.0), ("auto", None), ("null", None)],
)
def test_silence_in_a_definition_file_is_the_same(vigil, tmp_path, cpu, given, seconds):
    path = tmp_path / "sources.yaml"
    path.write_text(FILE.format(silence=given))
    applied = vigil("sources", "apply", str(path))
    assert applied.code == 0, applied.err
    assert vigil("streams", "show", "load", "--json").json["silence_seconds"] == seconds
    again = vigil("sources", "apply", str(path), "--json").json
    assert again["streams"]["unchanged"] == ["load"]


@pytest.mark.parametrize("given", ["soon", "on", "-5m", "yes"])
def test_any_other_silence_is_refused_with_what_would_be_right(vigil, tmp_path, cpu, given):
    expected = "`silence`: expected a duration such as 10s, 5m, 1h or 2d, got "
    path = tmp_path / "sources.yaml"
    path.write_text(FILE.format(silence=given))
    for words in (
        ("sources", "apply", str(path)),
        ("streams", "create", "load", "-s", cpu, "--silence", given),
    ):
        refused = vigil(*words)
        assert refused.code == 1
        assert expected in refused.err
        assert "; or off, or auto" in refused.err


@pytest.mark.parametrize("key", ["every", "lag", "cooldown"])
def test_no_duration_of_a_file_is_a_second_for_yes(vigil, tmp_path, cpu, key):
    path = tmp_path / "sources.yaml"
    path.write_text(FILE.format(silence="off").replace("silence: off", f"{key}: yes"))
    refused = vigil("sources", "apply", str(path))
    assert refused.code == 1
    assert f"`{key}`: expected a duration such as 10s" in refused.err
