from datetime import timedelta

import pytest

from models.queries.batch_life import cancel_batch, finish_batch, start_batch
from models.queries.batches import create_batch, get_batch
from models.queries.runs import (
    create_detections,
    fail_detection,
    finish_detection,
    start_detection,
)
from models.queries.sources import get_source
from models.session import session_scope
from models.status import Status
from tasks.database import open_engine, utc_now
from tests.models.examples import batch_request, request_for, result

LONG_AGO = timedelta(days=2)


@pytest.fixture
def store_batch(vigil, shops):
    """Store a batch over the three shops, worked on so far as is said; return its id."""

    def store(**outcomes):
        policy = {"method": "false_alarm", "rate": 0.01}
        at = utc_now() - outcomes.pop("age", timedelta())
        request = batch_request(name=outcomes.pop("name", None), threshold_policy=policy)
        with session_scope(open_engine()) as session:
            sources = [get_source(session, name) for name in ("berlin", "gone", "munich")]
            requests = [request_for(source, threshold_policy=policy) for source in sources]
            batch, detections = create_batch(session, request, requests, at)
            start_batch(session, batch.id, at)
            for detection in detections:
                outcome = outcomes.get(detection.source_name)
                if outcome == "pending":
                    continue
                start_detection(session, detection.id, at)
                if isinstance(outcome, int):
                    found = result(outcome, scored_rows=100, total_rows=110)
                    finish_detection(session, detection.id, found, at)
                elif outcome == "error":
                    fail_detection(session, detection.id, "SourceError", "it is gone", at)
            if not {"pending", "running"} & set(outcomes.values()):
                finish_batch(session, batch.id, at)
            return str(batch.id)

    return store


@pytest.fixture
def partial(store_batch):
    return store_batch(name="nightly", berlin=1, gone="error", munich=4)


@pytest.fixture
def running(store_batch):
    return store_batch(berlin=1, gone="running", munich="pending")


@pytest.fixture
def dead(store_batch):
    return store_batch(age=LONG_AGO, berlin=1, gone="running", munich="pending")


def test_batches_are_listed_the_latest_first_with_true_totals(vigil, partial, running):
    page = vigil("batches", "list", "--limit", "1", "--json").json
    assert ([batch["id"] for batch in page["items"]], page["total"]) == ([running], 2)
    assert vigil("batches", "list", "--status", "partial", "--json").json["total"] == 1
    listed = vigil("batches", "list").out
    assert "nightly" in listed
    assert "2 batches" in listed


def test_a_batch_is_shown_with_its_counts_rates_and_results(vigil, partial):
    document = vigil("batches", "show", partial, "--json").json
    assert (document["status"], document["total_sources"]) == ("partial", 3)
    assert (document["completed_sources"], document["failed_sources"]) == (2, 1)
    assert (document["progress_percent"], document["current_source_id"]) == (100.0, None)
    assert (document["total_anomalies"], document["total_rows_analyzed"]) == (5, 220)
    assert document["average_anomaly_rate"] == 5 / 200
    assert document["average_anomaly_rate_unweighted"] == pytest.approx(0.025)
    assert [one["source_name"] for one in document["results"]] == ["gone", "munich", "berlin"]
    failed, strongest, _ = document["results"]
    assert (failed["status"], failed["error_message"]) == ("error", "it is gone")
    assert (strongest["anomaly_count"], strongest["anomaly_rate"]) == (4, 0.04)
    shown = vigil("batches", "show", partial[:8]).out
    assert shown.startswith("nightly: partial, 2 of 3 sources succeeded; 5 of 220 rows are anom")
    assert "2.5 % of all rows (weighted)" in shown
    assert f"vigil batch --resume {partial[:8]}" in shown


def test_results_of_a_batch_are_paged(vigil, partial):
    words = ("--results", "1", "--offset", "1")
    document = vigil("batches", "show", partial, *words, "--json").json
    assert [one["source_name"] for one in document["results"]] == ["munich"]
    paging = [document[f"results_{name}"] for name in ("offset", "limit", "total")]
    assert paging == [1, 1, 3]
    told = vigil("batches", "show", partial, *words).out
    assert f"more with vigil batches show {partial[:8]} --results 1 --offset 2" in told


def test_a_running_batch_names_what_is_worked_on_and_what_can_be_done(vigil, running):
    document = vigil("batches", "show", running, "--json").json
    with session_scope(open_engine(), writes=False) as session:
        gone = str(get_source(session, "gone").id)
    assert (document["current_source_id"], document["current_sources"]) == (gone, ["gone"])
    assert (document["running_sources"], document["pending_sources"]) == (1, 1)
    shown = vigil("batches", "show", running).out
    assert "running, 1 of 3 sources done; now: gone" in shown
    assert f"vigil batches show {running[:8]} --watch" in shown
    assert f"vigil batches cancel {running[:8]}" in shown


def test_results_are_listed_by_name_and_status(vigil, partial):
    page = vigil("batches", "results", partial, "--json").json
    assert [one["source_name"] for one in page["items"]] == ["berlin", "gone", "munich"]
    failed = vigil("batches", "results", partial, "--status", "error", "--json").json
    assert ([one["source_name"] for one in failed["items"]], failed["total"]) == (["gone"], 1)
    words = ("--status", "success", "--limit", "1")
    told = vigil("batches", "results", partial, *words).out
    assert "1 to 1 of 2 sources" in told
    assert f"vigil batches results {partial[:8]} --status success --limit 1 --offset 1" in told


def test_a_batch_that_has_ended_is_not_waited_for(vigil, partial):
    watched = vigil("batches", "show", partial, "--watch")
    assert (watched.code, watched.err) == (0, "")
    assert watched.out == vigil("batches", "show", partial).out


