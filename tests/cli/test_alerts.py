import re

import pytest


@pytest.fixture
def raised(vigil, load, poll) -> list[str]:
    """Ids of the two alerts of a stream, the first one first."""
    poll(load)
    items = vigil("alerts", "list", "--json").json["items"]
    return [alert["id"] for alert in reversed(items)]


def states(vigil) -> list[str]:
    items = vigil("alerts", "list", "--json").json["items"]
    return [alert["state"] for alert in reversed(items)]


def test_alerts_are_listed_with_what_was_odd(vigil, raised):
    listed = vigil("alerts", "list")
    assert "load" in listed.out
    assert "m300" in listed.out
    assert "(expected " in listed.out
    assert "2 alerts" in listed.out
    of_stream = vigil("streams", "alerts", "load", "--json").json
    assert of_stream == vigil("alerts", "list", "--stream", "load", "--json").json


def test_pages_have_true_totals_and_say_how_to_see_more(vigil, raised):
    page = vigil("alerts", "list", "--limit", "1", "--json").json
    assert (page["total"], len(page["items"])) == (2, 1)
    shown = vigil("streams", "alerts", "load", "--limit", "1", "--since", "2026-03-01").out
    assert "more with vigil streams alerts load --since 2026-03-01 --offset 1" in shown


@pytest.mark.parametrize(
    ("words", "total"),
    [
        (("--since", "2026-03-01T05:01"), 1),
        (("--until", "2026-03-01T05:01Z"), 1),
        (("--since", "2026-03-01T06:00+01:00"), 2),
        (("--since", "1h", "--until", "0s"), 0),  # by the times of their rows
        (("--state", "open"), 2),
        (("--state", "resolved"), 0),
        (("--incident", "1"), 2),
        (("--incident", "2"), 0),
    ],
)
def test_alerts_are_filtered_by_time_state_and_incident(vigil, raised, words, total):
    assert vigil("alerts", "list", *words, "--json").json["total"] == total
    assert vigil("streams", "alerts", "load", *words, "--json").json["total"] == total


def test_an_alert_shows_every_column_with_what_was_expected(vigil, raised):
    alert = vigil("alerts", "show", raised[0][:8], "--json").json
    assert (alert["stream_name"], alert["row_key"], alert["sequence"]) == ("load", "m300", 300)
    assert alert["timestamp"] == "2026-03-01T05:00:00Z"
    assert alert["data_point"]["load"] == 95.0
    load, memory = alert["details"]
    assert (load["column"], load["driving"], memory["driving"]) == ("load", True, False)
    assert load["expected_high"] < 95
    shown = vigil("alerts", "show", raised[0][:8]).out
    assert "drove the alert" in shown
    assert re.search("event sent +not yet", shown)


def test_alerts_are_acknowledged_snoozed_and_resolved(vigil, raised):
    first, second = raised
    assert "acknowledged" in vigil("alerts", "ack", first[:8]).out
    snoozed = vigil("alerts", "snooze", second, "--for", "2h", "--json").json["alerts"]
    assert [alert["state"] for alert in snoozed] == ["snoozed"]
    assert states(vigil) == ["acknowledged", "snoozed"]
    assert "snoozed until" in vigil("alerts", "show", second).out
    resolved = vigil("alerts", "resolve", *raised)
    assert resolved.code == 0
    assert len(resolved.out.splitlines()) == 2
    assert states(vigil) == ["resolved", "resolved"]
    again = vigil("alerts", "ack", first)
    assert again.code == 1
    assert "it stays so" in again.err


def test_several_alerts_are_changed_all_or_none(vigil, raised):
    first, second = raised
    vigil("alerts", "resolve", second)
    assert vigil("alerts", "ack", first, second).code == 1
    assert states(vigil) == ["open", "resolved"]


def test_feedback_is_kept_with_the_alert(vigil, raised):
    given = vigil("alerts", "feedback", raised[0], "false", "--note", "deployment", "--json").json
    assert [(a["feedback"], a["note"]) for a in given["alerts"]] == [(False, "deployment")]
    shown = vigil("alerts", "show", raised[0]).out
    assert "open, false alarm" in shown
    assert "deployment" in shown
    assert vigil("alerts", "feedback", raised[0], "maybe").code == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("show", "abcd"), "no alert has the id abcd: `vigil alerts list`"),
        (("ack", "load"), "'load' is no alert"),
        (("snooze", "abcd", "--for", "never"), "--for never: expected a duration"),
        (("snooze", "abcd", "--for", "0"), "expected more than nothing"),
        (("list", "--since", "noon"), "--since noon: expected so long ago, such as 2h"),
        (("list", "--stream", "lod"), "did you mean 'load'?"),
    ],
)
def test_a_wrong_request_says_what_would_be_right(vigil, load, words, expected):
    refused = vigil("alerts", *words)
    assert refused.code == 1
    assert expected in refused.err