def test_a_dead_batch_is_not_followed_for_ever(vigil, dead):
    watched = vigil("batches", "show", dead, "--watch")
    assert watched.code == 1
    assert "vigil batches repair" in watched.err
    shown = vigil("batches", "show", dead).out
    assert "nobody works on it any more" in shown
    assert "vigil batches repair" in shown


def test_a_live_batch_is_asked_to_cancel(vigil, running):
    asked = vigil("batches", "cancel", running)
    assert asked.code == 0
    assert f"Asked the flow run that works on batch {running[:8]} to cancel it" in asked.out
    assert "Not finished: 2 sources" in asked.out
    document = vigil("batches", "show", running, "--json").json
    assert document["status"] == "running"
    assert document["cancel_requested_at"] is not None


def test_a_dead_batch_is_cancelled_at_once(vigil, dead):
    cancelled = vigil("batches", "cancel", dead, "--json").json
    assert cancelled == {
        "id": dead,
        "status": "cancelled",
        "cancelled_at_once": True,
        "unfinished_sources": 2,
    }
    # So that nobody takes it over.
    assert vigil("batches", "show", dead, "--json").json["cancel_requested_at"] is not None
    again = vigil("batches", "cancel", dead)
    assert again.code == 1
    assert "is cancelled, expected pending or running" in again.err


def test_a_batch_whose_flow_run_hears_nothing_is_cancelled_by_force(vigil, running):
    cancelled = vigil("batches", "cancel", running, "--force", "--json").json
    assert (cancelled["status"], cancelled["cancelled_at_once"]) == ("cancelled", True)


def test_a_batch_of_a_clock_that_was_set_back_is_dead(vigil, store_batch):
    ahead = store_batch(age=-timedelta(days=1), berlin="running")
    assert "nobody works on it any more" in vigil("batches", "show", ahead).out
    [ended] = vigil("repair", "--json").json["ended"]
    assert (ended["id"], ended["status"]) == (ahead, "error")


@pytest.mark.parametrize("command", [("batches", "repair"), ("repair",)], ids=" ".join)
def test_a_dry_run_says_what_repair_would_end_and_ends_nothing(vigil, dead, command):
    would = vigil(*command, "--dry-run", "--json").json
    assert (would["dry_run"], [one["id"] for one in would["ended"]]) == (True, [dead])
    assert vigil("batches", "show", dead, "--json").json["status"] == "running"
    assert "Nothing was ended: this was a dry run." in vigil(*command, "--dry-run").out
    assert vigil(*command, "--json").json["ended"] == would["ended"]
    assert vigil(*command, "--json").json["ended"] == []


def test_force_ends_what_gave_a_sign_of_life(vigil, running):
    assert vigil("repair", "--json").json["ended"] == []
    [ended] = vigil("repair", "--force", "--json").json["ended"]
    assert (ended["kind"], ended["id"], ended["unfinished_detections"]) == ("batch", running, 2)


def test_repair_says_what_it_ended_and_why(vigil, dead, running):
    with session_scope(open_engine()) as session:
        requests = [request_for(get_source(session, "berlin"))]
        [lone] = create_detections(session, requests, utc_now() - LONG_AGO)
    ended = vigil("batches", "repair", "--json").json["ended"]
    assert [(one["kind"], one["id"], one["status"]) for one in ended] == [
        ("batch", dead, "partial"),
        ("detection", str(lone.id), "error"),
    ]
    assert ended[0]["unfinished_detections"] == 2
    assert f"`vigil batch --resume {dead}` runs what is missing" in ended[0]["error_message"]
    assert vigil("batches", "show", running, "--json").json["status"] == "running"
    nothing = vigil("batches", "repair")
    assert (nothing.code, "Nothing to end" in nothing.out) == (0, True)


def test_what_repair_ended_is_told_to_people_too(vigil, dead):
    told = vigil("batches", "repair").out
    assert "nobody has worked on it since" in told
    assert f"batch {dead[:8]}" in told


def test_deleting_says_what_goes_with_it_and_asks(vigil, partial):
    refused = vigil("batches", "delete", partial)
    assert refused.code == 1
    assert "nightly with its 3 detections and 5 anomalies" in refused.err
    deleted = vigil("batches", "delete", partial, "--yes", "--json").json
    assert deleted == {"id": partial, "name": "nightly", "detection_count": 3, "anomaly_count": 5}
    assert vigil("batches", "show", partial).code == 1
    assert vigil("detections", "list", "--json").json["total"] == 0


def test_a_batch_that_is_worked_on_is_not_deleted(vigil, running):
    refused = vigil("batches", "delete", running, "--yes")
    assert refused.code == 1
    assert f"cancel it first, with `vigil batches cancel {running[:8]}`" in refused.err
    with session_scope(open_engine()) as session:
        batch = get_batch(session, running)
        assert batch.status is Status.RUNNING
        cancel_batch(session, batch.id, utc_now())
    assert vigil("batches", "delete", running, "--yes").code == 0


def test_without_any_batch_the_command_to_start_one_is_named(vigil):
    assert "start one with vigil batch" in vigil("batches", "list").out
    assert "no batch has the id" in vigil("batches", "show", "abcdef").err


def test_a_source_that_was_removed_is_in_no_count(vigil, partial):
    assert vigil("sources", "remove", "munich", "--yes").code == 0
    document = vigil("batches", "show", partial, "--json").json
    assert (document["total_sources"], document["results_total"]) == (3, 2)
    assert document["completed_sources"] == 1
